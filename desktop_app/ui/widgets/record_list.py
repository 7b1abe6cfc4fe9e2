"""A list as every tab has it: search, filters, primary button; banner; then table, empty state or waiting; count."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.domain.paging import Count
from desktop_app.domain.sorting import Sort
from desktop_app.errors import InvalidInputError, LabkeepError
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.models.paged import PagedTable, State
from desktop_app.ui.text.message_bus import Notice, sentence, tone_of
from desktop_app.ui.text.plain import give_tip
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.empty_state import EmptyState
from desktop_app.ui.widgets.list_count import ListCount
from desktop_app.ui.widgets.list_keys import ListKeys
from desktop_app.ui.widgets.list_table import ListTable
from desktop_app.ui.widgets.search_field import search_field
from desktop_app.ui.widgets.spinner import Spinner
from desktop_app.ui.widgets.styling import column, row
from desktop_app.ui.widgets.visible_rows import VisibleRows

Row = TypeVar("Row")
TYPING_PAUSE_MS = 250
LEAST_SEARCH = 92
"""Pixels: beside the inspector, in the smallest window, filters and buttons have room then."""
WAIT_BEFORE_SPINNER_MS = 300
TABLE, EMPTY, WAITING, TROUBLE = range(4)
_IN_THE_SEARCH = frozenset({"filter", "search"})


@dataclass(frozen=True)
class Place:
    """Where a person has scrolled to: who stands at the top, in which row, and how far down."""

    identity: object
    row: int
    pixels: int


def _widgets(layout: QHBoxLayout) -> list[QWidget]:
    items = (layout.itemAt(at) for at in range(layout.count()))
    return [widget for item in items if item is not None and (widget := item.widget()) is not None]


class RecordList(QWidget, Generic[Row]):
    """The left side of a tab; the tab gives the model, the filters and what to say when nothing is there."""

    chosen = Signal(object)
    """The record whose row was chosen, or None."""
    several_chosen = Signal(object)
    """The records whose rows were chosen, where that may be several and are."""
    opened = Signal()
    """A double click on a row."""
    entered = Signal()
    """Enter on a row: scanners end with it, so it never opens a form."""
    searched = Signal()
    """The search or a filter changed; the tab shows the model anew."""

    def __init__(
        self,
        jobs: Jobs,
        model: PagedTable[Row],
        name: str,
        placeholder: str,
        counted: tuple[str, str] = ("", ""),
        parent: QWidget | None = None,
        *,
        sort: Sort[Any] | None = None,
        shortest: int = 1,
    ) -> None:
        """*counted* says one row and more ("1 sample", "{count} samples"); *sort*: the usual order, None for only one.

        Words shorter than *shortest* are searched for when Enter is pressed, not as one types: no index answers them.
        """
        super().__init__(parent)
        self.model = model
        self._jobs = jobs
        self._shortest = shortest
        self._accepted = ""
        self._wanted: object = None
        self._end_wanted = False
        self._several: tuple[object, ...] = ()
        self._told: object = None
        self._place = Place(None, 0, 0)
        self._stack = QStackedWidget(self)
        self._banner_box = QWidget(self)
        self.search = search_field(placeholder, self)
        self.table = ListTable(model, name, sort, self._stack)
        self.sight = VisibleRows(self.table, model)
        self.banner = Banner(self._banner_box)
        self.empty = EmptyState("inbox", "", parent=self._stack)
        self.trouble = EmptyState(
            "unplug", self.tr("The list could not be read"), action=self.tr("Try again"), parent=self._stack
        )
        self.columns = Button("", "columns-3", Kind.QUIET, self)
        self._count = ListCount(counted)
        self._toolbar = row(gap=8)
        self._end = row(gap=8)
        self._foot = row(gap=16)
        self._reading = Spinner(14, self)
        self._pause = QTimer(self, singleShot=True, interval=TYPING_PAUSE_MS)
        self._spinner_timer = QTimer(self, singleShot=True, interval=WAIT_BEFORE_SPINNER_MS)
        self._build()
        self._connect()

    def add_filter(self, widget: QWidget) -> None:
        """Put a filter beside the search."""
        self._toolbar.addWidget(widget)

    def add_foot(self, widget: QWidget) -> None:
        """Put what widens the list beside the count."""
        self._foot.addWidget(widget)

    def add_action(self, button: Button) -> None:
        """Put a button at the toolbar's end."""
        self._end.addWidget(button)

    def allow_many(self) -> None:
        """Let several rows be chosen, by Shift, Ctrl and the mouse."""
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)

    def search_for(self, text: str) -> None:
        """Search for what was asked for elsewhere, however short."""
        self._accepted = text.strip()
        self.search.setText(text)

    def clear_search(self) -> None:
        """Empty the search without asking for the list."""
        self._accepted = ""
        # Not behind its back: it would keep the cross that empties it.
        self.search.clear()
        self._pause.stop()

    @property
    def words(self) -> str:
        """What is searched for: what is typed, once it is long enough or Enter was pressed."""
        typed = self.search.text().strip()
        long_enough = any(len(word) >= self._shortest for word in typed.split())
        return typed if long_enough or typed == self._accepted else ""

    @property
    def sort(self) -> Sort[Any]:
        """The order that is wanted; for lists that have orders."""
        if self.table.sort is None:
            raise LookupError("this list has one order only")
        return self.table.sort

    @property
    def current(self) -> Row | None:
        """The chosen record."""
        return self.model.record(self.table.currentIndex())

    @property
    def selected(self) -> tuple[Row, ...]:
        """The chosen records, in the order of the list; of rows that are not read yet nobody knows."""
        found = (self.model.record_in(row) for row in self.table.chosen_rows)
        return tuple(record for record in found if record is not None)

    def select(self, identity: object) -> None:
        """Choose the row of a record now, or as soon as it is there."""
        self._wanted = identity
        self._choose_wanted()

    def show_empty(self) -> None:
        """Show the empty state instead of a list, such as for who may not read it."""
        self.model.show(None)
        self._count.forget()
        self._stack.setCurrentIndex(EMPTY)

    @property
    def count_text(self) -> str:
        """The count as it is shown."""
        return self._count.text()

    def showEvent(self, event: QShowEvent) -> None:
        """Tab goes the way the eye does; the tab has added what it has by now."""
        super().showEvent(event)
        above = [self.search, *_widgets(self._toolbar), *_widgets(self._end)]
        for first, second in pairwise([*above, self.table, *_widgets(self._foot), self.columns]):
            QWidget.setTabOrder(first, second)

    def _build(self) -> None:
        self.search.setMinimumWidth(LEAST_SEARCH)
        self.search.setMaximumWidth(320)
        bar = row(gap=8)
        bar.setContentsMargins(12, 12, 12, 8)
        bar.addWidget(self.search, 2)
        bar.addLayout(self._toolbar)
        # Without a weight: the search field grows first.
        bar.addStretch(0)
        bar.addLayout(self._end)
        holder = column(self._banner_box)
        holder.setContentsMargins(12, 0, 12, 8)
        holder.addWidget(self.banner)
        self._banner_box.hide()
        waiting = QWidget(self._stack)
        self._spinner = Spinner(24, waiting)
        self._spinner.hide()
        column(waiting).addWidget(self._spinner, 0, Qt.AlignmentFlag.AlignCenter)
        for page in (self.table, self.empty, waiting, self.trouble):
            self._stack.addWidget(page)
        layout: QVBoxLayout = column(self, gap=0)
        layout.addLayout(bar)
        layout.addWidget(self._banner_box)
        layout.addWidget(self._stack, 1)
        layout.addLayout(self._build_foot())

    def _build_foot(self) -> QHBoxLayout:
        self.columns.set_words(self.tr("Columns and order"))
        whole = row(gap=8)
        whole.setContentsMargins(12, 4, 8, 4)
        whole.addWidget(self._count)
        whole.addWidget(self._reading)
        whole.addStretch(1)
        whole.addLayout(self._foot)
        whole.addWidget(self.columns)
        give_tip(self._reading, self.tr("Reading…"))
        self._reading.hide()
        return whole

    def _connect(self) -> None:
        self.search.textChanged.connect(self._on_typed)
        self.search.returnPressed.connect(self._on_search_accepted)
        self.keys = ListKeys(self.search, self.table, self)
        self._pause.timeout.connect(self.searched)
        self._spinner_timer.timeout.connect(self._on_long_wait)
        self.columns.clicked.connect(self._on_columns)
        self.trouble.acted.connect(self.model.reload)
        self.table.opened.connect(self.opened)
        self.table.entered.connect(self.entered)
        self.table.sort_chosen.connect(self.searched)
        self.table.selectionModel().currentRowChanged.connect(self._on_row_changed)
        self.table.selectionModel().selectionChanged.connect(lambda _now, _before: self.tell_chosen())
        self.model.state_changed.connect(self._on_state)
        self.model.failed.connect(self._on_failed)
        self.model.fetching_changed.connect(self._on_fetching)
        self.model.counted.connect(self._on_counted)
        self.model.modelAboutToBeReset.connect(self._on_about_to_reset)
        self.model.modelReset.connect(self._on_reset)
        self.model.rowsInserted.connect(self._on_inserted)
        self.model.dataChanged.connect(self._on_data_changed)
        self.table.end_asked.connect(self._on_end_asked)

    def _on_typed(self, text: str) -> None:
        if text.strip() != self._accepted:
            self._accepted = ""
        if self.words == text.strip():
            self._pause.start()
            self._count.show_again()
        else:
            self._pause.stop()
            hint = self.tr("Press Enter to search for fewer than {count} letters.")
            self._count.hint(hint.format(count=self._shortest))

    def _on_search_accepted(self) -> None:
        self._accepted = self.search.text().strip()
        self._pause.stop()
        self.searched.emit()
        if self.model.rowCount():
            self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_row_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        record = self.model.record(current)
        if record is not None:
            self._wanted = None
        self.model.set_chosen(self.model.identity_at(current.row()))
        self._tell_chosen(record, again=False)

    def tell_chosen(self) -> None:
        """Tell of what is chosen and was not told of yet: Qt says it of row and selection, in either order."""
        if self.table.may_choose_many:
            self._tell_chosen(self.current, again=False)

    def _tell_chosen(self, record: Row | None, *, again: bool = True) -> None:
        several = self.selected if self.table.may_choose_many else ()
        chosen = several if len(several) > 1 else several[0] if several else record
        if again or chosen != self._told:
            (self.several_chosen if len(several) > 1 else self.chosen).emit(chosen)
        self._told = chosen

    def _on_data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        current = self.table.currentIndex()
        if current.isValid() and first.row() <= current.row() <= last.row():
            self.model.set_chosen(self.model.identity_at(current.row()))
            self._tell_chosen(self.model.record(current))
        else:
            self._choose_wanted()

    def _on_about_to_reset(self) -> None:
        top = self.table.rowAt(1)
        self._place = Place(self.model.identity_at(top), top, self.table.verticalScrollBar().value())
        rows = self.table.chosen_rows if self.table.may_choose_many else ()
        self._several = tuple(self.model.identity_at(row) for row in rows)
        if self._wanted is None:
            self._wanted = self.model.identity_at(self.table.currentIndex().row())

    def _on_reset(self) -> None:
        """Another list begins at its top; the same stays where it is. Only what is in it is chosen, and told again."""
        model, wanted, self._told = self.model, self._wanted, None
        bar = self.table.verticalScrollBar()
        self.table.updateGeometries()
        if model.is_renewed:
            bar.setValue(0)
            if model.rowCount() == 1 and wanted is not None:
                wanted = model.identity_at(0)
        elif self._place.pixels > 0:
            now = model.row_of(self._place.identity) if self._place.identity is not None else -1
            bar.setValue(self._place.pixels + (now - self._place.row if now >= 0 else 0) * self.table.row_height)
        at = model.row_of(wanted) if wanted is not None else -1
        if at >= 0:
            self._choose_quietly(at)
            if not model.is_renewed:
                self._choose_also(self._several)
        else:
            model.set_chosen(None)
            self._tell_chosen(None)

    def _on_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        bar = self.table.verticalScrollBar()
        if self.table.rowAt(1) >= first and bar.value() > 0:
            # What was in sight stays there.
            self.table.updateGeometries()
            bar.setValue(bar.value() + (last - first + 1) * self.table.row_height)
        self._choose_wanted()

    def _choose_wanted(self) -> None:
        at = self.model.row_of(self._wanted) if self._wanted is not None else -1
        if at >= 0:
            self.table.choose_row(at)

    def _choose_quietly(self, at: int) -> None:
        """Without bringing the row into sight: the person stays where he has scrolled to."""
        self.table.setAutoScroll(False)
        self.table.choose_row(at, bring=False)
        self.table.setAutoScroll(True)

    def _choose_also(self, identities: tuple[object, ...]) -> None:
        """Several rows were chosen before the list was read again: those that are still there are."""
        how = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for at in (self.model.row_of(each) for each in identities if each is not None):
            if at >= 0:
                self.table.selectionModel().select(self.model.index(at, 0), how)

    def _on_end_asked(self) -> None:
        self._end_wanted = self.model.is_counting

    def _on_state(self, state: State) -> None:
        pages = {State.LOADING: WAITING, State.EMPTY: EMPTY, State.FAILED: TROUBLE}
        self._stack.setCurrentIndex(pages.get(state, TABLE))
        # What failed is said after this.
        self.banner.clear()
        self._banner_box.hide()
        if state is State.FAILED:
            self._count.hide()
        if state in (State.EMPTY, State.FAILED, State.IDLE):
            self.table.selectionModel().setCurrentIndex(QModelIndex(), QItemSelectionModel.SelectionFlag.Clear)
            self.chosen.emit(None)

    def _on_fetching(self, fetching: bool) -> None:
        if fetching:
            self._spinner_timer.start()
            return
        self._spinner_timer.stop()
        self._spinner.hide()
        self._reading.hide()

    def _on_long_wait(self) -> None:
        (self._spinner if self.model.state is State.LOADING else self._reading).show()

    def _on_failed(self, error: LabkeepError) -> None:
        said = sentence(error)
        if isinstance(error, InvalidInputError) and not _IN_THE_SEARCH.isdisjoint(error.problems):
            # What was there before fits another question.
            self.empty.set("search", self.tr("Nothing was looked for"), said, self.empty.button.text())
            self.show_empty()
            return
        if self.model.state is State.FAILED:
            self.trouble.set("unplug", self.tr("The list could not be read"), said, self.tr("Try again"))
            return
        self.banner.show_notice(Notice(said, tone_of(error), self.tr("Try again"), self.model.reload))
        self._banner_box.show()

    def _on_columns(self) -> None:
        menu = self.table.menu()
        size, button = menu.sizeHint(), self.columns
        # Above the button, which is in the corner.
        menu.popup(button.mapToGlobal(QPoint(button.width() - size.width(), -size.height())))

    def _on_counted(self, count: Count) -> None:
        if self._end_wanted:
            self._end_wanted = False
            self.table.choose_row(self.model.rowCount() - 1)
        self._count.show_count(count, in_sight=self.model.state is not State.FAILED)
