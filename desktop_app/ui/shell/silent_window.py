"""What a start says when the window that is open already does not answer."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.styling import column, row, take_needed_height

WIDTH = 460


def silent_sentence() -> str:
    """For people, on the terminal and in the window."""
    return QCoreApplication.translate(
        "SilentWindow",
        "Labkeep is open already, but does not answer. Wait a moment and start it again, or end the other one first.",
    )


class SilentWindow(QWidget):
    """One sentence and a button; the program ends with it."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("page", "true")
        self.setWindowTitle(self.tr("Labkeep"))
        self.setFixedWidth(WIDTH)
        self.banner = Banner(closable=False)
        self.banner.say(silent_sentence(), Tone.WARNING)
        close = Button(self.tr("Close"), kind=Kind.PRIMARY)
        close.clicked.connect(self.close)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = column(self, margin=24, gap=16)
        layout.addWidget(self.banner)
        layout.addLayout(buttons)
        take_needed_height(self, WIDTH)
