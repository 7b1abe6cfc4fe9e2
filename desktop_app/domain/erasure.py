"""What carries one person's mark, and requests to erase it."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
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
    mark: str = field(default="", repr=False)
    """What was searched for; kept nowhere, and needed to look again before it is asked for."""

    def without(self, ids: Collection[UUID | int]) -> "Marked":
        """All but these samples, documents (by id) and entries (by number).

        A sample goes with all of its documents, so a document that stays keeps its sample.
        """
        kept = {each.sample_id for each in self.documents if each.id in ids}
        return replace(
            self,
            samples=tuple(each for each in self.samples if each.id not in ids and each.id not in kept),
            documents=tuple(each for each in self.documents if each.id not in ids),
            entries=tuple(each for each in self.entries if each not in ids),
        )

    def is_part_of(self, found: "Marked") -> bool:
        """Whether all of this was found there, in the very same state."""
        there = {(each.id, each.row_version) for each in (*found.samples, *found.documents)}
        own = {(each.id, each.row_version) for each in (*self.samples, *self.documents)}
        return own <= there and set(self.entries) <= set(found.entries)

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
