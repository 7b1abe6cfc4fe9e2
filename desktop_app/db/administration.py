"""Changing centers, people and keys: one function for each of the database's api functions.

Whether the session's person may do it is decided there. Every function takes a Session of SharedSessions and raises
errors of db/errors.py; the ones that matter to a caller are named. An entry that came too late is TrustLogMovedError,
grants that do not fit who is there now are GrantsMissingError: read again, sign and seal again, call again.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Date, Integer, Text, Uuid, cast, func, literal, null, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from desktop_app.db.api_rows import EntryRow, GrantRow, IdentityRow
from desktop_app.domain.drafts import CenterDraft, UserDraft
from desktop_app.domain.records import CenterContents
from desktop_app.domain.rights import Role


def create_center(
    session: Session, center_id: UUID, draft: CenterDraft, entry: EntryRow, grants: Sequence[GrantRow]
) -> None:
    """Make a center with its roles, schema and first key.

    *entry* is the key version 1; *grants* are for every active system administrator and the root.
    InvalidInputError for a name or slug that is taken.
    """
    center = {
        "id": str(center_id),
        "name": draft.name,
        "slug": draft.slug,
        "description": draft.description,
        "settings": dict(draft.settings),
    }
    _run(session, func.api.create_center(_json(center), _entry(entry), _grants(grants)))


def update_center(session: Session, center_id: UUID, changes: Mapping[str, Any], row_version: int) -> None:
    """Change name, slug (system administrators), description or settings; StaleRowError if the row has moved on."""
    _run(session, func.api.update_center(_id(center_id), _json(dict(changes)), literal(row_version, Integer)))


def set_center_active(session: Session, center_id: UUID, active: bool) -> None:
    """Close a center for everybody, or open it again."""
    _run(session, func.api.set_center_active(_id(center_id), literal(active, Boolean)))


def delete_center(session: Session, center_id: UUID, row_version: int, entry: EntryRow) -> CenterContents:
    """Delete a deactivated center for good, with its schema and roles; what went.

    *entry* says so in the trust log. IllegalStepError for one that is open, StaleRowError if the row has moved on.
    """
    called = func.api.delete_center(_id(center_id), literal(row_version, Integer), _entry(entry))
    return CenterContents(**session.execute(select(called)).scalar_one())


def forget_deleted_center(session: Session, center_id: UUID) -> None:
    """The store has nothing of the deleted center any more."""
    _run(session, func.api.forget_deleted_center(_id(center_id)))


def create_user(
    session: Session,
    user_id: UUID,
    draft: UserDraft,
    *,
    login: str,
    verifier: str,
    identity: IdentityRow,
    entry: EntryRow,
    grants: Sequence[GrantRow],
    must_change_password: bool,
) -> None:
    """Make a person with a login.

    *entry* enrols *identity*; *grants* are every key version of the center (of every center for a system
    administrator) for it. InvalidInputError for a user name or email that is taken.
    """
    user = {
        "id": str(user_id),
        "username": draft.username,
        "email": draft.email,
        "first_name": draft.first_name,
        "last_name": draft.last_name,
        "phone": draft.phone,
        "center_id": None if draft.center_id is None else str(draft.center_id),
        "role": draft.role.value,
        "until": None if draft.until is None else draft.until.isoformat(),
        "login": login,
        "must_change_password": must_change_password,
    }
    _run(
        session,
        func.api.create_user(
            _json(user), _text(verifier), _json(identity.to_json()), _entry(entry), _grants(grants)
        ),
    )  # fmt: skip


def update_user(session: Session, user_id: UUID, changes: Mapping[str, str], row_version: int) -> None:
    """Change email, first_name, last_name or phone; StaleRowError if the row has moved on."""
    _run(session, func.api.update_user(_id(user_id), _json(dict(changes)), literal(row_version, Integer)))


def join_center(
    session: Session,
    user_id: UUID,
    center_id: UUID,
    role: Role,
    until: date | None,
    entry: EntryRow,
    grants: Sequence[GrantRow],
) -> None:
    """Give a person a place in a center, or change it; LastAdministratorError if nobody would be left.

    *grants* are every key version of the center for the person's current identity where he had no place there, or
    one whose last day is over; none otherwise. A role acts on the next statement of open sessions; one that
    has said SET ROLE before PostgreSQL 16 keeps it, so call end_sessions after a lowering.
    """
    place = (_id(center_id), _text(role.value), literal(until, Date))
    _run(session, func.api.join_center(_id(user_id), *place, _entry(entry), _grants(grants)))


def leave_center(session: Session, user_id: UUID, center_id: UUID, entry: EntryRow) -> None:
    """End a person's place in a center that is not the only one; the grants of it go."""
    _run(session, func.api.leave_center(_id(user_id), _id(center_id), _entry(entry)))


def change_center(
    session: Session,
    user_id: UUID,
    center_id: UUID | None,
    role: Role,
    until: date | None,
    entries: tuple[EntryRow, EntryRow],
    grants: Sequence[GrantRow],
) -> None:
    """Move a person from his only place to another center, or to the system administrators (None).

    *entries* leave the old place and join the new one. The old grants go; *grants* are every key version of where he
    comes to, for his current identity.
    """
    place = (_id(center_id), _text(role.value), literal(until, Date))
    signed = (_entry(entries[0]), _entry(entries[1]))
    _run(session, func.api.change_center(_id(user_id), *place, *signed, _grants(grants)))


def deactivate_user(session: Session, user_id: UUID, entry: EntryRow) -> None:
    """The first of two transactions: no sign-in, no rights, no grants. Call end_sessions in the next."""
    _run(session, func.api.deactivate_user(_id(user_id), _entry(entry)))


