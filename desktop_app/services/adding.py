"""What adding files asks and answers: no one is told that something was saved that was not."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from desktop_app.domain.records import Document


class OnConflict(StrEnum):
    """What to do when an active document, or an earlier file of the same drop, has the same title."""

    VERSION = "version"
    KEEP = "keep"
    SKIP = "skip"
    FAIL = "fail"


class AddOutcome(StrEnum):
    """What became of a file."""

    SAVED = "saved"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Twin:
    """An earlier file of the same drop that gets the same title, and the version that it will be."""

    path: Path
    number: int


@dataclass(frozen=True)
class ConflictQuestion:
    """A file whose title some documents already have, or will have by a file of the same drop."""

    path: Path
    title: str
    existing: tuple[Document, ...]
    """Active documents of this title, newest first."""
    twin: Twin | None = None
    """A new version is one of its document."""

    @property
    def number(self) -> int:
        """The version that the file would be."""
        return (self.twin.number if self.twin else self.existing[0].latest_number) + 1

    @property
    def reason(self) -> str:
        """Why it is asked, as a sentence."""
        if self.existing or self.twin is None:
            return "A document of this title exists."
        return f"{self.twin.path}, which is added with it, has the same name."


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


Decide = Callable[[ConflictQuestion], OnConflict]
