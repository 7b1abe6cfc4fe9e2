"""Ctrl+C ends a command within two seconds, also where the server or the share does not answer.

Python handles a signal between two of its own instructions, so that a program which waits for a silent server, or for
the thread that waits for a silent share, would go on waiting. What is ended from here is as if it were killed: the work
of a signed-in person bears that at every step (tests/services/faults).
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from desktop_app.cli.output import print_problem

INTERRUPTED = 130
"""The exit status."""
_LOOK_EVERY = 0.25
_STILL = 5
"""After so many looks at which nothing moved; as long as something does, the command ends by itself, and orderly."""

Moves = tuple[tuple[int, int, int], ...]


@contextmanager
def ending_soon() -> Iterator[None]:
    """While the block runs. Elsewhere than in the main thread it changes nothing, and on Windows, where signals are not
    told through a pipe."""
    if threading.current_thread() is not threading.main_thread() or sys.platform == "win32":
        yield
        return
    told, tells = os.pipe()
    os.set_blocking(tells, False)
    before = signal.set_wakeup_fd(tells, warn_on_full_buffer=False)
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(told, over), name="labkeep-interrupts", daemon=True)
    watch.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        over.set()
        os.close(tells)
        watch.join()
        os.close(told)


def _watch(told: int, over: threading.Event) -> None:
    while numbers := os.read(told, 64):
        if signal.SIGINT in numbers and _stands_still(over):
            print_problem("Stopped.")
            os._exit(INTERRUPTED)


def _stands_still(over: threading.Event) -> bool:
    """Whether nothing moved for a while; False as soon as the block has ended."""
    last, still = _moves(), 0
    while still < _STILL:
        if over.wait(_LOOK_EVERY):
            return False
        now = _moves()
        still = still + 1 if now == last else 0
        last = now
    return True


def _moves() -> Moves:
    """At which instruction each thread is that a program waits for at its end."""
    waited_for = {thread.ident for thread in threading.enumerate() if not thread.daemon}
    frames = sys._current_frames()  # noqa: SLF001  # there is no other way to see that
    return tuple((ident, id(frame), frame.f_lasti) for ident, frame in frames.items() if ident in waited_for)