def sign_restored(session: Session, entry: EntryRow, reason: str) -> None:
    """Append that the installation was restored from a backup; *reason* goes on the record."""
    _run(session, func.api.sign_restored(_entry(entry), reason))


def close_login(session: Session, user_id: UUID) -> bool:
    """The first step of a deactivation, alone in its transaction: end the person's sessions and let none begin.

    False where it must be tried again.
    """
    closed: bool = session.execute(select(func.api.close_login(_id(user_id)))).scalar_one()
    return closed


def end_queue_jumpers(session: Session) -> None:
    """End who waits for a lock that persons have no business with, while everybody else waits behind him."""
    session.execute(
        select(func.count()).select_from(func.api.end_blockers(literal(None, Integer)).table_valued("login"))
    )


def end_sessions(session: Session, user_id: UUID) -> int:
    """End the person's open sessions; how many are left (call again until none is)."""
    left: int = session.execute(select(func.api.end_sessions(_id(user_id)))).scalar_one()
    return left


def activate_user(session: Session, user_id: UUID, entry: EntryRow, grants: Sequence[GrantRow]) -> None:
    """Bring a person back into his place; *grants* as for create_user, for his current identity."""
    _run(session, func.api.activate_user(_id(user_id), _entry(entry), _grants(grants)))


def reset_password(
    session: Session,
    user_id: UUID,
    *,
    verifier: str,
    identity: IdentityRow,
    entry: EntryRow,
    grants: Sequence[GrantRow],
    must_change: bool,
) -> None:
    """Give a person a new password and provisional keys; *grants* as for create_user, for *identity*."""
    arguments = (_id(user_id), _text(verifier), _json(identity.to_json()), _entry(entry), _grants(grants))
    _run(session, func.api.reset_password(*arguments, literal(must_change, Boolean)))


def replace_own_keys(
    session: Session,
    *,
    identity: IdentityRow,
    entry: EntryRow,
    grants: Sequence[GrantRow],
    verifier: str | None = None,
    exposed: bool = False,
) -> None:
    """Replace the session's own keys (signed with the former ones), and the password if *verifier* is given.

    *exposed* makes new keys due in the person's centers: somebody else may have opened the present ones.
    """
    arguments = (_json(identity.to_json()), _entry(entry), _grants(grants), _text(verifier), literal(exposed, Boolean))
    _run(session, func.api.replace_own_keys(*arguments))


def end_own_other_sessions(session: Session) -> int:
    """End every other session of the session's own person; how many there were."""
    ended = text(
        "SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity a"
        " WHERE a.usename = session_user AND a.pid <> pg_backend_pid()"
    )
    return int(session.execute(ended).scalar_one())


def own_grants(session: Session, center_id: UUID) -> list[GrantRow]:
    """The session's own grants of a center, also of a closed one (which its own schema does not show)."""
    found = func.api.own_grants(_id(center_id)).table_valued("key_version", "identity_id", "sealed")
    rows = session.execute(select(found)).all()
    return [GrantRow(center_id, row.key_version, UUID(str(row.identity_id)), bytes(row.sealed)) for row in rows]


CENTERS_AT_ONCE = 16
"""In so many centers, the first by their ids, a change of a system administrator is made at once; the rest is settled
one by one, with ``settle``."""


def settle(session: Session, user_id: UUID, center_id: UUID, grants: Sequence[GrantRow] | None) -> None:
    """Finish in one center what was left to do about a person.

    *grants* are all of the person's there, None where nothing has to be sealed: GrantsMissingError says that it has.
    """
    sealed = cast(null(), JSONB) if grants is None else _grants(grants)
    _run(session, func.api.settle(_id(user_id), _id(center_id), sealed))


def prepare_own_grants(session: Session, center_id: UUID, identity_id: UUID, grants: Sequence[GrantRow]) -> None:
    """Store what is sealed to the identity that the session's own person is about to have."""
    _run(session, func.api.prepare_own_grants(_id(center_id), _id(identity_id), _grants(grants)))


def rotate_key(
    session: Session, center_id: UUID, number: int, rotation: UUID, entry: EntryRow, grants: Sequence[GrantRow]
) -> int:
    """Put the center's next key in force, with every document key under it; how many there are.

    *rotation* is what ``keys.keep_rewrapped`` kept them under, *entry* the key version's, *grants* are this version for
    everybody who must have it. KeysNotRewrappedError, KeyNotActiveError (somebody else's rotation was first).
    """
    arguments = (_id(center_id), literal(number, Integer), _id(rotation), _entry(entry), _grants(grants))
    moved: int = session.execute(select(func.api.rotate_key(*arguments))).scalar_one()
    return moved


def is_rotation_due(session: Session, center_id: UUID) -> bool:
    """Whether somebody who could open the key in force has left since it was made; for administrators of the center."""
    due: bool = session.execute(select(func.api.rotation_due(_id(center_id)))).scalar_one()
    return due


def centers_with_due_keys(session: Session) -> list[UUID]:
    """The open centers, of those that the session's person administers, where a new key is due."""
    return [UUID(str(found)) for found in session.execute(select(func.api.centers_with_due_keys())).scalars()]


def _run(session: Session, call: ColumnElement[Any]) -> None:
    session.execute(select(call))


def _json(value: object) -> ColumnElement[Any]:
    return literal(value, JSONB)


def _entry(entry: EntryRow) -> ColumnElement[Any]:
    return _json(entry.to_json())


def _grants(grants: Sequence[GrantRow]) -> ColumnElement[Any]:
    return _json([grant.to_json() for grant in grants])


def _id(value: UUID | None) -> ColumnElement[Any]:
    return literal(value, Uuid)


def _text(value: str | None) -> ColumnElement[Any]:
    return literal(value, Text)
