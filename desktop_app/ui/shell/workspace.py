"""What a signed-in person sees: header, tabs, banners, transfer panel, status."""

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from desktop_app.domain.records import Center, Document
from desktop_app.errors import ConflictError, LabkeepError, RefusedError, UnavailableError
from desktop_app.services.documents.add_results import AddOutcome, AddSummary
from desktop_app.ui.dialogs.shortcuts import Keyed, ShortcutsDialog
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.turns import one_per_turn
from desktop_app.ui.foundation.window_state import WindowState
from desktop_app.ui.models.transfers import Destination, Transfers
from desktop_app.ui.shell.action_list import ActionList
from desktop_app.ui.shell.connection_monitor import ConnectionMonitor
from desktop_app.ui.shell.draft_banner import DraftBanner
from desktop_app.ui.shell.header import Header
from desktop_app.ui.shell.kit_banner import KitBanner
from desktop_app.ui.shell.maintenance import Maintenance
from desktop_app.ui.shell.menu_bar import MenuBar
from desktop_app.ui.shell.navigator import Navigator
from desktop_app.ui.shell.open_center import OpenCenter
from desktop_app.ui.shell.pages.today import TodayPage
from desktop_app.ui.shell.palette import Palette
from desktop_app.ui.shell.places import Places
from desktop_app.ui.shell.rollback_banner import RollbackBanner
from desktop_app.ui.shell.status_strip import StatusStrip
from desktop_app.ui.shell.store_monitor import StoreMonitor
from desktop_app.ui.shell.tabs import TabArea, Tabs
from desktop_app.ui.shell.title_conflicts import TitleConflicts
from desktop_app.ui.shell.transfer_watchdog import TransferWatchdog
from desktop_app.ui.shell.trust_banner import TrustBanner
from desktop_app.ui.shell.undo import Undo
from desktop_app.ui.shell.update_watch import UpdateWatch
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.tabs.tab_context import TabContext, TabEvents, Target
from desktop_app.ui.tabs.tab_page import TabPage
from desktop_app.ui.text import notices
from desktop_app.ui.text.message_bus import MessageBus, Notice
from desktop_app.ui.widgets.actions import Action, ActionAppearance, LiveAction, Menu
from desktop_app.ui.widgets.background_tasks import BackgroundTasks, TaskStrip
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.styling import column
from desktop_app.ui.widgets.transfer_panel import TransferPanel

if TYPE_CHECKING:
    from desktop_app.services.installation.installation_backups import InstallationBackups
    from desktop_app.services.session.center_services import CenterServices
    from desktop_app.services.session.lab import Lab


CENTER_CLOSED = "center_closed"
"""The code of what a closed center answers to everything."""
TAB_PAUSE_MS = 100
"""Between two tabs that nobody has asked for yet: what is in front is read and painted meanwhile."""


