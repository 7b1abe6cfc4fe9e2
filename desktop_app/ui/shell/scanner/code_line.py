"""Where codes are typed, or pasted many at once."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.ui.widgets.search_field import put_sign


class CodeLine(QLineEdit):
    """Enter takes what was typed; several lines that are pasted are as many codes, taken at once."""

    entered = Signal(list)
    """Codes in their order."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(words)
        self.setAccessibleName(words)
        self.setClearButtonEnabled(True)
        put_sign(self, "scan-barcode")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take codes; Escape empties the field first."""
        pasted = codes_in(QGuiApplication.clipboard().text()) if event.matches(QKeySequence.StandardKey.Paste) else []
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            typed = codes_in(self.text())
            self.clear()
            self._tell(typed)
        elif len(pasted) > 1:
            self._tell(pasted)
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)

    def _tell(self, codes: list[str]) -> None:
        if codes:
            self.entered.emit(codes)


def codes_in(text: str) -> list[str]:
    """One code of each line: the first cell of what was copied from a spreadsheet."""
    codes = (line.split("\t")[0].strip() for line in text.splitlines())
    return [code for code in codes if code]
