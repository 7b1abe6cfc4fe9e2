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


def names(scene: TwoCenters) -> dict[str, str]:
    """What an attacker can find out about names, for his statements."""
    return {
        "a": schema_name(scene.a),
        "b": schema_name(scene.b),
        "me": scene.viewer_a.login,
        "other": scene.user_b.login,
        "mate": scene.user_a.login,
        "my_id": str(scene.viewer_a.id),
        "other_id": str(scene.user_b.id),
        "a_id": str(scene.a),
        "b_id": str(scene.b),
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


def refusals(scene: TwoCenters, who: Member, attacks: dict[str, str]) -> dict[str, str]:
    """The attacks that were not plainly refused, tried one after the other in one session."""
    filled = names(scene) | {"me": who.login, "my_id": str(who.id)}
    with scene.installation.raw(who) as connection:
        found = {attack: outcome(connection, statement.format(**filled)) for attack, statement in attacks.items()}
    return {attack: what for attack, what in found.items() if what != "refused"}
