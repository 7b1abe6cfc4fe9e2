"""The recovery kit's side of the database: whether it is kept, what is sealed to it, and another root in its place.

Every function takes a Session of SharedSessions and raises errors of db/errors.py.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Integer, LargeBinary, Uuid, column, func, literal, select, table, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from desktop_app.db.api_rows import EntryRow, GrantRow, IdentityRow
from desktop_app.db.registry_tables import identities, identity_secrets, kept_kits
from desktop_app.domain.ids import schema_name


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


def sees_everything(session: Session) -> bool:
    """Whether the session is the database administrator's: row-level security hides nothing from a superuser."""
    return bool(session.execute(text("SELECT current_setting('is_superuser') = 'on'")).scalar_one())


def grants_of(session: Session, center_id: UUID, identity_id: UUID) -> list[GrantRow]:
    """What of a center's keys is sealed to one identity, by key version; for the database administrator."""
    grants = table(
        "key_grants",
        column("key_version", Integer),
        column("identity_id", Uuid),
        column("sealed", LargeBinary),
        schema=schema_name(center_id),
    )
    query = select(grants).where(grants.c.identity_id == identity_id).order_by(grants.c.key_version)
    return [GrantRow(center_id, row.key_version, row.identity_id, bytes(row.sealed)) for row in session.execute(query)]


def secret_of(session: Session, user_id: UUID) -> IdentityRow | None:
    """The current identity of a person, its private halves sealed; for the database administrator."""
    query = (
        select(identities.c.id, identities.c.public_key, identity_secrets.c.sealed, identity_secrets.c.kdf)
        .join(identity_secrets, identity_secrets.c.identity_id == identities.c.id)
        .where(identities.c.user_id == user_id, identities.c.retired_at.is_(None))
    )
    row = session.execute(query).first()
    return row and IdentityRow(row.id, bytes(row.public_key), bytes(row.sealed), row.kdf)
