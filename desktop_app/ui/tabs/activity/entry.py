"""The values of one entry, before and after."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from desktop_app.ui.widgets.styling import clear, muted, take_any_width


class Changes(QWidget):
    """Field, old value struck through, new value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnMinimumWidth(0, 96)
        self._grid.setColumnStretch(1, 1)

    def show_changes(self, changes: Sequence[tuple[str, str, str]]) -> None:
        """Show these; an empty old or new value is left out."""
        clear(self._grid)
        line = 0
        for name, old, new in changes:
            label = muted(name)
            label.setWordWrap(False)
            self._grid.addWidget(label, line, 0, Qt.AlignmentFlag.AlignTop)
            for value, gone in ((old, True), (new, False)):
                if value:
                    self._grid.addWidget(_value(value, gone=gone), line, 1)
                    line += 1


def _value(text: str, *, gone: bool) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    take_any_width(label)
    if gone:
        label.setProperty("muted", "true")
        font = label.font()
        font.setStrikeOut(True)
        label.setFont(font)
    return label
