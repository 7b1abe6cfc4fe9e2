"""Rows of a short table that are put into another order by the mouse."""

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QTableView


class RowDragging(QObject):
    """Listens to a table; a line shows where the row would stand. Whoever hears of it moves the row."""

    moved = Signal(int, int)
    """From which row, and at which one it stands then; never the same."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._table = table
        self._row = -1
        self._start = QPoint()
        self._gap = -1
        self.is_allowed = True
        """Whether anything may be moved."""
        self.line = QFrame(table.viewport())
        self.line.setObjectName("drop_line")
        self.line.setFixedHeight(2)
        self.line.hide()
        for each in (table, table.viewport()):
            each.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Press, move, let go; Escape leaves all as it was."""
        if isinstance(event, QMouseEvent):
            match event.type():
                case QEvent.Type.MouseButtonPress if event.button() is Qt.MouseButton.LeftButton:
                    self._start = event.position().toPoint()
                    self._row = self._table.indexAt(self._start).row() if self.is_allowed else -1
                case QEvent.Type.MouseMove if self._row >= 0 and event.buttons() & Qt.MouseButton.LeftButton:
                    return self._on_moved(event.position().toPoint())
                case QEvent.Type.MouseButtonRelease if self._row >= 0:
                    return self._on_let_go()
        is_key = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_key and self._gap >= 0:
            if event.type() == QEvent.Type.KeyPress:
                self._end()
            # Else the key would be the dialog's, which closes by it.
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def _on_moved(self, at: QPoint) -> bool:
        is_far = (at - self._start).manhattanLength() >= QApplication.startDragDistance()
        if self._gap < 0 and not is_far:
            return True  # on the way to another row that one would be chosen
        rows, model = self._table.verticalHeader(), self._table.model()
        row = self._table.rowAt(max(0, at.y()))
        if row < 0:
            self._gap = model.rowCount()
        else:
            middle = self._table.rowViewportPosition(row) + rows.sectionSize(row) // 2
            self._gap = row + (at.y() > middle)
            # A list that is longer than its place goes along.
            self._table.scrollTo(model.index(row, 0))
        self._show_line()
        return True

    def _show_line(self) -> None:
        last = self._gap - 1
        y = self._table.rowViewportPosition(self._gap) if self._gap < self._table.model().rowCount() else -1
        if y < 0 and last >= 0:
            y = self._table.rowViewportPosition(last) + self._table.verticalHeader().sectionSize(last)
        bottom = self._table.viewport().height() - self.line.height()
        self.line.setFixedWidth(self._table.viewport().width())
        self.line.move(0, max(0, min(y - 1, bottom)))
        self.line.show()
        self.line.raise_()
        self._table.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def _on_let_go(self) -> bool:
        row, gap = self._row, self._gap
        self._end()
        if gap < 0:
            return False
        place = gap - 1 if gap > row else gap
        if place != row:
            self.moved.emit(row, place)
        return True

    def _end(self) -> None:
        self._row = self._gap = -1
        self.line.hide()
        self._table.viewport().unsetCursor()
