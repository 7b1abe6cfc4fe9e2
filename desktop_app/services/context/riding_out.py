"""A server that is away for a while: it is asked again until it answers, somebody stops, or patience is at its end."""

import time
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import TypeVar

from desktop_app.db.user_engine import SignedOutError
from desktop_app.errors import UnavailableError

LONGEST = 90.0
"""Seconds: longer than a restart with recovery takes."""
WAITS = (0.2, 1.0, 3.0)
"""Seconds before asking again, then always LATER."""
LATER = 5.0
_TOLD_EVERY = 0.5
Result = TypeVar("Result")


class Patience:
    """For one task. *tell* hears how many seconds are left, 0 when the server answers again; it may raise Cancelled.

    Once at its end it does not wait again before the server has answered: a thousand files that are still to come do
    not wait a thousand times.
    """

    def __init__(self, tell: Callable[[float], None]) -> None:
        self._tell = tell
        self._is_spent = False

    def through(self, act: Callable[[], Result]) -> Result:
        """Do *act*, again and again while it raises UnavailableError; it must be harmless to repeat."""
        end: float | None = None
        for wait in chain(WAITS, repeat(LATER)):
            try:
                result = act()
            except SignedOutError:
                raise
            except UnavailableError:
                now = time.monotonic()
                end = end or now + LONGEST
                if self._is_spent or now >= end:
                    self._is_spent = True
                    self._tell(0)
                    raise
                self._wait(min(wait, end - now), end)
            else:
                if end is not None:
                    self._tell(0)
                self._is_spent = False
                return result
        raise AssertionError("there is always another wait")

    def _wait(self, seconds: float, end: float) -> None:
        for piece in _pieces(seconds):
            self._tell(end - time.monotonic())
            time.sleep(piece)


def _pieces(seconds: float) -> Iterator[float]:
    while seconds > 0:
        yield min(seconds, _TOLD_EVERY)
        seconds -= _TOLD_EVERY
