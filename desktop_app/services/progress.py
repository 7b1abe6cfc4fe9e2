"""How long work tells where it is, and how it is stopped: the callback raises ``Cancelled``."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from desktop_app.services.adding import AddResult

Report = Callable[[int, int], None]
"""``report(done, total)``; may raise :class:`desktop_app.errors.Cancelled`."""


def silent(_done: int, _total: int) -> None:
    """A report for nobody."""


class AddReport(Protocol):
    """What adding files tells while it works; ``bytes_done`` may raise ``Cancelled``."""

    def file_started(self, path: Path, size: int) -> None:
        """The next file is being sealed; *size* in bytes."""

    def bytes_done(self, path: Path, done: int) -> None:
        """So many bytes of the file are sealed."""

    def file_finished(self, result: "AddResult") -> None:
        """The file's fate is known: only now may anyone be told that it was saved."""


class SilentAddReport:
    """An AddReport for nobody."""

    def file_started(self, path: Path, size: int) -> None:
        """Say nothing."""

    def bytes_done(self, path: Path, done: int) -> None:
        """Say nothing."""

    def file_finished(self, result: "AddResult") -> None:
        """Say nothing."""
