"""Dragging a record out of a table: told once the mouse has moved far enough with its button down."""

from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from desktop_app.ui.widgets.table import RecordTable


class DragSource(QObject):
    """Watches a table; while a row is being dragged, no other one is chosen."""

    started = Signal(object)
    """The record that is being dragged."""

    def __init__(self, table: RecordTable) -> None:
        super().__init__(table)
        self._table = table
        self._pressed: QPoint | None = None
        self._record: Any = None
        table.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Press, move and release over the rows."""
        del watched
        if not isinstance(event, QMouseEvent):
            return False
        if event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()
            self._record = self._table.record_at(self._pressed)
        elif event.type() == QEvent.Type.MouseMove and self._record is not None:
            return self._on_move(event)
        elif event.type() == QEvent.Type.MouseButtonRelease:
            self._record = None
        return False

    def _on_move(self, event: QMouseEvent) -> bool:
        if not event.buttons() & Qt.MouseButton.LeftButton or self._pressed is None:
            return False
        moved = (event.position().toPoint() - self._pressed).manhattanLength()
        if moved >= QApplication.startDragDistance():
            record, self._record = self._record, None
            self.started.emit(record)
        return True
