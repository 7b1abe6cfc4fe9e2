"""When nobody is there: no mouse, no key, no drag for a while, or a computer that slept.

The watch listens at the windows of the system, where all input arrives first, and not at every widget: an event filter
on the application would call Python for each event of every object.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QWindow

TICK_SECONDS = 5
SLEPT_SECONDS = 60
"""So much longer than a tick no busy window is silent: the computer slept."""

_INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.TabletPress,
        QEvent.Type.TabletMove,
        QEvent.Type.DragEnter,
        QEvent.Type.DragMove,
        QEvent.Type.Drop,
        QEvent.Type.InputMethod,
    }
)


@dataclass(frozen=True)
class Clock:
    """Seconds of two clocks: one that nobody sets, and that of the wall, which goes on while the computer sleeps."""

    steady: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time


class IdleWatch(QObject):
    """Says once that nobody is there, after as many minutes as were chosen or when the computer slept."""

    left_alone = Signal()

    def __init__(self, application: QGuiApplication, clock: Clock | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock or Clock()
        self._seconds = 0
        self._last_input = self._last_look = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_SECONDS * 1000)
        self._timer.timeout.connect(self.look)
        # Input goes to the window that has the focus; a window is listened at from the first time that it has.
        application.focusWindowChanged.connect(self._listen)
        self._listen(application.focusWindow())

    def set_minutes(self, minutes: int) -> None:
        """How long is too long; 0 is never, but for a computer that slept."""
        self._seconds = minutes * 60

    def start(self) -> None:
        """Somebody is here now."""
        self._last_input, self._last_look = self._clock.steady(), self._clock.wall()
        self._timer.start()

    def stop(self) -> None:
        """It does not matter who is there."""
        self._timer.stop()

    def look(self) -> None:
        """Look at the clocks."""
        last, self._last_look = self._last_look, self._clock.wall()
        # On some systems the steady clock stands still in sleep; where it does not, the first rule finds it as well.
        slept = self._last_look - last > SLEPT_SECONDS
        alone = 0 < self._seconds <= self._clock.steady() - self._last_input
        if slept or alone:
            self.stop()
            self.left_alone.emit()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Note that somebody is there; takes nothing away."""
        if event.type() in _INPUT:
            self._last_input = self._clock.steady()
        return False

    def _listen(self, window: QWindow | None) -> None:
        if window is not None:
            # Installed again it only moves to the front: a filter is never called twice.
            window.installEventFilter(self)
