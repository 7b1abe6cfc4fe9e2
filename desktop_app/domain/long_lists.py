"""Lists as long as a sheet, and their end."""

import time
from typing import Any

AT_ONCE = 500
SECONDS = 0.001
"""Left to other threads after each of them."""


def let_go(*lists: list[Any]) -> None:
    """Empty lists that nobody needs any more, some items at a time; for a worker.

    To end 100,000 rows at once takes Python 50 ms and more, in which no other thread runs: the window stands still,
    whichever thread let go of them last.
    """
    for each in lists:
        while each:
            del each[-AT_ONCE:]
            time.sleep(SECONDS)
