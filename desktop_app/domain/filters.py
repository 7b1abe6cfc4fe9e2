"""What a list may be narrowed by."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from desktop_app.domain.field_filters import FieldCondition
from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.rights import Role

SHORTEST_INDEXED = 3
"""A word of fewer letters is found only by reading every row of samples or documents: a second per million."""


@dataclass(frozen=True, kw_only=True)
class CenterFilter:
    """Centers by activity and words of the name, slug or description."""

    search: str = ""
    include_inactive: bool = False


@dataclass(frozen=True, kw_only=True)
class UserFilter:
    """Users by center, role (in that center, or anywhere), activity and words of user name, names or email."""

    search: str = ""
    center_id: UUID | None = None
    role: Role | None = None
    include_inactive: bool = False


@dataclass(frozen=True, kw_only=True)
class SampleFilter:
    """Samples by status, type, person, creation time, fields, and words of name, barcode or description."""

    search: str = ""
    status: SampleStatus | None = None
    sample_type: str | None = None
    user_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    conditions: tuple[FieldCondition, ...] = ()
    """On values of the center's fields."""
    include_inactive: bool = False
    only_inactive: bool = False
    """The bin."""
    barcodes: tuple[str, ...] = ()
    """Exactly these, as they were pasted; none: all."""


@dataclass(frozen=True, kw_only=True)
class DocumentFilter:
    """Documents by sample, type, tag, and words of title, file name or tags."""

    search: str = ""
    sample_id: UUID | None = None
    document_type: str = ""
    tag: str = ""
    include_inactive: bool = False
    only_inactive: bool = False
    """The bin."""


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """Entries of the record by row, table, what was done, login, time, and a field that was changed."""

    row_id: UUID | None = None
    table_name: str = ""
    operations: tuple[str, ...] = ()
    """Any of these, such as insert, update, delete, preview, open, export, sign_in; none: all."""
    login: str = ""
    since: datetime | None = None
    until: datetime | None = None
    field: str = ""
    """Changes of this field, such as status, or metadata.freezer; what was made or deleted changed none."""
