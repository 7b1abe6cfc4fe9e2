"""What adding files asks and answers: no one is told that something was saved that was not."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from desktop_app.domain.records import Document


class OnConflict(StrEnum):
    """What to do when an active document of the same title exists."""

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
class ConflictQuestion:
    """A file whose title some documents already have."""

    path: Path
    title: str
    existing: tuple[Document, ...]


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
