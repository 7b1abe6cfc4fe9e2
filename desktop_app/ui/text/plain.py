"""The one place for words on the screen: whatever they are made of, they are shown as they are.

Qt takes a text that looks like HTML for HTML, in labels and in tooltips, and loads the pictures that it names. Names of
samples, files and people come from others. The test of the architecture sees to it that labels and tooltips are made
here and nowhere else.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QTabBar, QWidget


class PlainLabel(QLabel):
    """A label that shows its text letter by letter."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)


def plain_tip(text: str) -> str:
    """The same words as a tooltip that Qt shows as they are: tooltips have no format of their own to be told."""
    if "<" not in text and "&lt;" not in text:  # what Qt goes by
        return text
    # Python's html knows two thousand signs by name, which would be loaded before the first page.
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<span style="white-space: pre-wrap">{escaped}</span>'


def without_keys(text: str) -> str:
    """The same words for a button, an entry or a field's label, where Qt takes an ampersand for a key."""
    return text.replace("&", "&&")


def give_tip(target: QWidget | QAction, text: str) -> None:
    """Set a tooltip."""
    target.setToolTip(plain_tip(text))


def give_tab_tip(bar: QTabBar, at: int, text: str) -> None:
    """Set a tab's tooltip."""
    bar.setTabToolTip(at, plain_tip(text))
