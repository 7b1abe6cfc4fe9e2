"""A table over a paged list: asks for the next page when the view wants more, and never for the same one twice."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from desktop_app.domain.paging import Page
from desktop_app.errors import LabkeepError
from desktop_app.ui.jobs import Jobs
from desktop_app.ui.widgets.pill import Badge

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex

RECORD_ROLE = Qt.ItemDataRole.UserRole
BADGE_ROLE = Qt.ItemDataRole.UserRole + 1
MUTED_ROLE = Qt.ItemDataRole.UserRole + 2
ICON_ROLE = Qt.ItemDataRole.UserRole + 3
_NO_PARENT = QModelIndex()


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column: its title, its words, and how it looks."""

    title: str
    text: Callable[[Row], str]
    width: int = 140
    """Logical pixels; 0 takes the room that is left."""
    tip: Callable[[Row], str] | None = None
    badge: Callable[[Row], Badge | None] | None = None
    icon: Callable[[Row], str] | None = None
    right: bool = False
    muted: bool = False


class State(Enum):
    """What the list can show."""

    IDLE = auto()
    LOADING = auto()
    READY = auto()
    EMPTY = auto()
    FAILED = auto()


Fetch = Callable[[Any], Page[Row]]
"""Gets the key of the page before (None for the first) and returns a page; runs away from the GUI thread."""


class PagedTable(QAbstractTableModel, Generic[Row]):
    """Rows of one list. ``state_changed`` tells the view what to show around it."""

    state_changed = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        jobs: Jobs,
        columns: Sequence[Column[Row]],
        identity: Callable[[Row], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._columns = tuple(columns)
        self._identity = identity
        self._fetch: Fetch[Row] | None = None
        self._rows: list[Row] = []
        self._next: Any = None
        self._fetching = False
        self._state = State.IDLE

    @property
    def state(self) -> State:
        """What is to be shown now."""
        return self._state

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows that are loaded."""
        return tuple(self._rows)

    @property
    def columns(self) -> tuple[Column[Row], ...]:
        """The columns in their order."""
        return self._columns

    def show(self, fetch: Fetch[Row] | None) -> None:
        """Show another list from its beginning; the old rows stay until the first page is there. None shows nothing."""
        self._fetch = fetch
        if fetch is None:
            self._jobs.forget(self, "page")
            self._replace((), None)
            self._set_state(State.IDLE)
            return
        self.reload()

    def reload(self) -> None:
        """Read the list again from its beginning."""
        fetch = self._fetch
        if fetch is None:
            return
        self._fetching = True
        if not self._rows:
            self._set_state(State.LOADING)
        self._jobs.read(self, "page", lambda: fetch(None), self._on_first, self._on_failed)

    def upsert(self, record: Row) -> None:
        """Show a record as it is now: in its row, or as the newest one where it is not in the list."""
        row = self.row_of(self._identity(record))
        if row < 0:
            self.beginInsertRows(_NO_PARENT, 0, 0)
            self._rows.insert(0, record)
            self.endInsertRows()
            self._set_state(State.READY)
            return
        self._rows[row] = record
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(self._columns) - 1))

    def remove(self, identity: object) -> None:
        """Take a row away."""
        row = self.row_of(identity)
        if row >= 0:
            self.beginRemoveRows(_NO_PARENT, row, row)
            del self._rows[row]
            self.endRemoveRows()
            if not self._rows:
                self._set_state(State.EMPTY)

    def row_of(self, identity: object) -> int:
        """The row of a record, or -1."""
        return next((at for at, row in enumerate(self._rows) if self._identity(row) == identity), -1)

    def identity_at(self, row: int) -> object:
        """Who stands in a row, or None."""
        return self._identity(self._rows[row]) if 0 <= row < len(self._rows) else None

    def record(self, index: Index) -> Row | None:
        """The record at an index."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """How many rows are loaded."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """How many columns there are."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' titles."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(self._columns[section])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, tooltip, alignment, and for our delegate the pill, the icon and the record."""
        record = self.record(index)
        if record is None:
            return None
        column = self._columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return column.text(record)
            case Qt.ItemDataRole.ToolTipRole:
                return column.tip(record) if column.tip else column.text(record)
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(column)
        return self._own_role(column, record, role)

    def canFetchMore(self, parent: Index = _NO_PARENT) -> bool:
        """Whether there is another page that nobody asked for yet."""
        return not parent.isValid() and self._next is not None and not self._fetching

    def fetchMore(self, parent: Index = _NO_PARENT) -> None:
        """Ask for the next page; the view calls this again while rows are inserted, hence the guard."""
        fetch, key = self._fetch, self._next
        if fetch is None or not self.canFetchMore(parent):
            return
        self._fetching = True
        self._jobs.read(self, "page", lambda: fetch(key), self._on_more, self._on_failed)

    @staticmethod
    def _own_role(column: Column[Row], record: Row, role: int) -> Any:
        if role == RECORD_ROLE:
            return record
        if role == BADGE_ROLE:
            return column.badge(record) if column.badge else None
        if role == ICON_ROLE:
            return column.icon(record) if column.icon else None
        if role == MUTED_ROLE:
            return column.muted
        return None

    @staticmethod
    def _alignment(column: Column[Row]) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def _on_first(self, page: Page[Row]) -> None:
        self._replace(page.rows, page.next)
        self._fetching = False
        self._set_state(State.READY if self._rows else State.EMPTY)

    def _on_more(self, page: Page[Row]) -> None:
        known = {self._identity(row) for row in self._rows}
        fresh = [row for row in page.rows if self._identity(row) not in known]
        self._next = page.next
        if fresh:
            first = len(self._rows)
            self.beginInsertRows(_NO_PARENT, first, first + len(fresh) - 1)
            self._rows.extend(fresh)
            self.endInsertRows()
        self._fetching = False

    def _on_failed(self, error: LabkeepError) -> None:
        self._fetching = False
        self._set_state(State.READY if self._rows else State.FAILED)
        self.failed.emit(error)

    def _replace(self, rows: Iterable[Row], following: Any) -> None:
        self.beginResetModel()
        self._rows = list(rows)
        self._next = following
        self.endResetModel()

    def _set_state(self, state: State) -> None:
        self._state = state
        self.state_changed.emit(state)
