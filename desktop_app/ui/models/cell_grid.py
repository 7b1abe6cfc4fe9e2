"""Cells of text that one types or pastes into: named columns, rows that grow, and what is wrong with a cell."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt, Signal

from desktop_app.ui.models.columns import NO_PARENT, Index
from desktop_app.ui.text import formatting
from desktop_app.ui.text.plain import plain_tip

FEWEST = 100
"""So many rows are there to be typed into."""
SPARE = 20
"""So many empty ones stay below the last that has something."""


class CellGrid(QAbstractTableModel):
    """Rows of texts; ``edited`` comes when the person changes one."""

    edited = Signal()

    def __init__(self, headings: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.headings = tuple(headings)
        self._rows = [self._blank() for _ in range(FEWEST)]
        self._problems: Mapping[tuple[int, int], str] = {}
        self.offers: Mapping[int, Sequence[str]] = {}
        """By column, words that are offered to whoever types there."""

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """All up to the last that has something."""
        return tuple(map(tuple, self._rows[: self._filled()]))

    @property
    def filled(self) -> int:
        """How many rows have something."""
        return sum(map(any, self._rows))

    @property
    def is_empty(self) -> bool:
        """Whether no cell has anything."""
        return not any(map(any, self._rows))

    def text(self, row: int, column: int) -> str:
        """What stands in a cell."""
        return self._rows[row][column]

    def block(self, top: int, left: int, bottom: int, right: int) -> list[list[str]]:
        """What stands in a rectangle of cells, row by row."""
        return [line[left : right + 1] for line in self._rows[top : bottom + 1]]

    def problem(self, row: int, column: int) -> str:
        """What is wrong there, in a sentence; empty where nothing is."""
        return self._problems.get((row, column), "")

    def show_problems(self, problems: Mapping[tuple[int, int], str]) -> None:
        """Mark these cells, and no others."""
        self._problems = problems
        self._tell(0, 0, len(self._rows) - 1, len(self.headings) - 1)

    def put(self, row: int, columns: Sequence[int | None], cells: Sequence[Sequence[str]]) -> None:
        """Write rows from *row* on, each cell into its column; None for cells that go nowhere."""
        self.grow(row + len(cells) + SPARE)
        for at, line in enumerate(cells, start=row):
            for column, cell in zip(columns, line, strict=False):
                if column is not None:
                    self._rows[at][column] = cell
        self._tell(row, 0, row + len(cells) - 1, len(self.headings) - 1)
        self.edited.emit()

    def empty(self, places: Iterable[tuple[int, int]]) -> None:
        """Take away what stands in these cells."""
        filled = [(row, column) for row, column in places if self._rows[row][column]]
        for row, column in filled:
            self._rows[row][column] = ""
        if filled:
            rows = [row for row, _column in filled]
            self._tell(min(rows), 0, max(rows), len(self.headings) - 1)
            self.edited.emit()

    def grow(self, count: int) -> None:
        """Have at least so many rows."""
        missing = count - len(self._rows)
        if missing > 0:
            self.beginInsertRows(NO_PARENT, len(self._rows), count - 1)
            self._rows += [self._blank() for _ in range(missing)]
            self.endInsertRows()

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        """How many rows there are, the empty ones too."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        """How many columns there are."""
        return 0 if parent.isValid() else len(self.headings)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The headings, and the numbers of the rows."""
        if orientation == Qt.Orientation.Vertical:
            return formatting.number(section + 1) if role == Qt.ItemDataRole.DisplayRole else None
        if not 0 <= section < len(self.headings):
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.headings[section]
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(self.headings[section])
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The text, and what is wrong with it as tooltip and for who hears it."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        text, problem = self._rows[index.row()][index.column()], self.problem(index.row(), index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return text
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{text} {problem}".strip()
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(problem or text)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802 - Qt's name
        """What was typed."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        if str(value) != self._rows[index.row()][index.column()]:
            self.put(index.row(), (index.column(),), ((str(value),),))
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every cell is typed into."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable if index.isValid() else Qt.ItemFlag.NoItemFlags

    def _blank(self) -> list[str]:
        return [""] * len(self.headings)

    def _filled(self) -> int:
        return next((at for at in range(len(self._rows), 0, -1) if any(self._rows[at - 1])), 0)

    def _tell(self, top: int, left: int, bottom: int, right: int) -> None:
        self.dataChanged.emit(self.index(top, left), self.index(bottom, right))


def problem_places(headings: Sequence[str], problems: Iterable[tuple[int, str, str]]) -> dict[tuple[int, int], str]:
    """The cells that rows (from 1) and headings name, each with its sentences."""
    places: dict[tuple[int, int], str] = {}
    columns = {heading: at for at, heading in enumerate(headings)}
    for row, heading, sentence in problems:
        place = row - 1, columns.get(heading, 0)
        before = places.get(place)
        places[place] = f"{before} {sentence}" if before else sentence
    return places
