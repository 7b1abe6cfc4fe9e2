"""The recovery kit's side of the database: whether it is kept, and another root in the place of the former.

Every function takes a Session of SharedSessions and raises errors of db/errors.py.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from desktop_app.db.api_rows import EntryRow, GrantRow
from desktop_app.db.registry_tables import kept_kits


def is_kept(session: Session, root_id: UUID) -> bool:
    """Whether somebody has shown that he keeps the words of this root."""
    return session.execute(select(kept_kits.c.at).where(kept_kits.c.identity_id == root_id)).first() is not None


def confirm(session: Session, root_id: UUID) -> None:
    """Write down that the words are kept; StaleRowError if another root took its place meanwhile."""
    session.execute(select(func.api.confirm_kit(literal(root_id, Uuid))))


def replace(session: Session, root_id: UUID, public_key: bytes, entry: EntryRow) -> None:
    """Another root; *entry* is the signed "kit replaced". Every center must be sealed to it then."""
    identity = {"id": str(root_id), "public_key": public_key.hex()}
    session.execute(select(func.api.replace_kit(literal(identity, JSONB), literal(entry.to_json(), JSONB))))


def seal(session: Session, center_id: UUID, grants: Sequence[GrantRow]) -> None:
    """Every key version of a center sealed to the root; what was sealed to former ones is deleted.

    GrantsMissingError if another root took its place meanwhile.
    """
    sealed = [grant.to_json() for grant in grants]
    session.execute(select(func.api.seal_to_kit(literal(center_id, Uuid), literal(sealed, JSONB))))
