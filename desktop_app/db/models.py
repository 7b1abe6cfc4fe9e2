"""The tables of one center as the queries see them; what makes them is the center line of migrations.

They carry no schema: a session of db/sessions.py gives them the center's. A test holds them equal to the migrated
database.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Integer, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class CenterBase(DeclarativeBase):
    """The tables of a center's schema."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: Text(),
        UUID: PG_UUID(as_uuid=True),
        datetime: DateTime(timezone=True),
        bytes: LargeBinary(),
        int: Integer(),
        list[str]: ARRAY(Text()),
        dict[str, Any]: JSONB(),
    }


class EditedRow:
    """What every row has that people edit; the database sets all but is_active."""

    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    created_by: Mapped[str]
    updated_by: Mapped[str]
    is_active: Mapped[bool]
    row_version: Mapped[int]


class PersonRow(CenterBase):
    """Somebody who is or was a member; ``id`` is that of public.users."""

    __tablename__ = "people"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    login: Mapped[str]
    username: Mapped[str]
    display_name: Mapped[str]
    member_from: Mapped[datetime]
    member_until: Mapped[datetime | None]
    is_system: Mapped[bool]


class SampleRow(EditedRow, CenterBase):
    """A specimen."""

    __tablename__ = "samples"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str]
    sample_type: Mapped[str] = mapped_column(ForeignKey("sample_types.code"))
    status: Mapped[str]
    barcode: Mapped[str]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    # "metadata" is a name of SQLAlchemy's own on mapped classes.
    facts: Mapped[dict[str, Any]] = mapped_column("metadata")
    collected_at: Mapped[datetime | None]
    collected_place: Mapped[str]
    processing_started_at: Mapped[datetime | None]
    processing_completed_at: Mapped[datetime | None]
    results: Mapped[str]
    rejection_reason: Mapped[str]


class SampleTypeRow(CenterBase):
    """What samples of the center may be of."""

    __tablename__ = "sample_types"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    position: Mapped[int]
    is_active: Mapped[bool]


class RejectionReasonRow(CenterBase):
    """What the center offers as a reason for rejecting a sample."""

    __tablename__ = "rejection_reasons"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    position: Mapped[int]
    is_active: Mapped[bool]


class FieldRow(CenterBase):
    """What the center keeps of its samples beyond their columns; the values are in ``SampleRow.facts``, by the key."""

    __tablename__ = "fields"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    unit: Mapped[str]
    choices: Mapped[list[str]]
    required: Mapped[bool]
    sample_types: Mapped[list[str]]
    position: Mapped[int]
    is_active: Mapped[bool]


class DocumentRow(EditedRow, CenterBase):
    """A document; ``file_name`` is that of its newest version."""

    __tablename__ = "documents"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    document_type: Mapped[str]
    tags: Mapped[list[str]]
    sample_id: Mapped[UUID | None] = mapped_column(ForeignKey("samples.id"))
    latest_number: Mapped[int]
    latest_version_id: Mapped[UUID | None]
    file_name: Mapped[str]
    statement_number: Mapped[int]


class DocumentStatementRow(CenterBase):
    """What a document is called from then on, signed; never changed."""

    __tablename__ = "document_statements"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    statement: Mapped[bytes]
    signature: Mapped[bytes]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class VersionRow(CenterBase):
    """One content of a document."""

    __tablename__ = "document_versions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    number: Mapped[int]
    file_id: Mapped[UUID]
    file_name: Mapped[str]
    mime_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger())
    stored_size: Mapped[int] = mapped_column(BigInteger())
    stored_digest: Mapped[str]
    statement: Mapped[bytes]
    signature: Mapped[bytes]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class TenantKeyRow(CenterBase):
    """One version of the center's key; the key itself is only in grants."""

    __tablename__ = "tenant_keys"

    number: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class DocumentKeyRow(CenterBase):
    """A version's document key, wrapped by a tenant key."""

    __tablename__ = "document_keys"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("document_versions.id"), primary_key=True)
    key_version: Mapped[int] = mapped_column(ForeignKey("tenant_keys.number"))
    token: Mapped[bytes]


class KeyGrantRow(CenterBase):
    """A tenant key, sealed to one identity."""

    __tablename__ = "key_grants"

    key_version: Mapped[int] = mapped_column(ForeignKey("tenant_keys.number"), primary_key=True)
    identity_id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]
    created_at: Mapped[datetime]


class SavedViewRow(CenterBase):
    """What somebody wants to see; ``login`` is whose it is."""

    __tablename__ = "saved_views"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    is_shared: Mapped[bool]
    login: Mapped[str]
    content: Mapped[str]
    updated_at: Mapped[datetime]


class WorkListRow(CenterBase):
    """Samples to be worked off; without ``user_id`` by anybody."""

    __tablename__ = "work_lists"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class WorkListItemRow(CenterBase):
    """One sample of a work list."""

    __tablename__ = "work_list_items"

    list_id: Mapped[UUID] = mapped_column(ForeignKey("work_lists.id"), primary_key=True)
    sample_id: Mapped[UUID] = mapped_column(ForeignKey("samples.id"), primary_key=True)
    position: Mapped[int]
    is_done: Mapped[bool]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]
