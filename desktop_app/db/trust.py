"""The trust log and one's own sealed keys as rows; what they mean is decided by crypto, never here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, Uuid, func, literal, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from desktop_app.db.api_rows import EntryRow, IdentityRow
from desktop_app.db.registry_tables import identities, identity_secrets, trust_log, users

_ADD_ROOT = text("INSERT INTO public.identities (id, user_id, public_key) VALUES (:id, NULL, :public_key)")


def entries_after(session: Session, sequence: int) -> list[EntryRow]:
    """The entries after the one with this number, in order; 0 gives the whole log."""
    query = select(trust_log).where(trust_log.c.sequence > sequence).order_by(trust_log.c.sequence)
    return [
        EntryRow(row.sequence, bytes(row.payload), row.signer, bytes(row.signature)) for row in session.execute(query)
    ]


@dataclass(frozen=True)
class Signed:
    """Who signed an entry, an identity, and when the server took it."""

    signer: UUID
    at: datetime


def signed(session: Session, sequences: Iterable[int]) -> dict[int, Signed]:
    """By whom and when these entries of the log were signed."""
    query = select(trust_log.c.sequence, trust_log.c.signer, trust_log.c.at)
    rows = session.execute(query.where(trust_log.c.sequence.in_(sequences)))
    return {row.sequence: Signed(row.signer, row.at) for row in rows}


@dataclass(frozen=True)
class RegisteredKeys:
    """The public halves of an identity as the registry has them; ``user_id`` None is a root's."""

    identity_id: UUID
    user_id: UUID | None
    public_key: bytes
    is_current: bool


def registered_keys(session: Session) -> list[RegisteredKeys]:
    """Every identity of the registry."""
    columns = identities.c
    query = select(columns.id, columns.user_id, columns.public_key, columns.retired_at).order_by(columns.id)
    rows = session.execute(query)
    return [RegisteredKeys(row.id, row.user_id, bytes(row.public_key), row.retired_at is None) for row in rows]


def note_alarm(session: Session, code: str, about: UUID | None) -> bool:
    """Put an alarm on the installation's record; False where it stands there already, or too many do."""
    noted = session.execute(select(func.api.note_alarm(literal(code, Text), literal(about, Uuid))))
    return bool(noted.scalar_one())


def own_secret(session: Session) -> IdentityRow | None:
    """The current identity of the session's own person, its private halves sealed; None for a superuser."""
    query = (
        select(identities.c.id, identities.c.public_key, identity_secrets.c.sealed, identity_secrets.c.kdf)
        .join(identity_secrets, identity_secrets.c.identity_id == identities.c.id)
        .join(users, users.c.id == identities.c.user_id)
        # Row-level security shows nobody else's secrets, but a superuser sees all of them.
        .where(users.c.login == text("session_user"), identities.c.retired_at.is_(None))
    )
    row = session.execute(query).first()
    return row and IdentityRow(row.id, bytes(row.public_key), bytes(row.sealed), row.kdf)


def append_root(session: Session, root_id: UUID, public_key: bytes, entry: EntryRow) -> None:
    """The first entry: the recovery kit's identity, signed by itself. Only the superuser of set-up may do this."""
    session.execute(_ADD_ROOT, {"id": root_id, "public_key": public_key})
    identity = {"id": str(root_id), "public_key": public_key.hex()}
    says = func.jsonb_build_object(
        literal("identity", Text), func.internal.identity_statement(literal(identity, JSONB))
    )
    session.execute(select(func.internal.append_entry(literal(entry.to_json(), JSONB), literal("root", Text), says)))
