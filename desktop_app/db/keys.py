"""The key ring of the session's center as the database has it: numbers, states, and sealed grants.

What counts is decided by the trust log, never by these tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from desktop_app.db.models import DocumentKeyRow, KeyGrantRow, TenantKeyRow
from desktop_app.domain.key_records import KeyState


@dataclass(frozen=True)
class TenantKey:
    """One version of the center's key, without the key; ``created_by`` is a login."""

    number: int
    state: KeyState
    created_at: datetime
    created_by: str


@dataclass(frozen=True)
class TenantGrant:
    """A tenant key, sealed to one identity."""

    key_version: int
    identity_id: UUID
    sealed: bytes


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A document's key as it is stored: wrapped by the tenant key of that number."""

    version_id: UUID
    key_version: int
    token: bytes


_TO_REWRAP = text("SELECT keys_to_rewrap(CAST(:rotation AS uuid), CAST(:after AS uuid), :limit)")
_KEEP = text("SELECT keep_rewrapped(CAST(:rotation AS uuid), :page)")


def tenant_keys(session: Session) -> list[TenantKey]:
    """Every version of the key, oldest first."""
    query = select(TenantKeyRow).order_by(TenantKeyRow.number)
    return [
        TenantKey(row.number, KeyState(row.state), row.created_at, row.created_by) for row in session.scalars(query)
    ]


def own_grants(session: Session, identity_id: UUID) -> list[TenantGrant]:
    """The grants to one identity, by key version; none for another person's, unless an administrator asks."""
    return _grants(session, select(KeyGrantRow).where(KeyGrantRow.identity_id == identity_id))


def all_grants(session: Session) -> list[TenantGrant]:
    """Every grant that the session may see, by key version and identity."""
    return _grants(session, select(KeyGrantRow))


def count_document_keys(session: Session) -> int:
    """How many document keys the center has: one for each stored version."""
    return session.execute(select(func.count()).select_from(DocumentKeyRow)).scalar_one()


def document_keys(session: Session, after: UUID | None, at_most: int) -> list[StoredKey]:
    """Document keys by version id, from the one *after* on."""
    query = select(DocumentKeyRow).order_by(DocumentKeyRow.version_id).limit(at_most)
    if after is not None:
        query = query.where(DocumentKeyRow.version_id > after)
    return [StoredKey(row.version_id, row.key_version, bytes(row.token)) for row in session.scalars(query)]


def keys_to_rewrap(session: Session, rotation: UUID, after: UUID | None, at_most: int) -> list[StoredKey]:
    """Document keys that the rotation has not wrapped yet, by version id, from the one *after* on."""
    values = {"rotation": str(rotation), "after": None if after is None else str(after), "limit": at_most}
    page = session.execute(_TO_REWRAP, values).scalar_one() or ""
    lines = (line.split(" ", 2) for line in page.split("\n") if line)
    return [StoredKey(UUID(version_id), int(number), token.encode()) for version_id, number, token in lines]


def keep_rewrapped(session: Session, rotation: UUID, tokens: Mapping[UUID, bytes]) -> dict[UUID, bytes]:
    """Keep document keys that a rotation has wrapped anew; what is kept of them now, read back.

    A version that was deleted meanwhile is left out. What the session's person kept for other rotations goes.
    """
    by_name = {str(version_id): version_id for version_id in tokens}
    sent = "\n".join(f"{name} {tokens[version_id].decode()}" for name, version_id in by_name.items())
    page = session.execute(_KEEP, {"rotation": str(rotation), "page": sent}).scalar_one() or ""
    lines = (line.split(" ", 1) for line in page.split("\n") if line)
    return {by_name[name]: token.encode() for name, token in lines}


def _grants(session: Session, query: Select[KeyGrantRow]) -> list[TenantGrant]:
    rows = session.scalars(query.order_by(KeyGrantRow.key_version, KeyGrantRow.identity_id))
    return [TenantGrant(row.key_version, row.identity_id, bytes(row.sealed)) for row in rows]
