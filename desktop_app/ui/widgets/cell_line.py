"""The line in which a cell is typed, with a list of what may stand there where not everything may."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from desktop_app.ui.widgets.suggestion_line import SuggestionLine

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
TAB = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


class CellLine(SuggestionLine):
    """``left`` brings the key that ends it."""

    left = Signal(QKeyEvent)

    def __init__(self, offered: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("cell", "true")
        self.offer(offered, "")

    def event(self, event: QEvent) -> bool:
        """Enter and Tab take what was typed and go on; a table that is pasted goes into cells, not into this one.

        Here and not in ``keyPressEvent``: to Qt, Tab is no key of a line, and its list hands keys on to this alone.
        """
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and _ends(event):
            chosen = self.list.currentIndex() if self.list.isVisible() else QModelIndex()
            if chosen.isValid():
                self.setText(str(chosen.data()))
            self.list.hide()
            event.accept()
            self.left.emit(event)
            return True
        return super().event(event)


def _ends(event: QKeyEvent) -> bool:
    if event.matches(QKeySequence.StandardKey.Paste):
        return any(mark in QGuiApplication.clipboard().text() for mark in "\t\r\n")
    return event.key() in (*ENTER, *TAB)
