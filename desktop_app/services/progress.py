"""How long work tells where it is, and how it is stopped: the callback raises ``Cancelled``."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from desktop_app.services.adding import AddResult, ConflictQuestion

Report = Callable[[int, int], None]
"""``report(done, total)``; may raise :class:`desktop_app.errors.Cancelled`."""


Waiting = Callable[[str], None]
"""``waiting(sentence)``, from any thread: who or what stands in the way; may raise ``Cancelled``."""


def nobody_waits(_sentence: str) -> None:
    """A Waiting for nobody."""


def silent(_done: int, _total: int) -> None:
    """A report for nobody."""


class AddReport(Protocol):
    """What adding files tells while it works; all but ``file_waits`` may raise ``Cancelled``.

    Called from the thread that seals and from the one that makes live, never from both about one file at once.
    """

    def file_waits(self, question: "ConflictQuestion") -> None:
        """The file is put aside until somebody answers; the others go on meanwhile."""

    def file_started(self, path: Path, size: int) -> None:
        """The next file is being sealed; *size* in bytes."""

    def bytes_done(self, path: Path, done: int) -> None:
        """So many bytes of the file are sealed."""

    def file_finished(self, result: "AddResult") -> None:
        """The file's fate is known: only now may anyone be told that it was saved."""

    def server_away(self, seconds: float) -> None:
        """The server does not answer; it is asked again for so many more seconds. 0: it answers again."""


class SilentAddReport:
    """An AddReport for nobody."""

    def file_waits(self, question: "ConflictQuestion") -> None:
        """Say nothing."""

    def file_started(self, path: Path, size: int) -> None:
        """Say nothing."""

    def bytes_done(self, path: Path, done: int) -> None:
        """Say nothing."""

    def file_finished(self, result: "AddResult") -> None:
        """Say nothing."""

    def server_away(self, seconds: float) -> None:
        """Say nothing."""
