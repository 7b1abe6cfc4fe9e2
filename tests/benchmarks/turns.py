"""The time between two turns of the event loop: what the window answers nothing in."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from PySide6.QtCore import QTimer

_TICK = 1  # milliseconds


class Turn(NamedTuple):
    """The gap between two ticks, in seconds."""

    silence: float
    """By the clock on the wall, with what the machine did beside."""
    processor: float
    """What the GUI thread itself took of it."""


class Silence:
    """The gaps between two ticks of a timer in the GUI thread, by what was done meanwhile."""

    def __init__(self) -> None:
        self.gaps: dict[str, list[Turn]] = {}
        self._now: list[Turn] = []
        self._last = Turn(0.0, 0.0)
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
        self._last = _clocks()
        self._timer.start(_TICK)

    def end(self) -> None:
        """Look at it no more."""
        self._tick()
        self._timer.stop()

    def _tick(self) -> None:
        now = _clocks()
        self._now.append(Turn(now.silence - self._last.silence, now.processor - self._last.processor))
        self._last = now


def _clocks() -> Turn:
    return Turn(time.perf_counter(), time.thread_time())
