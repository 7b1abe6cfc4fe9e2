"""Why rows of a sheet do not come in, cell by cell."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QModelIndex
from PySide6.QtWidgets import QWidget

from desktop_app.domain.sheets import SheetProblem
from desktop_app.ui.models.columns import Column
from desktop_app.ui.text import formatting
from desktop_app.ui.text.messages import said
from desktop_app.ui.widgets.column_choices import on_one_line
from desktop_app.ui.widgets.small_table import ShortModel
from desktop_app.ui.widgets.styling import column, muted
from desktop_app.ui.widgets.table import RecordTable

MOST_SHOWN = 1_000


class SheetProblems(QWidget):
    """A table of them, and below it the whole sentence of the chosen one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: ShortModel[SheetProblem] = ShortModel(_columns(), lambda each: each[:2], self)
        self.table = RecordTable(self._model, _tr("Rows with problems"))
        self._whole = muted()
        self._whole.hide()
        self._more = muted(caption=True)
        layout = column(self)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._whole)
        layout.addWidget(self._more)
        layout.addStretch(0)
        self.table.selectionModel().currentRowChanged.connect(lambda index, _before: self._show_whole(index))

    @property
    def rows(self) -> tuple[SheetProblem, ...]:
        """Those that are shown."""
        return self._model.rows

    def show_problems(self, problems: Sequence[SheetProblem]) -> None:
        """Show the first of them, and say how many there are."""
        self._model.set_rows(problems[:MOST_SHOWN])
        self._whole.hide()
        self.table.setVisible(bool(problems))
        text = _tr("The first {count} problems of {total} are shown.")
        hidden = len(problems) > MOST_SHOWN
        numbers = (formatting.number(MOST_SHOWN), formatting.number(len(problems)))
        self._more.setText(text.format(count=numbers[0], total=numbers[1]) if hidden else "")
        self._more.setVisible(hidden)

    def _show_whole(self, index: QModelIndex) -> None:
        """The sentence of the chosen row, which its cell may not have room for."""
        problem = self._model.record(index)
        self._whole.setText("" if problem is None else said(problem.problem))
        self._whole.setVisible(problem is not None)


def _columns() -> tuple[Column[SheetProblem], ...]:
    return (
        Column(_tr("Row"), lambda each: formatting.number(each.row), 64, right=True),
        Column(_tr("Column"), lambda each: on_one_line(each.column), 100),
        Column(_tr("Value"), lambda each: on_one_line(each.value), 100, muted=True),
        Column(_tr("Problem"), lambda each: on_one_line(said(each.problem)), 0, tip=lambda each: said(each.problem)),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("sheet_problems", text)
