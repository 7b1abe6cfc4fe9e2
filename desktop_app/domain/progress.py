"""How long work tells where it is, and how it is stopped: the callback raises ``Cancelled``."""

from collections.abc import Callable

Report = Callable[[int, int], None]
"""``report(done, total)``; may raise :class:`desktop_app.errors.Cancelled`."""


Waiting = Callable[[str], None]
"""``waiting(sentence)``, from any thread: who or what stands in the way; may raise ``Cancelled``."""


def nobody_waits(_sentence: str) -> None:
    """A Waiting for nobody."""


def silent(_done: int, _total: int) -> None:
    """A report for nobody."""
