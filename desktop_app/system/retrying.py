"""Doing something again that failed for a while: the one loop for it, with what passes and how long to wait."""

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

Result = TypeVar("Result")


def retried(
    act: Callable[[], Result],
    passes: Callable[[Exception], bool],
    waits: Iterable[float],
    pause: Callable[[float], None] | None = None,
) -> Result:
    """What *act* returns: done again after each of the *waits* (seconds) while *passes* says so of what it raised.

    The last error is raised. *waits* is asked for the next one after a failure only, so that it may count from there;
    *pause* is given each of them and may raise, to stop.
    """
    coming = iter(waits)
    while True:
        try:
            return act()
        except Exception as error:
            wait = next(coming, None) if passes(error) else None
            if wait is None:
                raise
        (pause or time.sleep)(wait)
