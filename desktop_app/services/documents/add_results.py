"""What adding files answers: no one is told that something was saved that was not."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from uuid import UUID

from desktop_app.services.documents.title_conflicts import ConflictQuestion


class AddOutcome(StrEnum):
    """What became of a file."""

    SAVED = "saved"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class AddResult:
    """What became of one file; only SAVED means that it can be opened again."""

    path: Path
    name: str
    outcome: AddOutcome
    id: UUID | None = None
    version: int | None = None
    size: int = 0
    reason: str = ""
    is_title_taken: bool = False
    """Not saved, because somebody made or moved a document of this title meanwhile: it is asked about again."""

    @property
    def state(self) -> str:
        """``live`` for a saved version, else empty."""
        return "live" if self.outcome is AddOutcome.SAVED else ""


@dataclass(frozen=True)
class AddSummary:
    """All files of one drop or command, in their order."""

    results: tuple[AddResult, ...]

    @property
    def saved(self) -> tuple[AddResult, ...]:
        """The files that were saved."""
        return tuple(result for result in self.results if result.outcome is AddOutcome.SAVED)

    @property
    def not_saved(self) -> tuple[AddResult, ...]:
        """The files that were not, each with its reason."""
        return tuple(result for result in self.results if result.outcome is not AddOutcome.SAVED)


class AddReport(Protocol):
    """What adding files tells while it works; all but ``file_waits`` may raise ``Cancelled``.

    Called from the threads that seal, one at a time, and from the one that makes live; never from two about one file.
    """

    def file_waits(self, question: ConflictQuestion) -> None:
        """The file is put aside until somebody answers; the others go on meanwhile."""

    def file_started(self, path: Path, size: int) -> None:
        """The next file is being sealed; *size* in bytes."""

    def bytes_done(self, path: Path, done: int) -> None:
        """So many bytes of the file are sealed."""

    def file_finished(self, result: AddResult) -> None:
        """The file's fate is known: only now may anyone be told that it was saved."""

    def server_away(self, seconds: float) -> None:
        """The server does not answer; it is asked again for so many more seconds. 0: it answers again."""


class SilentAddReport:
    """An AddReport for nobody."""

    def file_waits(self, question: ConflictQuestion) -> None:
        """Say nothing."""

    def file_started(self, path: Path, size: int) -> None:
        """Say nothing."""

    def bytes_done(self, path: Path, done: int) -> None:
        """Say nothing."""

    def file_finished(self, result: AddResult) -> None:
        """Say nothing."""

    def server_away(self, seconds: float) -> None:
        """Say nothing."""
