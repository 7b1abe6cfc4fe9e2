"""A line of own words with a list of usual ones to choose from."""

from collections.abc import Iterable

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView, QWidget

from desktop_app.ui.foundation import icons

MOST_SEEN = 8


class SuggestionLine(QLineEdit):
    """What is typed finds what is offered by any part of it; Down and the arrow in the field show all of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offered = QStringListModel(self)
        completer = QCompleter(self._offered, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setMaxVisibleItems(MOST_SEEN)
        self.list = QListView()
        self.list.setObjectName("suggestions")
        completer.setPopup(self.list)
        self.setCompleter(completer)
        self.arrow = QAction(icons.icon("chevron-down", icons.MUTED), self.tr("Show the list (Down)"), self)
        self.arrow.triggered.connect(self.show_all)
        self.addAction(self.arrow, QLineEdit.ActionPosition.TrailingPosition)
        # Only now: the button that Qt makes of it hears of changes alone.
        self.arrow.setVisible(False)

    @property
    def offered(self) -> list[str]:
        """What the list holds."""
        return self._offered.stringList()

    def offer(self, words: Iterable[str], hint: str) -> None:
        """Have these in the list, in this order; *hint* stands in the empty field where there are any."""
        self._offered.setStringList(list(words))
        self.arrow.setVisible(bool(self.offered))
        self.setPlaceholderText(hint if self.offered else "")

    def show_all(self) -> None:
        """Open the whole list, whatever stands in the field."""
        if self.offered and not self.isReadOnly():
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            self.completer().setCompletionPrefix("")
            self.completer().complete()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down opens the list, as in every choice."""
        if event.key() == Qt.Key.Key_Down and not self.list.isVisible():
            self.show_all()
            return
        super().keyPressEvent(event)
