"""A table over a paged list: asks for the next page when the view wants more, and never for the same one twice."""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum, auto
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.paging import Page
from desktop_app.errors import LabkeepError
from desktop_app.ui.jobs import Jobs
from desktop_app.ui.models.columns import NO_PARENT, Column, Index, RecordModel

Row = TypeVar("Row")


class State(Enum):
    """What the list can show."""

    IDLE = auto()
    LOADING = auto()
    READY = auto()
    EMPTY = auto()
    FAILED = auto()


Fetch = Callable[[Any], Page[Row]]
"""Gets the key of the page before (None for the first) and returns a page; runs away from the GUI thread."""


class PagedTable(RecordModel[Row]):
    """Rows of one list. ``state_changed`` tells the view what to show around it."""

    state_changed = Signal(object)
    failed = Signal(object)
    number_changed = Signal()
    """A record came or went by the person's own doing: what was counted before is old."""
    fetching_changed = Signal(bool)
    """A page is being read, or not any more."""

    def __init__(
        self,
        jobs: Jobs,
        columns: Sequence[Column[Row]],
        identity: Callable[[Row], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(columns, identity, parent)
        self._jobs = jobs
        self._fetch: Fetch[Row] | None = None
        # What the rows came from, and where it goes on. Not yet _fetch while that is read for the first time, and
        # not at all where it failed: a key of one order means nothing in another.
        self._shown: Fetch[Row] | None = None
        self._next: Any = None
        self._fetching = False
        self._state = State.IDLE

    @property
    def state(self) -> State:
        """What is to be shown now."""
        return self._state

    def show(self, fetch: Fetch[Row] | None) -> None:
        """Show another list from its beginning; the old rows stay until the first page is there. None shows nothing."""
        self._fetch = fetch
        if fetch is None:
            self._jobs.forget(self, "page")
            self._set_fetching(False)
            self._replace((), None)
            self._set_state(State.IDLE)
            return
        self.reload()

    def reload(self) -> None:
        """Read the list again from its beginning."""
        fetch = self._fetch
        if fetch is None:
            return
        if not self._rows:
            self._set_state(State.LOADING)
        self._set_fetching(True)
        self._jobs.read(self, "page", lambda: fetch(None), lambda page: self._on_first(fetch, page), self._on_failed)

    def upsert(self, record: Row) -> None:
        """Show a record as it is now: in its row, or above all where it is not in the list, so that it is seen."""
        row = self.row_of(self._identity(record))
        if row < 0:
            self.beginInsertRows(NO_PARENT, 0, 0)
            self._rows.insert(0, record)
            self.endInsertRows()
            self._set_state(State.READY)
            self.number_changed.emit()
            return
        self._rows[row] = record
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(self._columns) - 1))

    def remove(self, identity: object) -> None:
        """Take a row away."""
        row = self.row_of(identity)
        if row >= 0:
            self.beginRemoveRows(NO_PARENT, row, row)
            del self._rows[row]
            self.endRemoveRows()
            if not self._rows:
                self._set_state(State.EMPTY)
            self.number_changed.emit()

    def canFetchMore(self, parent: Index = NO_PARENT) -> bool:
        """Whether there is another page that nobody asked for yet."""
        return not parent.isValid() and self._next is not None and not self._fetching

    def fetchMore(self, parent: Index = NO_PARENT) -> None:
        """Ask for the next page; the view calls this again while rows are inserted, hence the guard."""
        fetch, key = self._shown, self._next
        if fetch is None or not self.canFetchMore(parent):
            return
        self._set_fetching(True)
        self._jobs.read(self, "page", lambda: fetch(key), self._on_more, self._on_failed)

    def _on_first(self, fetch: Fetch[Row], page: Page[Row]) -> None:
        self._shown = fetch
        self._replace(page.rows, page.next)
        self._set_fetching(False)
        self._set_state(State.READY if self._rows else State.EMPTY)

    def _on_more(self, page: Page[Row]) -> None:
        known = {self._identity(row) for row in self._rows}
        fresh = [row for row in page.rows if self._identity(row) not in known]
        self._next = page.next
        if fresh:
            first = len(self._rows)
            self.beginInsertRows(NO_PARENT, first, first + len(fresh) - 1)
            self._rows.extend(fresh)
            self.endInsertRows()
        self._set_fetching(False)

    def _on_failed(self, error: LabkeepError) -> None:
        self._set_fetching(False)
        self._set_state(State.READY if self._rows else State.FAILED)
        self.failed.emit(error)

    def _replace(self, rows: Iterable[Row], following: Any) -> None:
        self.beginResetModel()
        self._rows = list(rows)
        self._next = following
        self.endResetModel()

    def _set_fetching(self, fetching: bool) -> None:
        if fetching is not self._fetching:
            self._fetching = fetching
            self.fetching_changed.emit(fetching)

    def _set_state(self, state: State) -> None:
        self._state = state
        self.state_changed.emit(state)
