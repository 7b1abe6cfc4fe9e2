"""What crosses the layers: frozen records with the field names of the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from desktop_app.domain.ids import schema_name
from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.rights import Role, Standing


class SampleType(StrEnum):
    """The codes of the types that every center begins with; it may have others (``ListedType``)."""

    BLOOD = "blood"
    URINE = "urine"
    TISSUE = "tissue"
    SALIVA = "saliva"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Record:
    """What every edited row has: ids are the client's, times the server's (UTC)."""

    id: UUID
    created_at: datetime
    updated_at: datetime
    created_by: str
    """Display name or user name of who made it."""
    updated_by: str
    is_active: bool
    row_version: int
    """Counts the changes of the row; a save with an older one is refused (SQLSTATE LK001)."""


@dataclass(frozen=True, kw_only=True)
class Center(Record):
    """A tenant."""

    name: str
    slug: str
    description: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    schema_rev: str = ""

    @property
    def schema_name(self) -> str:
        """The center's PostgreSQL schema and store folder."""
        return schema_name(self.id)


@dataclass(frozen=True, kw_only=True)
class CenterContents:
    """What goes with a center when it is deleted, inactive records too."""

    samples: int
    documents: int
    versions: int
    stored_bytes: int
    keys: int
    links: int
    """Of its record of changes."""
    people: int
    only_here: int
    """Of these, who belong to no other center."""


@dataclass(frozen=True, kw_only=True)
class Membership:
    """A person's place in one center."""

    center_id: UUID
    center: str = ""
    """The center's name, where the reader may see it."""
    role: Role
    until: date | None = None
    """The last day, by the server's date in UTC."""


@dataclass(frozen=True, kw_only=True)
class User(Record):
    """A person with a login: a system administrator, or a member of centers.

    Of somebody else a center's administrator sees the membership of his own center only.
    """

    username: str
    email: str
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    is_system: bool = False
    memberships: tuple[Membership, ...] = ()
    """By the centers' names."""
    login: str
    must_change_password: bool = False
    last_sign_in: datetime | None = None

    @property
    def is_system_administrator(self) -> bool:
        """Whether the person administers the installation rather than centers of his own."""
        return self.is_system

    @property
    def only(self) -> Membership | None:
        """The membership, where there is just one."""
        return self.memberships[0] if len(self.memberships) == 1 else None

    @property
    def center_id(self) -> UUID | None:
        """The person's center, where there is just one."""
        return None if self.only is None else self.only.center_id

    @property
    def center_name(self) -> str:
        """The names of the person's centers."""
        return ", ".join(each.center for each in self.memberships if each.center)

    @property
    def role(self) -> Role | None:
        """The role, where there is just one: of a system administrator, or in the only center."""
        if self.is_system:
            return Role.ADMIN
        return None if self.only is None else self.only.role

    @property
    def standing(self) -> Standing:
        """The person's highest standing anywhere."""
        if self.is_system:
            return Standing.SYSTEM
        roles = [each.role for each in self.memberships]
        return Standing(next((role for role in reversed(Role) if role in roles), Role.VIEWER).value)

    def membership(self, center_id: UUID | None) -> Membership | None:
        """The place in one center."""
        return next((each for each in self.memberships if each.center_id == center_id), None)

    @property
    def display_name(self) -> str:
        """First and last name, or the user name where there is none."""
        return f"{self.first_name} {self.last_name}".strip() or self.username


@dataclass(frozen=True, kw_only=True)
class Person:
    """A member or former member of a center, as the center itself remembers him."""

    id: UUID
    login: str
    username: str
    display_name: str
    member_from: datetime
    member_until: datetime | None
    is_system: bool = False
    """A system administrator: belongs to every center, and is kept in each one's list for its record."""


@dataclass(frozen=True, kw_only=True)
class ListedType:
    """What samples of a center may be of; one that is not active is given to no further sample."""

    code: str
    name: str
    position: int
    is_active: bool


@dataclass(frozen=True, kw_only=True)
class RejectionReason:
    """What a center offers as a reason for rejecting a sample; another one may be written."""

    id: UUID
    name: str
    position: int
    is_active: bool


@dataclass(frozen=True, kw_only=True)
class Sample(Record):
    """A specimen under a barcode."""

    name: str
    description: str = ""
    sample_type: str
    """The code of one of the center's types."""
    type_name: str = ""
    status: SampleStatus
    barcode: str
    user_id: UUID
    """The responsible person: an active member of the center."""
    responsible_name: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    collected_at: datetime | None = None
    collected_place: str = ""
    processing_started_at: datetime | None = None
    processing_completed_at: datetime | None = None
    results: str = ""
    rejection_reason: str = ""
    documents: int = 0
    """How many active documents the sample has."""


@dataclass(frozen=True, kw_only=True)
class Document(Record):
    """A document: a title and facts in clear, its content sealed in versions."""

    title: str
    document_type: str = ""
    tags: tuple[str, ...] = ()
    sample_id: UUID | None = None
    sample_barcode: str = ""
    latest_number: int
    """The newest live version; 0 while the first is still being saved (such rows are not listed)."""
    latest_version_id: UUID | None = None
    file_name: str = ""
    mime_type: str = ""
    size: int = 0
    """Bytes of the newest version in clear."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """One uploaded content of a document; never changed once live."""

    id: UUID
    document_id: UUID
    number: int
    file_id: UUID
    file_name: str
    mime_type: str
    size: int
    stored_size: int
    stored_digest: str
    """Of the sealed file, after the name of the algorithm: ``blake3:…``."""
    statement: bytes
    """The exact bytes the uploader signed."""
    signature: bytes
    key_version: int
    token: bytes
    """The document key, wrapped by the tenant key of ``key_version``."""
    created_at: datetime
    created_by: str
    """Display name or user name, as the database has it; ``Seal.by`` is whose signature it is."""
    login: str
    """Of the session that saved it; must be the signer's."""


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One row of the record of changes."""

    seq: int
    at: datetime
    login: str
    who: str
    operation: str
    """insert, update, delete or erase (of what other entries said); or the name of a summary (rotation, import)."""
    table_name: str
    row_id: UUID | None
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    reason: str
    link: UUID
    label: str = ""
    """What people call the row now: a barcode, a title, a name; empty where it is gone."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What people call now what its values name: ids, ``metadata.`` and a field's key, ``sample_type.`` and a code."""
    center_id: UUID | None = None
    """The center that an entry of the installation's record is about; a center's own record names none."""
    is_erased: bool = False
    """Whether old, new and reason were erased for good; an entry with the operation erase says by whom and why."""


@dataclass(frozen=True, kw_only=True)
class AuditHead:
    """The newest link of a chain of the record: remembered by workstations, printable."""

    seq: int
    digest: bytes
    at: datetime | None
    channel: UUID | None = None
    """By which name the server tells of the next link."""


@dataclass(frozen=True, kw_only=True)
class CenterStats:
    """What a center holds."""

    center_id: UUID
    samples: int
    users: int
    documents: int
    stored_bytes: int
    samples_by_status: Mapping[str, int]
    samples_by_type: Mapping[str, int] = field(default_factory=dict)
