"""What administrators do in tests, and how one sees what became of a person."""

from datetime import date
from uuid import UUID

import psycopg2

from desktop_app.db import administration, registry
from desktop_app.db.connection import open_engine
from desktop_app.db.errors import (
    SignInRefusedError,
)
from desktop_app.db.sessions import SharedSessions
from desktop_app.domain.ids import schema_name
from desktop_app.domain.rights import Role
from tests.db.installation import Installation, Member


def in_center(scene: Installation, center_id: UUID, statement: str, *values: object) -> object:
    """The one value that the superuser gets for a statement with {schema} in it."""
    return scene.value(statement.replace("{schema}", schema_name(center_id)), *values)


def grants_held(scene: Installation, center_id: UUID, member: Member) -> int:
    found = in_center(
        scene,
        center_id,
        "SELECT count(*) FROM {schema}.key_grants g JOIN public.identities i ON i.id = g.identity_id"
        " WHERE i.user_id = %s",
        str(member.id),
    )
    assert isinstance(found, int)
    return found


def can_read(scene: Installation, member: Member, center_id: UUID) -> bool:
    with scene.raw(member) as connection, connection.cursor() as cursor:
        try:
            cursor.execute(f"SELECT count(*) FROM {schema_name(center_id)}.samples")
        except psycopg2.errors.InsufficientPrivilege:
            return False
        return True


def can_sign_in(scene: Installation, member: Member) -> bool:
    """Whether the program gets a new connection with the member's password."""
    engine = open_engine(scene.address, member.login, member.password)
    try:
        with SharedSessions(engine).begin() as session:
            registry.own_user(session)
    except SignInRefusedError:
        return False
    finally:
        engine.dispose()
    return True


def deactivate(scene: Installation, member: Member, by: Member | None = None) -> None:
    by = by or scene.system
    with scene.shared(by).begin() as session:
        entry = scene.next_entry(session, "remove", {"user": str(member.id)}, by.identity.id)
        administration.deactivate_user(session, member.id, entry)


def join(
    scene: Installation,
    member: Member,
    role: Role,
    center_id: UUID,
    until: date | None = None,
    by: Member | None = None,
    keys: bool = True,
) -> None:
    """A place in a center, with grants where *keys* (a new one, or one that was over), or changed."""
    by = by or scene.system
    with scene.shared(by).begin() as session:
        entry = scene.join_entry(session, member, role, center_id, by.identity.id, until)
        grants = scene.grants_for(center_id, member.identity.id) if keys else []
        administration.join_center(session, member.id, center_id, role, until, entry, grants)


def change_role(scene: Installation, member: Member, role: Role, by: Member | None = None) -> None:
    """Another role where the person was made."""
    assert member.center_id is not None
    join(scene, member, role, member.center_id, member.until, by, keys=False)


def leave(scene: Installation, member: Member, center_id: UUID, by: Member | None = None) -> None:
    by = by or scene.system
    with scene.shared(by).begin() as session:
        entry = scene.leave_entry(session, member, center_id, by.identity.id)
        administration.leave_center(session, member.id, center_id, entry)


def activate(scene: Installation, member: Member, by: Member | None = None) -> None:
    by = by or scene.system
    with scene.shared(by).begin() as session:
        entry = scene.readmit_entry(session, member, by.identity.id)
        administration.activate_user(session, member.id, entry, scene.grants_for(member.center_id, member.identity.id))


def change_center(
    scene: Installation, member: Member, center_id: UUID | None, role: Role, by: Member | None = None
) -> None:
    """From where the person is now."""
    by = by or scene.system
    with scene.shared(by).begin() as session:
        place = "SELECT center_id FROM public.memberships WHERE user_id = %s"
        left = scene.leave_entry(session, member, scene.value(place, str(member.id)), by.identity.id)
        joined = scene.join_entry(session, member, role, center_id, by.identity.id, after=left)
        grants = scene.grants_for(center_id, member.identity.id)
        administration.change_center(session, member.id, center_id, role, None, (left, joined), grants)
