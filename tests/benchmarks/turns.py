"""The time between two turns of the event loop: what the window answers nothing in."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QTimer

_TICK = 1  # milliseconds


class Silence:
    """The gaps between two ticks of a timer in the GUI thread, in seconds, by what was done meanwhile."""

    def __init__(self) -> None:
        self.gaps: dict[str, list[float]] = {}
        self._now: list[float] = []
        self._last = 0.0
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)

    @contextmanager
    def during(self, what: str) -> Iterator[None]:
        """Look at the clock while this is done."""
        self.begin(what)
        yield
        self.end()

    def begin(self, what: str) -> None:
        """Look at the clock from now on."""
        self._now = self.gaps.setdefault(what, [])
        self._last = time.perf_counter()
        self._timer.start(_TICK)

    def end(self) -> None:
        """Look at it no more."""
        self._tick()
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        self._now.append(now - self._last)
        self._last = now
