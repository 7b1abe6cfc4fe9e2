"""What checking the record of changes finds, and what its entries say field by field."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.records import AuditEntry, AuditHead

METADATA = "metadata"


class RecordForm(StrEnum):
    """How a record is written out."""

    CSV = "csv"
    PDF = "pdf"


@dataclass(frozen=True)
class RecordExported:
    """A file that a record was written to."""

    path: Path
    entries: int
    head: AuditHead
    """The newest link when the writing began; no later entry is in the file."""


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


@dataclass(frozen=True)
class FieldChange:
    """One field of an entry: what it was before and after, as text."""

    field: str
    """The name of a column; a field that a center defined itself is named metadata.…"""
    before: str
    after: str


def matches(entry: AuditEntry, wanted: AuditFilter) -> bool:
    """Whether an entry of one record's history is what the filter lets through."""
    changed = entry.operation == "update" and any(
        wanted.field in (each.field, each.field.partition(".")[0]) for each in field_changes(entry)
    )
    return (
        (not wanted.table_name or entry.table_name == wanted.table_name)
        and (not wanted.operations or entry.operation in wanted.operations)
        and (not wanted.login or entry.login == wanted.login)
        and (not wanted.field or changed)
        and (wanted.since is None or entry.at >= wanted.since)
        and (wanted.until is None or entry.at < wanted.until)
    )


def field_changes(entry: AuditEntry) -> tuple[FieldChange, ...]:
    """Every value of an entry that says something, side by side."""
    old, new = flat_row(entry.old), flat_row(entry.new)
    names = [*new, *(name for name in old if name not in new)]
    changes = (FieldChange(name, _text(old.get(name)), _text(new.get(name))) for name in names)
    return tuple(each for each in changes if each.before != each.after)


def flat_row(row: Mapping[str, Any] | None) -> dict[str, Any]:
    """The row of an entry with the fields of its metadata in their place."""
    flat: dict[str, Any] = {}
    for name, value in (row or {}).items():
        if name == METADATA and isinstance(value, Mapping):
            flat |= {f"{METADATA}.{field}": each for field, each in value.items()}
        else:
            flat[name] = value
    return flat


def _text(value: Any) -> str:
    if value is None or value in ([], {}):
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
