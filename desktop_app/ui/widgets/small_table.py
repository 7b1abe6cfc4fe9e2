"""A short list inside a detail: the versions of a document, the documents of a sample."""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.ui.models.columns import Column, RecordModel
from desktop_app.ui.widgets.styling import column
from desktop_app.ui.widgets.table import HEADER_HEIGHT, ROW_HEIGHT, RecordTable

Row = TypeVar("Row")
MOST_ROWS = 5


class ShortModel(RecordModel[Row]):
    """Rows that are given whole."""

    def set_rows(self, rows: Iterable[Row]) -> None:
        """Show these."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()


class SmallTable(QWidget, Generic[Row]):
    """As high as its rows, up to *most* of them; then it scrolls."""

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        identity: Callable[[Row], object],
        name: str,
        parent: QWidget | None = None,
        most: int = MOST_ROWS,
    ) -> None:
        super().__init__(parent)
        self._most = most
        self._model: ShortModel[Row] = ShortModel(columns, identity, self)
        self.table = RecordTable(self._model, name, self)
        self.table.selectionModel().currentRowChanged.connect(
            lambda current, _previous: self.chosen.emit(self._model.record(current))
        )
        for asked in (self.table.opened, self.table.entered):
            asked.connect(lambda: self.opened.emit(self._model.record(self.table.currentIndex())))
        layout = column(self)
        layout.addWidget(self.table)
        self.set_rows(())

    @property
    def model(self) -> ShortModel[Row]:
        """Its model."""
        return self._model

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these."""
        self._model.set_rows(rows)
        self.table.setFixedHeight(ROW_HEIGHT * min(self._most, max(1, len(rows))) + HEADER_HEIGHT + 2)
