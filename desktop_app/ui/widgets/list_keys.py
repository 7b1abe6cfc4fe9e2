"""The keys between a list and the field that it is searched by."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.ui.widgets.table import RecordTable


class ListKeys(QObject):
    """Down goes from the search into the list, Escape back from there; in the search it empties that."""

    def __init__(self, search: QLineEdit, table: RecordTable, whole: QWidget) -> None:
        super().__init__(whole)
        self._search, self._table, self._whole = search, table, whole
        self._waits: QWidget | None = None
        search.installEventFilter(self)
        table.installEventFilter(self)

    def take_focus(self) -> None:
        """Be in the list; until its rows are read, where no key turns a filter."""
        self._waits = None
        if self._table.isVisible():
            self._table.setFocus()
            return
        self._waits = self._search if self._search.isVisible() else self._whole
        self._waits.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take these keys, and no other."""
        if event.type() == QEvent.Type.Show and watched is self._table:
            waits, self._waits = self._waits, None
            if waits is not None and waits.hasFocus() and not self._search.text():
                self._table.setFocus()
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
