"""What adding files asks and answers: no one is told that something was saved that was not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from uuid import UUID

from desktop_app.domain.records import Document, Sample
from desktop_app.message import Message


class OnConflict(StrEnum):
    """What to do when the same sample (or the center, of what belongs to none) has an active document of the title."""

    VERSION = "version"
    KEEP = "keep"
    """A document of its own, under a title of its own: "report (2).pdf"."""
    SKIP = "skip"
    FAIL = "fail"


class AddOutcome(StrEnum):
    """What became of a file."""

    SAVED = "saved"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class ConflictQuestion:
    """A file, and the active document of its title where it is to go: both sides, for a person to compare."""

    path: Path
    title: str
    """What the file's name makes its title, with the folder it came from."""
    existing: tuple[Document, ...]
    """Active documents of this title in the very same place, newest first; the newest is meant."""
    own_title: str
    """Under which it can be a document of its own."""
    sample: Sample | None = None
    """Whose documents they are; None for those of no sample."""
    size: int = 0
    """Of the file, in bytes."""
    changed_at: datetime | None = None
    """When the file was changed last."""
    offers_version: bool = True
    """False for a second file of one title in one drop: it is not the next version of its neighbour."""

    @property
    def document(self) -> Document:
        """The very document that a new version would be of."""
        return self.existing[0]

    @property
    def number(self) -> int:
        """The version that the file would be."""
        return self.document.latest_number + 1

    @property
    def reason(self) -> str:
        """Why it is asked, as a sentence."""
        place = "The center" if self.sample is None else f"{self.sample.name} ({self.sample.barcode})"
        return Message(
            "{place} has a document of this title already, version {latest_number}.",
            place=place,
            latest_number=self.document.latest_number,
        )


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
    is_overtaken: bool = False
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


Decide = Callable[[Sequence[ConflictQuestion]], Mapping[Path, OnConflict]]
"""Given all open questions, answers at least one of them; Cancelled: nobody answers any more."""


def always(choice: OnConflict) -> Decide:
    """The same answer to every question."""
    return lambda questions: dict.fromkeys((question.path for question in questions), choice)
