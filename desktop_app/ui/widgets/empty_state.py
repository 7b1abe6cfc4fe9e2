"""What a list or page shows when there is nothing: an icon, one sentence, one button for the next step."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop_app.ui.foundation import theme
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.icon_mark import IconMark
from desktop_app.ui.widgets.styling import column, heading, muted, row


@dataclass(frozen=True)
class EmptyWords:
    """What there is to say where nothing is: an icon, a heading, a sentence, and the next step where there is one."""

    icon: str
    title: str
    text: str = ""
    step: str = ""


LEAST_WITH_ICON = 190
"""Pixels."""


class EmptyState(QWidget):
    """Icon, heading, sentence, button."""

    acted = Signal()

    def __init__(self, icon: str, title: str, text: str = "", action: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconMark(icon, 36, theme.Tone.NEUTRAL.value, self)
        self._title = heading(title, 2)
        self._title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text = muted(text)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text.setMaximumWidth(440)
        self.button = Button("", parent=self)
        self.button.clicked.connect(self.acted)
        self._build()
        self.set(icon, title, text, action)

    def set(self, icon: str, title: str, text: str = "", action: str = "") -> None:
        """Say something else; the button is hidden where there is no next step."""
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.button.setText(action)
        self.button.setVisible(bool(action))
        self._icon.set(icon, theme.Tone.NEUTRAL.value)

    def say(self, words: EmptyWords) -> None:
        """Say this."""
        self.set(words.icon, words.title, words.text, words.step)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the words and the next step are what counts."""
        super().resizeEvent(event)
        self._fit(event.size().height() >= LEAST_WITH_ICON)

    def _fit(self, is_roomy: bool) -> None:
        self._icon.setVisible(is_roomy)
        layout = self.layout()
        if layout is not None:
            across, along = (24, 24) if is_roomy else (12, 6)
            layout.setContentsMargins(across, along, across, along)
            layout.setSpacing(10 if is_roomy else 4)

    @property
    def title(self) -> str:
        """Its heading."""
        return self._title.text()

    @property
    def text(self) -> str:
        """Its sentence."""
        return self._text.text()

    def _build(self) -> None:
        layout = column(self, margin=24, gap=12)
        layout.addStretch(2)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._title)
        # Not by alignment: an aligned label is given the height of one line, whatever it wraps to.
        text = row()
        text.addStretch(1)
        text.addWidget(self._text, 100)
        text.addStretch(1)
        layout.addLayout(text)
        layout.addSpacing(4)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
