"""A table of records: what its columns say, and how our delegate draws them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from desktop_app.ui.text.badges import Badge
from desktop_app.ui.text.plain import plain_tip

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex

NO_PARENT = QModelIndex()
MOST_COMPARED = 1_000
"""Of so many records it is found out at once what they share: some milliseconds."""


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
    dot: Callable[[Row], QColor] | None = None
    """A round mark of this colour before the words."""
    mark: Callable[[Row], tuple[str, str] | None] | None = None
    """An icon at the right end, and the name of its colour in the theme."""
    spoken: Callable[[Row], str] | None = None
    """What is said of it to who does not see what stands beside the words."""
    progress: Callable[[Row], float | None] | None = None
    """Between 0 and 1, drawn as a bar instead of the words; None draws the words."""
    checked: Callable[[Row], bool] | None = None
    """Whether its box is ticked, where it has one before its words."""
    right: bool = False
    muted: bool = False
    key: str = ""
    """What it is remembered by, where the person may choose among columns."""
    sort: str | None = None
    """What the list is sorted by when the person asks for this column's order."""
    newest_first: bool = False
    """Whether its order begins at the end, as dates do."""
    least: int = 0
    """Narrower than this it would be cut, and is not made so by what was remembered."""
    extra: bool = False
    """Whether it is shown only on demand."""


class Cell(NamedTuple):
    """How one cell looks."""

    text: str
    badge: Badge | None
    icon: str
    progress: float | None
    checked: bool | None
    right: bool
    muted: bool
    dot: QColor | None = None
    mark: tuple[str, str] | None = None


class RecordModel(QAbstractTableModel, Generic[Row]):
    """Rows in memory under fixed columns; who derives from it brings the rows."""

    def __init__(
        self, columns: Sequence[Column[Row]], identity: Callable[[Row], object], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._identity = identity
        self._rows: list[Row] = []
        self.tinted: frozenset[int] = frozenset()
        """Rows that are drawn on another ground for a moment."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows that are loaded."""
        return tuple(self._rows)

    @property
    def columns(self) -> tuple[Column[Row], ...]:
        """The columns in their order."""
        return self._columns

    def change_columns(self, columns: Sequence[Column[Row]]) -> None:
        """Other columns at the end; those with which both begin stay, and so do the rows."""
        fixed = next(
            (at for at, (old, new) in enumerate(zip(self._columns, columns, strict=False)) if old is not new),
            min(len(self._columns), len(columns)),
        )
        if fixed < len(self._columns):
            self.beginRemoveColumns(NO_PARENT, fixed, len(self._columns) - 1)
            self._columns = self._columns[:fixed]
            self.endRemoveColumns()
        if fixed < len(columns):
            self.beginInsertColumns(NO_PARENT, fixed, len(columns) - 1)
            self._columns = tuple(columns)
            self.endInsertColumns()

    def shared(self, records: Sequence[Row]) -> list[tuple[str, str]]:
        """Titles and words of the columns that say the same of all of these; of very many none is looked at."""
        if len(records) > MOST_COMPARED:
            return []
        firsts = [(column, column.text(records[0])) for column in self._columns] if records else []
        return [
            (column.title, first) for column, first in firsts if all(column.text(each) == first for each in records)
        ]

    def row_of(self, identity: object) -> int:
        """The row of a record, or -1."""
        return next((at for at, row in enumerate(self._rows) if self._identity(row) == identity), -1)

    def identity_at(self, row: int) -> object:
        """Who stands in a row, or None."""
        return self._identity(self._rows[row]) if 0 <= row < len(self._rows) else None

    def record(self, index: Index) -> Row | None:
        """The record at an index."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        """How many rows are loaded."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        """How many columns there are."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' titles."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._columns[section].title)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(self._columns[section])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, tooltip and alignment."""
        record = self.record(index)
        if record is None:
            return None
        column = self._columns[index.column()]
        match role:
            case Qt.ItemDataRole.AccessibleTextRole if column.spoken is not None:
                return column.spoken(record)
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return column.text(record)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(column.tip(record) if column.tip else column.text(record))
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(column)
            case Qt.ItemDataRole.CheckStateRole if column.checked is not None:
                return Qt.CheckState.Checked if column.checked(record) else Qt.CheckState.Unchecked
        return None

    def cell(self, index: Index) -> Cell | None:
        """What our delegate draws, in one answer: a question to Qt for each would cost more than the drawing."""
        record = self.record(index)
        if record is None:
            return None
        column = self._columns[index.column()]
        return Cell(
            column.text(record),
            column.badge(record) if column.badge else None,
            column.icon(record) if column.icon else "",
            column.progress(record) if column.progress else None,
            column.checked(record) if column.checked else None,
            column.right,
            column.muted,
            column.dot(record) if column.dot else None,
            column.mark(record) if column.mark else None,
        )

    @staticmethod
    def _alignment(column: Column[Row]) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter
