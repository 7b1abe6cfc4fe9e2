"""The connection indicator: a sign and a word, so that losing server or store is a state and not a box per click."""

from enum import Enum, auto

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QToolButton, QWidget

from desktop_app.ui.foundation import icons
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text.plain import give_tip


class Reach(Enum):
    """Whether the server answers."""

    CONNECTED = auto()
    SLOW = auto()
    """It has not answered for some seconds."""
    LOST = auto()
    WEAK = auto()
    """Connected, but the profile allows a connection that could be listened to."""


class ConnectionIndicator(QToolButton):
    """A quiet button; pressed, it asks for a try."""

    retried = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "quiet")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        # Wider than high: the style puts the words close beside the icon.
        self.setIconSize(QSize(20, 16))
        self.clicked.connect(self.retried)
        self._weak = False
        self._where = ""
        self._store_problem = ""
        self.set_reached(True)

    def set_server(self, where: str, *, weak: bool) -> None:
        """Name the server; *weak* is said in red."""
        self._where = where
        self._weak = weak
        self.set_reached(self.reach is not Reach.LOST)

    @property
    def reach(self) -> Reach:
        """What it shows."""
        return self._reach

    @property
    def is_reached(self) -> bool:
        """Whether the server answered when it was asked last, and without delay."""
        return self._reach in (Reach.CONNECTED, Reach.WEAK)

    def set_reached(self, reached: bool) -> None:
        """The server answered, or could not be reached."""
        self._show(Reach.LOST if not reached else Reach.WEAK if self._weak else Reach.CONNECTED)

    def set_slow(self) -> None:
        """The server lets one wait; one that was lost stays lost."""
        if self._reach is not Reach.LOST:
            self._show(Reach.SLOW)

    def set_store(self, problem: str) -> None:
        """Why the store cannot be reached; empty where it can."""
        self._store_problem = problem
        self._show(self._reach)

    def _show(self, reach: Reach) -> None:
        self._reach = reach
        if self._store_problem and reach in (Reach.CONNECTED, Reach.WEAK):
            self._show_store()
            return
        words, name, tone, tip = {
            Reach.CONNECTED: (self.tr("Connected"), "plug", Tone.GOOD, self.tr("The server answers: {where}")),
            Reach.SLOW: (
                self.tr("Slow"),
                "clock",
                Tone.WARNING,
                self.tr("{where} has not answered for some seconds. What you began goes on as soon as it does."),
            ),
            Reach.LOST: (
                self.tr("No connection"),
                "unplug",
                Tone.DANGER,
                self.tr("{where} does not answer. Nothing that was reported saved is lost. Click to try again."),
            ),
            Reach.WEAK: (
                self.tr("Not protected"),
                "triangle-alert",
                Tone.DANGER,
                self.tr("The connection to {where} could be listened to or faked: its certificate is not checked."),
            ),
        }[reach]
        self.setText(words)
        self.setIcon(icons.toned(name, tone))
        give_tip(self, tip.format(where=self._where))

    def _show_store(self) -> None:
        self.setText(self.tr("Store not reached"))
        self.setIcon(icons.toned("folder-open", Tone.WARNING))
        tip = self.tr(
            "The server answers: {where}. The folder for documents does not: {why}\nLists and samples go on. Documents "
            "can be neither opened nor added until it is back; it is looked for again and again. Click to try now."
        )
        give_tip(self, tip.format(where=self._where, why=self._store_problem))
