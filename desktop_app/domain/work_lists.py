"""Work lists: samples in an order that a person, or anybody in the center, works off by scanning them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Tick(StrEnum):
    """What a scan did to a work list."""

    DONE = "done"
    AGAIN = "again"
    """It was done already."""
    NOT_IN_LIST = "not_in_list"
    """There is such a sample, and it is not in this list."""
    UNKNOWN = "unknown"
    """No sample of the center has this barcode."""


@dataclass(frozen=True, kw_only=True)
class WorkList:
    """A list, and how far it is."""

    id: UUID
    name: str
    user_id: UUID | None
    """Whose it is; None: everybody's."""
    person: str
    created_at: datetime
    samples: int
    done: int


@dataclass(frozen=True, kw_only=True)
class WorkItem:
    """One sample of a list."""

    sample_id: UUID
    barcode: str
    name: str
    is_done: bool
    done_at: datetime | None
    done_by: str
