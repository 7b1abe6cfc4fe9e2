"""What checking the record of changes finds."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from desktop_app.domain.records import AuditHead


class AuditFault(StrEnum):
    """How a chain of the record is broken."""

    LINK_MISSING = "link_missing"
    """A link's number does not follow the one before."""
    LINK_CHANGED = "link_changed"
    """A link does not carry on from the one before, or not with its own digest."""
    ENTRIES_CHANGED = "entries_changed"
    """The entries that a link seals are not those that it sealed."""
    ENTRIES_UNSEALED = "entries_unsealed"
    """There are entries that no link seals."""
    ERASED_UNSIGNED = "erased_unsigned"
    """What an entry said is gone, and no erasure on the record says who did that."""
    HEAD_CHANGED = "head_changed"
    """The head is not the newest link."""
    ROWS_CHANGED = "rows_changed"
    """The chain is sound, but rows are not what it says of them: they were changed behind the record's back."""
    FORGOTTEN = "forgotten"
    """The chain is sound but lacks the newest link that this workstation saw: somebody went back to an older state."""


@dataclass(frozen=True)
class AuditVerdict:
    """The result of checking a chain: how many links and entries were sound, and where it breaks, if it does."""

    links: int
    rows: int
    head: AuditHead
    broken_at: int | None = None
    """The number of the first link that is not sound; with ENTRIES_UNSEALED and ERASED_UNSIGNED of the first entry."""
    fault: AuditFault | None = None
    changed: tuple[tuple[str, UUID], ...] = ()
    """Table and id of the rows that are not as the record says."""
    erased: int = 0
    """Entries of which only who, when and which row is left: an administrator erased what they said."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return self.fault is None
