"""Ctrl+L above dialogs: a modal dialog takes the window's shortcuts away, and this key must work all the same.

It listens where all keys arrive first, at the windows of the system (see ui/shell/idle.py).
"""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow


class LockKey(QObject):
    """Says that somebody wants the window locked, whatever lies over it."""

    pressed = Signal()

    def __init__(self, application: QGuiApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        application.focusWindowChanged.connect(self._listen)
        self._listen(application.focusWindow())

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Take the key, and nothing else."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() != Qt.Key.Key_L or event.modifiers() != Qt.KeyboardModifier.ControlModifier:
            return False
        self.pressed.emit()
        return True

    def _listen(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)
