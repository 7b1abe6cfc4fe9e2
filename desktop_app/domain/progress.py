"""How long work tells where it is, and how it is stopped: the callback raises ``Cancelled``."""

from collections.abc import Callable

Report = Callable[[int, int], None]
"""``report(done, total)``; may raise :class:`desktop_app.errors.Cancelled`."""

BytesDone = Callable[[int], None]
"""``bytes_done(done)`` of a stream, whose end is not known beforehand; may raise ``Cancelled``."""

Waiting = Callable[[str], None]
"""``waiting(sentence)``, from any thread: who or what stands in the way; may raise ``Cancelled``."""


def nobody_waits(_sentence: str) -> None:
    """A Waiting for nobody."""


def uncounted(_done: int) -> None:
    """A BytesDone for nobody."""


def silent(_done: int, _total: int) -> None:
    """A report for nobody."""
