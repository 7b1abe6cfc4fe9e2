"""What a signed-in person sees: header, tabs, banner, transfer panel, status."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QStackedWidget, QTabBar, QWidget

from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.records import Center
from desktop_app.errors import ConflictError, LabkeepError, NotFoundError, RefusedError
from desktop_app.services.documents.add_results import AddOutcome, AddSummary
from desktop_app.ui.foundation import icons
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.foundation.window_state import WindowState
from desktop_app.ui.models.transfers import Destination, Transfers
from desktop_app.ui.shell.conflicts import Conflicts
from desktop_app.ui.shell.connection_monitor import ConnectionMonitor
from desktop_app.ui.shell.header import Header
from desktop_app.ui.shell.kit_banner import KitBanner
from desktop_app.ui.shell.rollback_banner import RollbackBanner
from desktop_app.ui.shell.shortcuts import add_shortcuts
from desktop_app.ui.shell.status_strip import StatusStrip
from desktop_app.ui.shell.store_monitor import StoreMonitor
from desktop_app.ui.shell.transfer_watchdog import TransferWatchdog
from desktop_app.ui.shell.upkeep import Upkeep
from desktop_app.ui.tabs.activity import ActivityTab
from desktop_app.ui.tabs.centers import CentersTab
from desktop_app.ui.tabs.documents import DocumentsTab
from desktop_app.ui.tabs.samples import SamplesTab
from desktop_app.ui.tabs.tab_context import RecordTab, TabContext, TabPage
from desktop_app.ui.tabs.users import UsersTab
from desktop_app.ui.text import notices
from desktop_app.ui.text.message_bus import MessageBus, Notice, sentence
from desktop_app.ui.text.plain import give_tab_tip
from desktop_app.ui.widgets.background_tasks import BackgroundTasks, TaskStrip
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.styling import column, row
from desktop_app.ui.widgets.transfer_panel import TransferPanel

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices
    from desktop_app.services.session.lab import Lab


@dataclass(frozen=True)
class _Tab:
    icon: str
    title: str
    page: RecordTab


class Workspace(QWidget):
    """One signed-in person, one open center at a time."""

    center_opened = Signal(object)
    """The CenterServices that is open now."""

    def __init__(
        self, lab: "Lab", jobs: Jobs, memory: WindowState, messages: MessageBus, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("page", "true")
        self.transfers = Transfers(jobs, self)
        tasks = BackgroundTasks(jobs, self)
        self.context = TabContext(lab, jobs, messages, memory, tasks, self.transfers)
        self.work: CenterServices | None = None
        self._retired: list[CenterServices] = []
        self._lost = notices.server_lost(self.refresh)
        self.monitor = ConnectionMonitor(lab, jobs, self)
        self.store_watch = StoreMonitor(lab, jobs, self)
        self.header = Header(jobs, lab)
        self.centers = CentersTab(self.context)
        self.users = UsersTab(self.context)
        self.samples = SamplesTab(self.context)
        self.documents = DocumentsTab(self.context)
        self.activity = ActivityTab(self.context)
        self._tabs = (
            _Tab("building-2", self.tr("Centers"), self.centers),
            _Tab("users", self.tr("Users"), self.users),
            _Tab("test-tube", self.tr("Samples"), self.samples),
            _Tab("files", self.tr("Documents"), self.documents),
            _Tab("history", self.tr("Activity"), self.activity),
        )
        self.tab_bar = QTabBar()
        self._stack = QStackedWidget()
        self.banner = Banner()
        self.alarm = RollbackBanner(self.context, lambda: self.work, self.refresh)
        self.watchdog = TransferWatchdog(self.context, self.banner, self.header.indicator)
        self.panel = TransferPanel(self.transfers)
        self.conflicts = Conflicts(self.transfers, jobs, self)
        self._strip = TaskStrip(tasks)
        self._status = StatusStrip(lab.profile)
        self.upkeep = Upkeep(self.context, self)
        self._kit = KitBanner(self.context)
        self._build()
        self._connect()
        add_shortcuts(
            self,
            self.tab_bar,
            {
                "Ctrl+F": self.header.focus_search,
                "Ctrl+K": self.header.switcher.open,
                "F5": self.refresh,
                "Ctrl+N": lambda: self.page.make_new(),
                "Ctrl+O": lambda: self.documents.make_new() if self.page is self.documents else None,
            },
        )

    def open_center(self, ref: "str | UUID | Center") -> None:
        """Open another center; what is shown stays until it is there."""
        lab = self.context.lab
        self.context.jobs.read(self, "center", lambda: lab.center(ref), self._on_center, self._on_center_failed)

    def show_tab(self, page: TabPage) -> None:
        """Bring a tab to the front."""
        self.tab_bar.setCurrentIndex(next(at for at, tab in enumerate(self._tabs) if tab.page is page))

    @property
    def page(self) -> RecordTab:
        """The tab that is in front."""
        return self._tabs[self.tab_bar.currentIndex()].page

    def save_layout(self) -> None:
        """Remember sizes."""
        for tab in self._tabs:
            tab.page.save_layout()

    def _build(self) -> None:
        strip = QFrame()
        strip.setObjectName("tab_strip")
        self.tab_bar.setExpanding(False)
        self.tab_bar.setDrawBase(False)
        self.tab_bar.setIconSize(QSize(16, 16))
        self.tab_bar.setAccessibleName(self.tr("Tabs"))
        line = row(strip, gap=0)
        line.setContentsMargins(8, 0, 8, 0)
        line.addWidget(self.tab_bar)
        line.addStretch(1)
        for number, tab in enumerate(self._tabs, start=1):
            self.tab_bar.addTab(icons.icon(tab.icon, icons.MUTED), tab.title)
            give_tab_tip(
                self.tab_bar, number - 1, self.tr("{tab} (Ctrl+{number})").format(tab=tab.title, number=number)
            )
            self._stack.addWidget(tab.page)
        holder = column()
        holder.setContentsMargins(16, 8, 16, 0)
        holder.addWidget(self.alarm)
        holder.addWidget(self.banner)
        holder.addWidget(self._kit)
        layout = column(self, gap=0)
        layout.addWidget(self.header)
        layout.addWidget(strip)
        layout.addLayout(holder)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.panel)
        layout.addWidget(self._strip)
        layout.addWidget(self._status)

    def _connect(self) -> None:
        context, messages = self.context, self.context.messages
        self.tab_bar.currentChanged.connect(self._on_tab)
        self.header.center_chosen.connect(self.open_center)
        self.header.searched.connect(self._on_searched)
        self.header.retried.connect(self.refresh)
        context.jobs.failed.connect(self._on_failed)
        context.jobs.reached.connect(self._on_reached)
        self.monitor.slowed.connect(self.header.indicator.set_slow)
        self.monitor.asked.connect(self.store_watch.look_again)
        self.store_watch.lost.connect(self.header.indicator.set_store)
        self.store_watch.back.connect(lambda: self.header.indicator.set_store(""))
        for returned in (self.store_watch.back, self.monitor.back):
            returned.connect(self.documents.preview.retry)
        self.documents.preview.failed.connect(self.store_watch.look_again)
        self.monitor.lost.connect(self._on_lost)
        self.monitor.back.connect(self._on_back)
        self.monitor.shut_out.connect(self._on_shut_out)
        self.monitor.changed.connect(self._on_changed)
        self.monitor.left.connect(self._on_left)
        for moved, pages in (
            (self.monitor.center_moved, (self.samples, self.documents, self.activity)),
            (self.monitor.shared_moved, (self.centers, self.users)),
        ):
            for page in pages:
                moved.connect(page.mark_stale)
        for tab in self._tabs:
            tab.page.records.model.failed.connect(self._on_list_failed)
        messages.noticed.connect(self.banner.show_notice)
        messages.cleared.connect(self.banner.clear)
        messages.said.connect(self._status.say)
        self.panel.answer.clicked.connect(self.conflicts.ask)
        self.center_opened.connect(self.upkeep.sweep)
        for asked in (self._status.status_asked, self.header.status_asked):
            asked.connect(self.upkeep.show_status)
        self.panel.document_asked.connect(self._on_transferred_document)
        self.transfers.finished.connect(lambda summary, _destination: self._on_transferred(summary))
        self.centers.open_asked.connect(self.open_center)
        self.centers.changed.connect(self._on_center_edited)
        self.samples.history_asked.connect(self._on_history)
        self.documents.history_asked.connect(self._on_history)
        self.samples.documents_asked.connect(self._on_sample_documents)
        self.samples.document_asked.connect(self._on_document)
        self.samples.changed.connect(self.activity.mark_stale)
        self.documents.sample_asked.connect(self._on_sample)
        self.documents.changed.connect(self._on_documents_changed)

    def refresh(self) -> None:
        """Read everything that is looked at again."""
        self.banner.clear()
        self._spoil()
        self.monitor.look_again()

    def _spoil(self) -> None:
        for tab in self._tabs:
            tab.page.mark_stale()

    def begin(self, center: str = "") -> None:
        """Say what must be known at once, and open a center: the given one, the person's own, or the last one."""
        lab, memory = self.context.lab, self.context.memory
        self.alarm.look()
        for notice in notices.at_sign_in(lab):
            self.context.messages.notice(notice)
        self._kit.look()
        self.show_tab(self.documents)
        wanted = center or lab.user.center_id or memory.last_center(lab.profile.installation_id, lab.user.id)
        if wanted:
            self.open_center(wanted)
        else:
            self._open_first()

    def _open_first(self) -> None:
        lab = self.context.lab

        def first() -> "CenterServices | None":
            rows = lab.centers.list(CenterFilter(), None, 1).rows
            return lab.center(rows[0]) if rows else None

        self.context.jobs.read(self, "center", first, self._on_first)

    def _on_first(self, work: "CenterServices | None") -> None:
        if work is None:
            self._set_work(None)  # the tabs offer nothing then, and the monitor looks on
            self.show_tab(self.centers)
            if not (self.context.lab.user.is_system_administrator or self.banner.text):
                self.context.messages.notice(notices.no_center())
            return
        self._on_center(work)

    def _on_center(self, work: "CenterServices") -> None:
        if not work.center.is_active:
            if self.work is not None and self.work.center.id == work.center.id:
                self._set_work(None)
            self.context.messages.notice(notices.center_closed(work.center, lambda: self.open_center(work.center.id)))
            return
        self._set_work(work)
        lab = self.context.lab
        self.context.memory.keep_center(lab.profile.installation_id, lab.user.id, work.center.id)
        self.center_opened.emit(work)

    def _set_work(self, work: "CenterServices | None") -> None:
        if self.work is not None:
            self._retired.append(self.work)
        self.work = work
        self.header.set_center(work.center if work is not None else None)
        for tab in self._tabs:
            tab.page.set_center(work)
        self._release()
        self.monitor.watch(work)

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
        self._spoil()

    def _on_changed(self, work: "CenterServices") -> None:
        self._on_center(work)
        if work.center.is_active:
            self.context.messages.notice(notices.role_changed(work))

    def _on_left(self) -> None:
        if self.work is not None:
            self.context.messages.notice(notices.center_left(self.work.center))
        self._set_work(None)
        # Not one of the person's memberships: those whose last day is over are among them.
        self._open_first()

    def _on_list_failed(self, error: LabkeepError) -> None:
        if self.banner.notice is self._lost and self.page.records.banner.text:
            self.banner.clear()
        self._on_refused(error)

    def _on_refused(self, error: LabkeepError) -> None:
        if isinstance(error, RefusedError):
            self.monitor.look_again()

    def _on_transferred(self, summary: AddSummary | None) -> None:
        self._release()
        if summary is None or any(result.outcome is AddOutcome.FAILED for result in summary.results):
            self.monitor.look_again()

    def _on_center_failed(self, error: LabkeepError) -> None:
        if self.work is None and isinstance(error, NotFoundError):
            self._open_first()
            return
        self.context.messages.notice(Notice(sentence(error), Tone.DANGER))

    def _on_failed(self, error: LabkeepError) -> None:
        self.context.messages.fail(error)
        self._on_refused(error)
        if isinstance(error, ConflictError):
            self.page.mark_stale()

    def _release(self) -> None:
        """Close the centers that were left, unless files are still under way into them."""
        done = [work for work in self._retired if not self.transfers.uses(work)]
        self._retired = [work for work in self._retired if work not in done]
        for work in done:
            self.context.jobs.write(self, work.close, lambda _none: None)

    def _on_tab(self, at: int) -> None:
        for tab in self._tabs:
            if tab.page is not self._tabs[at].page:
                tab.page.leave()
        self._stack.setCurrentIndex(at)
        self._tabs[at].page.refresh_if_stale()

    def _on_searched(self, text: str) -> None:
        work = self.work
        if work is None or not text:
            self.page.search_for(text)
            return

        def not_a_barcode(error: LabkeepError) -> None:
            if not isinstance(error, NotFoundError):
                self.context.jobs.failed.emit(error)
            elif not self.page.search_for(text):
                self.show_tab(self.samples)
                self.samples.search_for(text)

        self.context.jobs.read(self, "scan", lambda: work.samples.get(text), self._on_scanned, not_a_barcode)

    def _on_scanned(self, sample: Any) -> None:
        self.header.search.clear()
        self._on_sample(sample.id)

    def _on_history(self, row_id: UUID, name: str) -> None:
        self.activity.show_record(row_id, name)
        self.show_tab(self.activity)

    def _on_sample(self, sample_id: UUID) -> None:
        self.samples.show_sample(sample_id)
        self.show_tab(self.samples)

    def _on_sample_documents(self, sample_id: UUID, name: str) -> None:
        self.documents.show_sample(sample_id, name)
        self.show_tab(self.documents)

    def _on_document(self, document_id: UUID) -> None:
        self.documents.show_document(document_id)
        self.show_tab(self.documents)

    def _on_transferred_document(self, destination: Destination, document_id: UUID) -> None:
        if self.work is None or self.work.center.id != destination.work.center.id:
            self.open_center(destination.work.center.id)
        self._on_document(document_id)

    def _on_documents_changed(self) -> None:
        for page in (self.samples, self.activity, self.centers):
            page.mark_stale()

    def _on_center_edited(self, center: Center) -> None:
        if self.work is not None and self.work.center.id == center.id:
            self.open_center(center.id)
