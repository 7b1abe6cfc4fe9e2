"""What attacks on the shared tables have in common: how they are tried, and how nothing is seen to have changed."""

from typing import Any
from uuid import uuid4

import psycopg2
from psycopg2 import errors

from desktop_app.domain.ids import schema_name
from tests.db.conftest import TwoCenters
from tests.db.installation import Member

DENIED = errors.InsufficientPrivilege


# PostgreSQL's own words for no: no privilege, not there (nothing may be found), or simply not possible.
NO = (
    errors.InsufficientPrivilege,
    errors.UndefinedTable,
    errors.UndefinedObject,
    errors.UndefinedFile,
    errors.DuplicateObject,
    errors.InvalidSchemaName,
    errors.WrongObjectType,
    errors.ObjectNotInPrerequisiteState,
    errors.FeatureNotSupported,
)


def run(scene: TwoCenters, who: Member, *statements: str, values: tuple[object, ...] | None = None) -> list[Any]:
    """What the person gets for the last of the statements, all in one session with autocommit."""
    with scene.installation.raw(who) as connection, connection.cursor() as cursor:
        for statement in statements[:-1]:
            cursor.execute(statement)
        cursor.execute(statements[-1], values)
        return list(cursor.fetchall()) if cursor.description else []


def names(scene: TwoCenters, who: Member) -> dict[str, str]:
    """What an attacker can find out about names, for his statements: ``a`` is his center, ``b`` the other one."""
    users, centers = {scene.a: scene.user_a, scene.b: scene.user_b}, {scene.a: "Center A", scene.b: "Center B"}
    viewers = {scene.a: scene.viewer_a, scene.b: scene.viewer_b}
    a = who.center_id or scene.a
    b = scene.b if a == scene.a else scene.a
    mate = viewers[a] if users[a] is who else users[a]
    return {
        "a": schema_name(a),
        "b": schema_name(b),
        "a_id": str(a),
        "b_id": str(b),
        "a_name": centers[a],
        "b_name": centers[b],
        "me": who.login,
        "my_id": str(who.id),
        "mate": mate.login,
        "other": users[b].login,
        "other_id": str(users[b].id),
        "other_name": users[b].username,
        "superuser": scene.installation.server.superuser,
        "uuid": str(uuid4()),
    }


def catalog(scene: TwoCenters) -> object:
    """Every privilege, policy, role, membership and object that an attack could change."""
    return scene.installation.value(
        """SELECT jsonb_build_array(
            (SELECT jsonb_agg(ARRAY[oid::text, relname, relacl::text, relrowsecurity::text] ORDER BY oid)
                FROM pg_class WHERE relkind IN ('r', 'v', 'S')),
            (SELECT jsonb_agg(ARRAY[attrelid::text, attname, attacl::text] ORDER BY attrelid, attnum)
                FROM pg_attribute WHERE attacl IS NOT NULL),
            (SELECT jsonb_agg(ARRAY[proname, prosrc, proacl::text] ORDER BY oid) FROM pg_proc WHERE oid >= 16384),
            (SELECT jsonb_agg(ARRAY[nspname, nspacl::text] ORDER BY oid) FROM pg_namespace
                WHERE nspname !~ '^pg_(toast_)?temp_'),
            (SELECT jsonb_agg(ARRAY[datname, datacl::text] ORDER BY oid) FROM pg_database),
            (SELECT jsonb_agg(ARRAY[polname, polroles::text, polqual::text] ORDER BY oid) FROM pg_policy),
            (SELECT jsonb_agg(ARRAY[tgname, tgenabled::text] ORDER BY oid) FROM pg_trigger),
            (SELECT jsonb_agg(to_jsonb(a) - 'rolpassword' ORDER BY oid) FROM pg_authid a),
            (SELECT jsonb_agg(to_jsonb(m) ORDER BY roleid, member) FROM pg_auth_members m),
            (SELECT count(*) FROM pg_largeobject_metadata))::text"""
    )


def outcome(connection: Any, statement: str) -> str:
    """What became of a statement: "refused", or what else happened."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(statement)
        except NO:
            return "refused"
        except psycopg2.Error as error:
            return f"{type(error).__name__}: {error}"
        return "done"


def outcomes(scene: TwoCenters, who: Member, attacks: dict[str, str]) -> dict[str, str]:
    """What became of each attack, tried one after the other in one session."""
    filled = names(scene, who)
    with scene.installation.raw(who) as connection:
        return {attack: outcome(connection, statement.format(**filled)) for attack, statement in attacks.items()}
