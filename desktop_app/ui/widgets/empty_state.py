"""What a list or page shows when there is nothing: an icon, one sentence, one button for the next step."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop_app.ui.foundation import icons, theme
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.styling import column, heading, muted, row


class EmptyState(QWidget):
    """Icon, heading, sentence, button."""

    acted = Signal()

    def __init__(self, icon: str, title: str, text: str = "", action: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon
        self._icon = PlainLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._title = heading(title, 2)
        self._title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text = muted(text)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text.setMaximumWidth(440)
        self.button = Button("", kind=Kind.PRIMARY)
        self.button.clicked.connect(self.acted)
        self._build()
        self.set(icon, title, text, action)

    def set(self, icon: str, title: str, text: str = "", action: str = "", *, primary: bool = False) -> None:
        """Say something else; the button is hidden where there is no next step."""
        self._icon_name = icon
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.button.setText(action)
        self.button.set_kind(Kind.PRIMARY if primary else Kind.PLAIN)
        self.button.setVisible(bool(action))
        self.refresh()

    @property
    def title(self) -> str:
        """Its heading."""
        return self._title.text()

    @property
    def text(self) -> str:
        """Its sentence."""
        return self._text.text()

    def refresh(self) -> None:
        """Draw the icon in the colours of now."""
        color, _ = theme.current().tone(theme.Tone.NEUTRAL)
        self._icon.setPixmap(icons.pixmap(self._icon_name, color, 36, self.devicePixelRatioF()))

    def _build(self) -> None:
        layout = column(self, margin=24, gap=10)
        layout.addStretch(2)
        layout.addWidget(self._icon)
        layout.addWidget(self._title)
        # Not by alignment: an aligned label is given the height of one line, whatever it wraps to.
        text = row()
        text.addStretch(1)
        text.addWidget(self._text, 100)
        text.addStretch(1)
        layout.addLayout(text)
        layout.addSpacing(6)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
