"""A drag from another program, as the window system would tell it: enter, moves, then leave or drop."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget


class Drag:
    """Files in the hand; the mime data lives as long as this object."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.mime = QMimeData()
        self.mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])

    def enter(self, widget: QWidget) -> bool:
        event = QDragEnterEvent(
            QPoint(5, 5),
            Qt.DropAction.CopyAction | Qt.DropAction.MoveAction,
            self.mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(widget, event)
        return event.isAccepted()

    def move(self, widget: QWidget) -> bool:
        event = QDragMoveEvent(
            QPoint(20, 20),
            Qt.DropAction.CopyAction | Qt.DropAction.MoveAction,
            self.mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(widget, event)
        return event.isAccepted()

    def leave(self, widget: QWidget) -> None:
        QApplication.sendEvent(widget, QDragLeaveEvent())

    def drop(self, widget: QWidget) -> QDropEvent:
        event = QDropEvent(
            QPointF(20, 20),
            Qt.DropAction.CopyAction | Qt.DropAction.MoveAction,
            self.mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(widget, event)
        return event
