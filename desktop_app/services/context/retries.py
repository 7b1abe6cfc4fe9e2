"""How long a server that is away is asked again: for an answer that was lost, and through a longer task."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import chain, repeat
from typing import TypeVar

from desktop_app.db.errors import UnconfirmedError
from desktop_app.db.sessions import Session
from desktop_app.db.user_engine import SignedOutError
from desktop_app.errors import UnavailableError
from desktop_app.system.retrying import retried

WAITS = (0.2, 1.0, 3.0)
"""Seconds before asking again: a server that restarts is back by then."""
LATER = 5.0
"""Seconds between all further questions of a task that goes on waiting."""
LONGEST = 90.0
"""Seconds that a task waits: longer than a restart with recovery takes."""
_TOLD_EVERY = 0.5
Result = TypeVar("Result")


def asked_again(begin: Callable[[], AbstractContextManager[Session]], look: Callable[[Session], Result]) -> Result:
    """What *look* finds in a session of its own; UnconfirmedError where the server cannot be asked."""

    def ask() -> Result:
        with begin() as session:
            return look(session)

    return answered(ask, lambda error: _is_away(error) and not isinstance(error, UnconfirmedError))


def answered(ask: Callable[[], Result], passes: Callable[[Exception], bool]) -> Result:
    """What *ask* returns of an answer that was lost just now; UnconfirmedError where the server cannot be asked."""
    time.sleep(WAITS[0])
    try:
        return retried(ask, passes, WAITS[1:])
    except UnconfirmedError:
        raise
    except UnavailableError:
        raise UnconfirmedError from None


class RetryPolicy:
    """For one task. *tell* hears how many seconds are left, 0 when the server answers again; it may raise Cancelled.

    Once at its end it does not wait again before the server has answered: a thousand files that are still to come do
    not wait a thousand times.
    """

    def __init__(self, tell: Callable[[float], None]) -> None:
        self._tell = tell
        self._is_spent = False
        self._end: float | None = None

    def through(self, act: Callable[[], Result]) -> Result:
        """Do *act*, again and again while it raises UnavailableError; it must be harmless to repeat."""
        self._end = None
        try:
            result = retried(act, _is_away, self._waits(), self._wait)
        except UnavailableError as error:
            if _is_away(error):
                self._is_spent = True
                self._tell(0)
            raise
        if self._end is not None:
            self._tell(0)
        self._is_spent = False
        return result

    def _waits(self) -> Iterator[float]:
        if self._is_spent:
            return
        self._end = time.monotonic() + LONGEST
        for wait in chain(WAITS, repeat(LATER)):
            left = self._end - time.monotonic()
            if left <= 0:
                return
            yield min(wait, left)

    def _wait(self, seconds: float) -> None:
        for piece in _pieces(seconds):
            self._tell((self._end or 0.0) - time.monotonic())
            time.sleep(piece)


def _is_away(error: Exception) -> bool:
    return isinstance(error, UnavailableError) and not isinstance(error, SignedOutError)


def _pieces(seconds: float) -> Iterator[float]:
    while seconds > 0:
        yield min(seconds, _TOLD_EVERY)
        seconds -= _TOLD_EVERY
