"""What carries one person's mark, and requests to erase it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from desktop_app.domain.records import Document, Sample


class ErasureState(StrEnum):
    """What became of a request."""

    OPEN = "open"
    DONE = "done"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Marked:
    """Everything that carries a mark."""

    samples: tuple[Sample, ...]
    documents: tuple[Document, ...]
    """Also those of the samples."""
    entries: tuple[int, ...]
    """Numbers of entries of the record that say it about other things."""

    def __bool__(self) -> bool:
        return bool(self.samples or self.documents or self.entries)


@dataclass(frozen=True)
class ErasureRequest:
    """What somebody wants erased: ids, and nothing that says what they are."""

    id: UUID
    samples: tuple[UUID, ...]
    documents: tuple[UUID, ...]
    entries: tuple[int, ...]
    reason: str
    state: ErasureState
    requested_at: datetime
    requested_by: str
    """Name of the administrator."""
    is_own: bool
    """Whether the session's person asked for it."""