class Workspace(QWidget):
    """One signed-in person, one open center at a time."""

    center_switched = Signal(object)
    """The CenterServices of now, or None; also where the same center begins anew."""
    center_opened = Signal(object)
    """The CenterServices that is open now."""

    def __init__(
        self,
        lab: "Lab",
        jobs: Jobs,
        window_state: WindowState,
        messages: MessageBus,
        backups: "Callable[[], InstallationBackups]",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("page", "true")
        self.transfers = Transfers(jobs, self)
        tasks = BackgroundTasks(jobs, self)
        self.navigator = Navigator(self)
        self.context = TabContext(
            lab, jobs, messages, window_state, tasks, self.transfers, self.navigator.go, TabEvents(self), backups
        )
        self._lost = notices.server_lost(self.refresh)
        self._unread: Notice | None = None
        self.monitor = ConnectionMonitor(lab, jobs, self)
        self.store_watch = StoreMonitor(lab, jobs, self)
        self.header = Header(jobs, lab, window_state, self)
        self.area = TabArea(self.context, Tabs, self)
        self.tabs = self.area.tabs
        self.today = TodayPage(self.context, self)
        self.area.add_page(self.today)
        self.places = Places(self.context, self.area, self)
        self.navigator.serve(self.context, self.area)
        self.actions_of_all = ActionList(self.area, self, self.header, self.area.bar)
        self.menu_bar = MenuBar(self.actions_of_all, self)
        self.palette_of_all = Palette(self.context, self.header.search, self.actions_of_all, self)
        self._center = OpenCenter(self.context, self)
        self.banner = Banner(self)
        self.alarm = RollbackBanner(self.context, lambda: self.work, self.refresh, self)
        self.watchdog = TransferWatchdog(self.context, self.banner, self.header.indicator)
        self.panel = TransferPanel(self.transfers, self)
        self.conflicts = TitleConflicts(self.transfers, jobs, self)
        self.strip = TaskStrip(tasks, self)
        self.strips = column(gap=0)
        """Below the tabs: what is said as long as it is so, whatever is in front."""
        self.foot = StatusStrip(lab.profile, self)
        self.undo = Undo(self.context.messages, self.foot, self)
        self.maintenance = Maintenance(self.context, self)
        self.updates = UpdateWatch(self.context, self)
        self._kit = KitBanner(self.context, self)
        self.trust = TrustBanner(self.context, self)
        self.drafts = DraftBanner(self.context, self.tabs, self)
        self._build()
        self._connect_center()
        self._connect_tabs()
        self._connect_messages()

    @property
    def work(self) -> "CenterServices | None":
        """The center that is open."""
        return self._center.work

    @property
    def page(self) -> RecordTab[Any]:
        """The tab that is in front."""
        return self.area.front

    def open_center(self, ref: "str | UUID | Center") -> None:
        """Open another center; what is shown stays until it is there."""
        self._center.open(ref)

    def show_tab(self, page: TabPage) -> None:
        """Bring a tab to the front."""
        self.area.show(page)

    def show_today(self) -> None:
        """Show what wants to be looked at, in place of the tabs."""
        self.area.cover(self.today)
        self.header.home.setFocus(Qt.FocusReason.OtherFocusReason)
        self.today.read()

    def save_layout(self) -> None:
        """Remember sizes, and where the person is."""
        for tab in self.tabs.there:
            tab.save_layout()
        self.places.save()

    def refresh(self) -> None:
        """Read everything that is looked at again."""
        self.banner.clear()
        self._mark_all_stale()
        self.monitor.look_again()

    def pause(self) -> None:
        """The window is locked: nobody is asked anything any more."""
        self.monitor.stop()
        self.store_watch.stop()
        self.maintenance.scrubbing.stop()
        self.updates.stop()

    def resume(self) -> None:
        """It is unlocked: whatever was looked at is read again."""
        self.monitor.watch(self.work)
        self.maintenance.scrubbing.watch(self.work)
        self.updates.watch()
        self.refresh()

    def prepare(self, *then: Callable[[], None]) -> None:
        """Make what is seen first and do these, in turns of their own: all in one would be a silence of the window."""
        one_per_turn(self, (lambda: getattr(self.tabs, self.places.front), *then))

    def begin(self, center: str = "") -> None:
        """Say what must be known at once, and open a center: the given one, the person's own, or the last one."""
        self.alarm.look()
        for notice in notices.at_sign_in(self.context.lab):
            self.context.messages.notice(notice)
        self._kit.look()
        self.trust.look()
        self.drafts.look()
        self.updates.watch()
        self.area.show(getattr(self.tabs, self.places.front))
        self._center.open_usual(center)
        one_per_turn(self, [self.tabs.make_next] * len(self.tabs.kinds), TAB_PAUSE_MS)

    def _build(self) -> None:
        holder = column()
        holder.setContentsMargins(16, 8, 16, 0)
        holder.addWidget(self.alarm)
        holder.addWidget(self.trust)
        holder.addWidget(self.banner)
        holder.addWidget(self._kit)
        holder.addWidget(self.drafts)
        layout = column(self, gap=0)
        layout.setMenuBar(self.menu_bar)
        layout.addWidget(self.header)
        layout.addWidget(self.area.strip)
        layout.addLayout(self.strips)
        layout.addLayout(holder)
        layout.addLayout(self.area.place, 1)
        layout.addWidget(self.panel)
        layout.addWidget(self.strip)
        layout.addWidget(self.foot)
        for action in self._actions():
            LiveAction.at_once(action, self)

    def _actions(self) -> tuple[Action[None], ...]:
        """What may be done whatever tab is in front; the tabs have their own, and the person's menu."""

        def shared(name: str, text: str, icon: str, do: Callable[[], object], menu: Menu, *keys: str) -> Action[None]:
            return Action(name, ActionAppearance(text, icon), lambda _none: do(), keys=keys, menu=menu)

        return (
            shared("search", self.tr("&Search the list"), "search", self._search_list, Menu.EDIT, "Ctrl+F"),
            shared(
                "palette",
                self.tr("&Go to or do…"),
                "scan-barcode",
                self.palette_of_all.open,
                Menu.VIEW,
                "Ctrl+P",
                "Ctrl+Shift+P",
            ),
            shared("switch", self.tr("Switch &center…"), "building-2", self.header.switcher.open, Menu.VIEW, "Ctrl+K"),
            shared("today", self.tr("&Today"), "house", self.show_today, Menu.VIEW, "Alt+Home"),
            Action(
                "rows",
                lambda _none: ActionAppearance(
                    self.tr("&Higher rows") if self.places.is_compact else self.tr("&Lower rows"), "columns-3"
                ),
                lambda _none: self.places.change_rows(),
                menu=Menu.VIEW,
                is_apart=True,
            ),
            shared("refresh", self.tr("&Read again"), "rotate-ccw", self.refresh, Menu.VIEW, "F5"),
            shared("shortcuts", self.tr("&Shortcuts…"), "info", self._show_shortcuts, Menu.HELP, "F1"),
        )

    def _search_list(self) -> None:
        """The field of the list in front; where the list has none, the header's."""
        field = self.page.records.search
        (field if field.isVisible() else self.header.search).setFocus(Qt.FocusReason.ShortcutFocusReason)
        field.selectAll()

    def _show_shortcuts(self) -> None:
        groups = defaultdict[str, list[Keyed]](list, {self.tr("Everywhere"): []})
        for offer in self.actions_of_all:
            keys = tuple(key.toString(QKeySequence.SequenceFormat.NativeText) for key in offer.keys)
            if keys:
                groups[offer.place or self.tr("Everywhere")].append((offer.words, keys))
        ShortcutsDialog(groups, self).open()

    def _connect_center(self) -> None:
        center = self._center
        center.switched.connect(lambda work: self.header.set_center(work.center if work is not None else None))
        center.switched.connect(self._on_switched)
        center.switched.connect(self.center_switched)
        center.switched.connect(self.monitor.watch)
        center.switched.connect(self.navigator.set_center)
        center.switched.connect(self.drafts.set_center)
        center.switched.connect(self.palette_of_all.set_center)
        center.switched.connect(lambda _work: self.undo.forget())
        center.switched.connect(self.today.set_center)
        self.header.home.clicked.connect(self.show_today)
        center.switched.connect(self.maintenance.scrubbing.watch)
        center.opened.connect(self.center_opened)
        center.opened.connect(self.maintenance.sweep)
        center.missing.connect(self._on_no_center)
        self.header.center_chosen.connect(self.open_center)
        self.navigator.center_wanted.connect(self.open_center)
        self.monitor.changed.connect(center.change)
        self.monitor.left.connect(center.leave)

    def _connect_tabs(self) -> None:
        self.palette_of_all.searched.connect(self.navigator.search)
        self.palette_of_all.center_chosen.connect(self.open_center)
        self.palette_of_all.left.connect(lambda: self.page.take_focus())
        self.navigator.sample_found.connect(self.header.search.clear)
        self.panel.document_asked.connect(self._on_transferred_document)
        self.context.events.stored_file_failed.connect(self.store_watch.look_again)
        self.tabs.made.connect(self._on_tab_made)

    def _connect_messages(self) -> None:
        context, messages, indicator = self.context, self.context.messages, self.header.indicator
        self.header.retried.connect(self.refresh)
        context.jobs.failed.connect(self._on_failed)
        context.jobs.unread.connect(self._on_unread)
        context.jobs.reached.connect(self._on_reached)
        self.monitor.slowed.connect(indicator.set_slow)
        self.monitor.asked.connect(self.store_watch.look_again)
        self.store_watch.lost.connect(indicator.set_store)
        self.store_watch.back.connect(lambda: indicator.set_store(""))
        self.monitor.lost.connect(self._on_lost)
        self.monitor.back.connect(self._on_back)
        for returned in (self.store_watch.back, self.monitor.back):
            returned.connect(self.today.retry)
        self.monitor.shut_out.connect(self._on_shut_out)
        messages.noticed.connect(self.banner.show_notice)
        messages.cleared.connect(self.banner.clear)
        messages.said.connect(self.foot.say)
        for other in (messages.said, messages.undo_offered, self._center.switched):
            other.connect(lambda *_what: self.banner.let_pass())
        context.events.changed.connect(self._tell_the_rest)
        self.panel.answer.clicked.connect(self.conflicts.ask)
        for asked in (self.foot.status_asked, self.header.status_asked):
            asked.connect(self.maintenance.show_status)
        self.updates.announced.connect(self.foot.announce)
        self.foot.update_asked.connect(self.header.about_asked)
        self.header.trust_asked.connect(self.trust.show_dialog)
        self.transfers.finished.connect(self._on_transferred)

    def _tell_the_rest(self) -> None:
        for notice in notices.not_told_yet(self.context.lab):
            self.context.messages.notice(notice)

    def _on_tab_made(self, tab: RecordTab[Any]) -> None:
        self.foot.come_last()
        self.places.restore(tab)
        tab.set_center(self.work)
        moved = self.monitor.center_moved if tab.of_center else self.monitor.shared_moved
        moved.connect(tab.others_moved)
        self.monitor.confirmed.connect(tab.news.confirm)
        self.monitor.lost.connect(tab.news.lose)
        tab.records.model.failed.connect(self._on_list_failed)
        for returned in (self.store_watch.back, self.monitor.back):
            returned.connect(tab.retry)

    def _on_switched(self, work: "CenterServices | None") -> None:
        for tab in self.tabs.there:
            tab.set_center(work)

    def _mark_all_stale(self) -> None:
        for tab in self.tabs.there:
            tab.mark_stale()

    def _on_no_center(self) -> None:
        self.area.show(self.tabs.centers)
        if not (self.context.lab.user.is_system_administrator or self.banner.text):
            self.context.messages.notice(notices.no_center())

    def _on_reached(self, reached: bool) -> None:
        if reached:
            self.header.indicator.set_reached(True)

    def _on_shut_out(self, error: LabkeepError) -> None:
        self.context.messages.notice(notices.shut_out(error, self.header.sign_out_asked.emit))

    def _on_lost(self) -> None:
        self.header.indicator.set_reached(False)
        # Where the list in front says it, with the same next step, once is enough.
        if not self.banner.text and not self.page.records.banner.text:
            self.banner.show_notice(self._lost)

    def _on_back(self) -> None:
        if self.banner.notice is self._lost:
            self.banner.clear()
        self._mark_all_stale()

    def _on_list_failed(self, error: LabkeepError) -> None:
        said = (self._lost, self._unread)
        if self.banner.notice is not None and self.banner.notice in said and self.page.records.banner.text:
            self.banner.clear()
        self._on_refused(error)

    def _on_unread(self, error: LabkeepError) -> None:
        """Of a server that is away the list in front says it, once, for all that was read with it."""
        is_away, said = isinstance(error, UnavailableError), self.banner.notice
        if is_away and (self.page.records.banner.text or (said is not None and said.holds)):
            return
        self._on_failed(error)
        self._unread = self.banner.notice if is_away else None

    def _on_refused(self, error: LabkeepError) -> None:
        if isinstance(error, RefusedError):
            self.monitor.look_again()

    def _on_failed(self, error: LabkeepError) -> None:
        # What still asked in a center that was left fails, too; why it was left is said already, and says more.
        said = self.banner.notice
        if error.code != CENTER_CLOSED or said is None or said is not self._center.departure:
            self.context.messages.fail(error)
        self._on_refused(error)
        if isinstance(error, ConflictError):
            self.page.mark_stale()

    def _on_transferred(self, summary: AddSummary | None, destination: Destination) -> None:
        if self.work is destination.work:
            self.context.events.changed.emit(Document, None)
        if summary is None or any(result.outcome is AddOutcome.FAILED for result in summary.results):
            self.monitor.look_again()

    def _on_transferred_document(self, destination: Destination, document_id: UUID) -> None:
        self.navigator.go(Target(Document, document_id, center=destination.work.center.id))
