"""The key ring of the session's center as the database has it: numbers, states, and sealed grants.

What counts is decided by the trust log, never by these tables.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from desktop_app.db.models import KeyGrantRow, TenantKeyRow


class KeyState(StrEnum):
    """Whether new documents are sealed under a key."""

    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True)
class TenantKey:
    """One version of the center's key, without the key."""

    number: int
    state: KeyState
    created_at: datetime


@dataclass(frozen=True)
class TenantGrant:
    """A tenant key, sealed to one identity."""

    key_version: int
    identity_id: UUID
    sealed: bytes


def tenant_keys(session: Session) -> list[TenantKey]:
    """Every version of the key, oldest first."""
    query = select(TenantKeyRow).order_by(TenantKeyRow.number)
    return [TenantKey(row.number, KeyState(row.state), row.created_at) for row in session.scalars(query)]


def own_grants(session: Session, identity_id: UUID) -> list[TenantGrant]:
    """The grants to one identity, by key version; none for another person's, unless an administrator asks."""
    return _grants(session, select(KeyGrantRow).where(KeyGrantRow.identity_id == identity_id))


def all_grants(session: Session) -> list[TenantGrant]:
    """Every grant that the session may see, by key version and identity."""
    return _grants(session, select(KeyGrantRow))


def _grants(session: Session, query: Select[KeyGrantRow]) -> list[TenantGrant]:
    rows = session.scalars(query.order_by(KeyGrantRow.key_version, KeyGrantRow.identity_id))
    return [TenantGrant(row.key_version, row.identity_id, bytes(row.sealed)) for row in rows]
