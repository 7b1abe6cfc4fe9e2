"""A short list of which each row has a box: by the mouse, or with Space for all chosen rows."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from desktop_app.ui.models.columns import Column
from desktop_app.ui.widgets.small_table import SmallTable

Row = TypeVar("Row")


class CheckTable(SmallTable[Row]):
    """Tells what is to be ticked or not; which rows are, the owner knows: the first column has ``checked``."""

    toggled = Signal(list)
    """The rows whose boxes are asked to change: all of them the way of the first."""

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        identity: Callable[[Row], object],
        name: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(columns, identity, name, parent)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.clicked.connect(self._on_clicked)
        self.table.installEventFilter(self)

    def refresh(self) -> None:
        """Draw the boxes as they are now."""
        model = self.model
        if model.rows:
            model.dataChanged.emit(model.index(0, 0), model.index(len(model.rows) - 1, model.columnCount() - 1))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Space ticks."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Space:
            self._tell(self.table.selectionModel().selectedRows())
            return True
        return super().eventFilter(watched, event)

    def _on_clicked(self, index: QModelIndex) -> None:
        if index.column() == 0:
            self._tell([index])

    def _tell(self, indexes: Sequence[QModelIndex]) -> None:
        rows = [self.model.record(index) for index in sorted(indexes, key=lambda index: index.row())]
        if rows:
            self.toggled.emit(rows)
