"""The keys between a list and the field that it is searched by."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from desktop_app.ui.widgets.table import RecordTable


class ListKeys(QObject):
    """Down goes from the search into the list, Escape back from there; in the search it empties that."""

    def __init__(self, search: QLineEdit, table: RecordTable, parent: QObject) -> None:
        super().__init__(parent)
        self._search, self._table = search, table
        search.installEventFilter(self)
        table.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take these keys, and no other."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        search, table = self._search, self._table
        from_search, key = watched is search, event.key()
        if from_search and key == Qt.Key.Key_Down and table.isVisible():
            table.setFocus(Qt.FocusReason.ShortcutFocusReason)
            if not table.currentIndex().isValid():
                table.choose_row(0)
        elif from_search and key == Qt.Key.Key_Escape and search.text():
            search.clear()
        elif not from_search and key == Qt.Key.Key_Escape and search.isVisible():
            search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            return False
        return True
