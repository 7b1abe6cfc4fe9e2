"""What keeps rows of a sheet out: one line for each bad cell, with its row, column, value and a sentence."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QModelIndex, Signal
from PySide6.QtWidgets import QWidget

from desktop_app.domain.sheets import SheetProblem
from desktop_app.ui.models.columns import Column
from desktop_app.ui.text import formatting
from desktop_app.ui.text.messages import said
from desktop_app.ui.widgets.column_choices import on_one_line
from desktop_app.ui.widgets.small_table import ShortModel
from desktop_app.ui.widgets.styling import column, muted
from desktop_app.ui.widgets.table import HEADER_HEIGHT, PAD, ROW_HEIGHT, RecordTable

SHOWN_PROBLEMS = 1_000


class SheetProblems(QWidget):
    """Not there where nothing is wrong; ``asked`` brings the problem whose cell somebody wants to see."""

    asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most = 0
        self.total = 0
        """How many there are, also those without a line."""
        self._model: ShortModel[SheetProblem] = ShortModel(_columns(), lambda each: each[:2], self)
        self.table = RecordTable(self._model, _tr("Rows with problems"))
        self.whole = muted()
        self.more = muted(caption=True)
        layout = column(self)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.whole)
        layout.addWidget(self.more)
        self.table.selectionModel().currentRowChanged.connect(lambda index, _before: self._show_whole(index))
        self.table.clicked.connect(self._on_asked)
        self.table.entered.connect(lambda: self._on_asked(self.table.currentIndex()))
        self.show_problems(())

    @property
    def rows(self) -> tuple[SheetProblem, ...]:
        """Those that have a line."""
        return self._model.rows

    def set_most(self, rows: int) -> None:
        """Be no higher than so many lines, and lower where there are fewer."""
        self._most = rows

    def show_problems(self, problems: Sequence[SheetProblem]) -> None:
        """Show these."""
        self.total = len(problems)
        self._model.set_rows(problems[:SHOWN_PROBLEMS])
        self.whole.hide()
        if self._most:
            self.table.setFixedHeight(ROW_HEIGHT * min(self._most, len(self.rows)) + HEADER_HEIGHT + 2)
        text = _tr("The first {count} problems of {total} are shown.")
        hidden = len(problems) > SHOWN_PROBLEMS
        numbers = (formatting.number(SHOWN_PROBLEMS), formatting.number(len(problems)))
        self.more.setText(text.format(count=numbers[0], total=numbers[1]) if hidden else "")
        self.more.setVisible(hidden)
        self.setVisible(bool(problems))

    def _show_whole(self, index: QModelIndex) -> None:
        """The sentence of the chosen row, where its cell has no room for it."""
        problem = self._model.record(index)
        text = "" if problem is None else said(problem.problem)
        room = self.table.columnWidth(self._model.columnCount() - 1) - 2 * PAD
        self.whole.setText(text)
        self.whole.setVisible(self.table.fontMetrics().horizontalAdvance(text) > room)

    def _on_asked(self, index: QModelIndex) -> None:
        problem = self._model.record(index)
        if problem is not None:
            self.asked.emit(problem)


def _columns() -> tuple[Column[SheetProblem], ...]:
    return (
        Column(_tr("Row"), lambda each: formatting.number(each.row), 64, right=True),
        Column(_tr("Column"), lambda each: on_one_line(each.column), 100),
        Column(_tr("Value"), lambda each: on_one_line(each.value), 128, muted=True),
        Column(_tr("Problem"), lambda each: on_one_line(said(each.problem)), 0, tip=lambda each: said(each.problem)),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("sheet_problems", text)
