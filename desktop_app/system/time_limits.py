"""Reading from places that may hang, such as shares: nobody waits for them for ever."""

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def within(seconds: float, read: Callable[[], Found]) -> Found:
    """What *read* returns or raises; TimeoutError after so long.

    A call into a share that hangs cannot be interrupted: it is left to a thread that ends with the program.
    """
    answers: queue.SimpleQueue[tuple[Found | None, Exception | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put((read(), None))
        except Exception as error:
            answers.put((None, error))

    threading.Thread(target=run, name="a place that may hang", daemon=True).start()
    try:
        found, error = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    return found  # type: ignore[return-value]  # None only where *read* returns it
