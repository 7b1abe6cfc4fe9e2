"""A tab of records: a list with its filters, the chosen record with its actions, and words where there is nothing.

A tab says what it is a list of (:class:`Listing`), where its rows come from (``source``), what a record is shown in
(``make_detail``) and how (``show_record``), and what may be done (:class:`Action`). All else is done here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from PySide6.QtCore import QByteArray, QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from desktop_app.domain.rights import Verb
from desktop_app.domain.sorting import Sort
from desktop_app.errors import LabkeepError
from desktop_app.ui.dialogs.form_dialog import FormDialog
from desktop_app.ui.models.columns import Column
from desktop_app.ui.models.list_source import Source
from desktop_app.ui.models.paged import PagedTable
from desktop_app.ui.tabs.choice_counts import count_when_opened
from desktop_app.ui.tabs.copying import copy_action
from desktop_app.ui.tabs.tab_context import TabContext, Target
from desktop_app.ui.tabs.tab_page import TabPage
from desktop_app.ui.text import formatting, notices
from desktop_app.ui.widgets.actions import YES, Action, ActionButton, Allowed, LiveAction
from desktop_app.ui.widgets.choosing_all import ChoosingAll
from desktop_app.ui.widgets.detail import Detail
from desktop_app.ui.widgets.empty_state import EmptyWords
from desktop_app.ui.widgets.list_filters import BinFilter, InactiveFilter, ListFilter, OwnerFilter
from desktop_app.ui.widgets.list_news import ListNews
from desktop_app.ui.widgets.reasoned_menu import ReasonedMenu
from desktop_app.ui.widgets.record_list import RecordList
from desktop_app.ui.widgets.split_view import SplitView
from desktop_app.ui.widgets.styling import column
from desktop_app.ui.widgets.verbs import MoreButton, fill_menu

Row = TypeVar("Row")


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """What a tab is a list of."""

    name: str
    """By it sizes and columns are remembered."""
    columns: Sequence[Column[Row]]
    counted: tuple[str, str]
    """One and more, such as "1 sample" and "{count} samples"."""
    placeholder: str = ""
    """What the search finds; empty where there is no search."""
    sort: Sort[Any] | None = None
    """The usual order; None where there is only one."""
    shortest: int = 1
    """Shorter words are searched for when Enter is pressed."""
    key: str = "id"
    """The field that names a record."""
    has_inactive: bool = True
    """Whether its records may be deactivated."""
    has_bin: bool = False
    """Whether those may be deleted for good."""


class RecordTab(TabPage, Generic[Row]):
    """A list at the left and the chosen record at the right."""

    def __init__(self, context: TabContext, listing: Listing[Row], parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._listing = listing
        self._halves = SplitView(context.window_state, listing.name, self)
        self.records = self._make_list(listing)
        self._actions: dict[str, LiveAction[Row]] = {}
        self._own_actions: list[LiveAction[None]] = []
        self._menu_actions: list[LiveAction[Row]] = []
        self._filters: list[ListFilter] = []
        self._owner: OwnerFilter | None = None
        self._shown: Row | None = None
        # Each person's own, because bench computers are shared.
        self._columns_name = f"{listing.name}_columns_{context.lab.user.id.hex}"
        self.records.table.remember(context.window_state.layout(self._columns_name))
        self.news = ListNews(self.records, self.key_of, listing.sort, self.records)
        self.records.add_foot(self.news)
        self._inactive, self._bin = InactiveFilter(), BinFilter()
        for each, is_wanted in ((self._inactive, listing.has_inactive), (self._bin, listing.has_bin)):
            if is_wanted:
                self._take_filter(each)
                self.records.add_foot(each)
        self.detail = self.make_detail(self._halves.right)  # after the foot: so Tab goes, too
        self._halves.arrange(self.records, self.detail, self.make_below(self._halves.right))
        layout = column(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.addWidget(self._halves)
        self._connect()
        self.copy = self.add_action(copy_action(self.records, context.messages, self.may_export), elsewhere=True)

    # What a tab says of itself.

    def make_detail(self, parent: QWidget) -> Detail:
        """For the tab: what a record is shown in."""
        return Detail(parent)

    def make_below(self, parent: QWidget) -> QWidget | None:
        """For the tab: what stands below the record."""
        return None

    def source(self) -> Source[Row] | EmptyWords:
        """For the tab: the list with the filters of now, or why there is none to be read."""
        return self.nothing_yet()

    def show_record(self, record: Row, before: Row | None) -> None:
        """For the tab: show the record in the detail; *before* is what was shown until now."""

    def show_nothing(self) -> None:
        """No single record is chosen; for a tab that shows it elsewhere, too."""
        self.detail.show_nothing()

    def nothing_yet(self) -> EmptyWords:
        """For the tab: what there is to say where no record is there at all."""
        return EmptyWords(self.icon, self.tr("Nothing here yet"))

    def nothing_fits(self) -> EmptyWords:
        """For the tab: what there is to say where none fits the search and filters."""
        return EmptyWords("search", self.tr("Nothing found"))

    # What a tab is built from.

    def add_filter(self, filter: ListFilter) -> None:
        """Put a filter beside the search."""
        self._take_filter(filter)
        self.records.add_filter(filter)
        if isinstance(filter, OwnerFilter):
            self._owner = filter

    def add_action(self, action: Action[Row], *, elsewhere: bool = False) -> LiveAction[Row]:
        """Something that may be done with the chosen record: it is in the head of the record and in the context menu.

        *elsewhere*: the tab finds another place for a button of it, and those do not have it.
        """
        live: LiveAction[Row] = LiveAction(action, self)
        self._actions[action.name] = live
        if not elsewhere:
            self._menu_actions.append(live)
            self.detail.verbs.add(live)
        if action.do_for_many is not None and not elsewhere:
            self.records.allow_many()
        return live

    def add_own_action(self, action: Action[None]) -> LiveAction[None]:
        """Something that needs no record: the first is a button above the list and the empty list's next step.

        The others stand behind ⋯ beside it, and in the menu bar.
        """
        live = LiveAction.at_once(action, self)
        self._own_actions.append(live)
        if len(self._own_actions) == 1:
            self.records.add_action(ActionButton(live, self.records))
            self._more = MoreButton(self.records)
            self.records.add_action(self._more)
        self._more.offer(tuple(self._own_actions[1:]))
        return live

    # What it does by itself.

    def reload(self) -> None:
        """Read the list."""
        source = self.source()
        if isinstance(source, EmptyWords):
            self.records.empty.say(source)
            self.records.show_empty()
            return
        self.records.empty.say(self.nothing_fits() if self.is_narrowed else self.nothing_yet())
        self.records.model.show(source)

    def others_moved(self, by_others: bool) -> None:
        """What others did is shown as theirs."""
        if by_others:
            self.news.expect()
        super().others_moved(by_others)

    @property
    def filters(self) -> tuple[ListFilter, ...]:
        """What narrows or widens the list."""
        return tuple(self._filters)

    @property
    def is_narrowed(self) -> bool:
        """Whether the search or a filter leaves something out."""
        return bool(self.records.words) or any(each.is_set for each in self._filters)

    def center_changed(self) -> None:
        """Forget what belongs to the other center; other things may be done."""
        if self._owner is not None:
            self._owner.take_off()
        self.forget()

    def forget(self) -> None:
        """Show no list and no record, until the list is read again."""
        self.set_seeking(False)
        self.records.model.show(None)
        self._on_chosen(None)
        self.refresh_own_actions()

    def refresh_own_actions(self) -> None:
        """Ask again what may be done where no record is needed."""
        for action in self._own_actions:
            action.show_for((None,))

    def refresh_actions(self) -> None:
        """Ask again what may be done with what is chosen."""
        self._offer(() if self._shown is None else (self._shown,))

    def go_to(self, target: Target) -> None:
        """Show what is wanted: other filters, a search, one record wherever it stands in the list."""
        if target.unfiltered:
            self.take_filters_off()
            self.reload()
        if target.only is not None and self._owner is not None:
            self._owner.put_on(target.only)
            self.mark_stale()
        if target.search is not None:
            self.search_for(target.search)
        if target.record is not None:
            self._look_up(target.record)

    def take_focus(self) -> None:
        """Be in the list: a tab that comes to the front is worked with at once."""
        self.records.keys.take_focus()

    def search_for(self, text: str) -> bool:
        """Put the text into the list's search, where there is one."""
        if self._listing.placeholder:
            self.records.search_for(text)
        return bool(self._listing.placeholder)

    def take_filters_off(self, _record: Row | None = None) -> None:
        """Take the search and the filters off, without reading: all of them, or what would hide a record."""
        self.records.clear_search()
        for each in self._filters:
            each.take_off()

    def save_layout(self) -> None:
        """Remember the halves, the columns and the order."""
        self._halves.save()
        self.context.window_state.keep_layout(self._columns_name, QByteArray(self.records.table.list_layout.to_bytes()))

    def action(self, name: str) -> LiveAction[Row]:
        """What may be done with what is chosen, by its name."""
        return self._actions[name]

    def set_seeking(self, seeking: bool) -> None:
        """Whether another record than the one that is shown is looked for: until then nothing is done with this one."""
        if seeking and self.detail.isAncestorOf(self.focusWidget()):
            self.records.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.detail.setEnabled(not seeking)
        for action in self._actions.values():
            action.set_barred(seeking)

    def record_menu(self) -> QMenu:
        """What may be done with what is chosen, for the mouse's other button and the menu key."""
        menu = ReasonedMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_menu(menu, [action for action in self._menu_actions if action.isVisible()])
        return menu

    def open_menu(self, menu: QMenu) -> None:
        """Open what an action of the list leads to, under the list's ⋯."""
        self._more.open_menu(menu)

    # What tabs do with records.

    def may(self, verb: Verb) -> Allowed:
        """Whether the person may do this in the open center, and if not, why."""
        if self.work is None:
            return False, self.tr("No center is open.")
        return YES if self.work.may(verb) else (False, formatting.why_not(self.work.standing, verb))

    def may_export(self, _record: object = None) -> Allowed:
        """Whether the laboratory lets anything be written in clear on this computer, and if not, why."""
        return self.context.lab.policy.export, self.tr("Your laboratory's policy keeps documents inside Labkeep here.")

    def add_made(self, record: Row) -> None:
        """A record was made: choose it, and tell the other tabs."""
        self.records.select(self.key_of(record))
        self.records.model.upsert(record)
        self.context.events.changed.emit(self.record_class, record)

    def put_saved(self, record: Row) -> None:
        """A record was changed: show it as it is now, or take it away, and tell the other tabs."""
        active = getattr(record, "is_active", True)
        if not active if self._bin.isChecked() else active or self._inactive.isChecked():
            self.records.model.upsert(record)
        else:
            self.records.model.remove(self.key_of(record))
        self.context.events.changed.emit(self.record_class, record)

    def put_away(self, key: object) -> None:
        """A record was deleted for good: take it away, and tell the other tabs."""
        self.records.model.remove(key)
        self.context.events.changed.emit(self.record_class, None)

    def open_form(self, dialog: FormDialog) -> None:
        """Show a form about the chosen record; where others changed that meanwhile, the list is read again."""
        dialog.stale.connect(self.mark_stale)
        dialog.open()

    def _make_list(self, listing: Listing[Row]) -> RecordList[Row]:
        model: PagedTable[Row] = PagedTable(self.context.jobs, listing.columns, self.key_of)
        words = self.title(), listing.placeholder, listing.counted
        records: RecordList[Row] = RecordList(
            self.context.jobs, model, *words, self._halves.left, sort=listing.sort, shortest=listing.shortest
        )
        model.setParent(records)
        if not listing.placeholder:
            records.search.hide()
        return records

    def _connect(self) -> None:
        records = self.records
        records.searched.connect(self.reload)
        records.chosen.connect(self._on_chosen)
        records.several_chosen.connect(self._on_several)
        records.empty.acted.connect(self._on_empty_action)
        records.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        records.table.customContextMenuRequested.connect(self._on_menu)
        choosing = ChoosingAll(records)
        choosing.seeking.connect(self.set_seeking)
        choosing.too_many.connect(lambda: self.context.messages.notice(notices.too_many_chosen()))

    def key_of(self, record: Row) -> object:
        """What names a record."""
        return getattr(record, self._listing.key)

    def _take_filter(self, filter: ListFilter) -> None:
        self._filters.append(filter)
        filter.changed.connect(self.reload)
        count_when_opened(self.context.jobs, self.source, filter)

    def _offer(self, records: Sequence[Row]) -> None:
        for action in self._actions.values():
            action.show_for(records)
        self.detail.verbs.refresh()

    def _on_chosen(self, record: Row | None) -> None:
        before, self._shown = self._shown, record
        self._offer(() if record is None else (record,))
        if record is None or before is None or self.key_of(before) != self.key_of(record):
            self.detail.go_to_top()
        if record is None:
            self.show_nothing()
        else:
            self.show_record(record, before)
        self._open_inspector(record is not None)

    def _open_inspector(self, opened: bool) -> None:
        """It is there while something is chosen, and else the list has all the room."""
        if not opened and self._halves.right.isAncestorOf(self.focusWidget()):
            self.records.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self._halves.open_right(opened)

    def _on_several(self, records: Sequence[Row]) -> None:
        self._shown = None
        self.show_nothing()
        count = self._listing.counted[1].format(count=formatting.number(len(records)))
        self.detail.show_many(count, self.records.model.shared(records))
        self._offer(records)
        self._open_inspector(True)

    def _look_up(self, key: UUID) -> None:
        source = self.source()
        if isinstance(source, EmptyWords) or (again := source.again) is None:
            return
        self.context.jobs.read(self, "one", lambda: again(key), self._on_found, self._on_not_found)

    def _on_not_found(self, error: LabkeepError) -> None:
        self.set_seeking(False)
        self.context.jobs.failed.emit(error)

    def _on_found(self, record: Row) -> None:
        self.set_seeking(False)
        key = self.key_of(record)
        if self.records.model.row_of(key) < 0:
            self.take_filters_off(record)
            if not getattr(record, "is_active", True):
                self._inactive.include()
            self.reload()
        self.records.select(key)
        self.records.model.upsert(record)

    def _on_empty_action(self) -> None:
        if self.is_narrowed or self.records.search.text():
            self.take_filters_off()
            self.reload()
        elif self._own_actions:
            self._own_actions[0].trigger()

    def _on_menu(self, at: QPoint) -> None:
        if not self.detail.is_empty:
            self.record_menu().popup(self.records.table.viewport().mapToGlobal(at))
