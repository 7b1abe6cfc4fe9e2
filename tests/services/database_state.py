"""What the database holds, seen by its administrator: to prove that nothing was changed, and to put back what was."""

import io
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from typing import Protocol

from psycopg2 import sql
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812  # it is a class

from tests.services.conftest import World

State = dict[str, object]

# Sign-ins are noted even by people who then do nothing. A table that never had a row has no file to be looked into.
_TABLES = """
    CREATE OR REPLACE FUNCTION pg_temp.table_states() RETURNS TABLE (name text, size bigint, rows bigint, sum text)
    LANGUAGE plpgsql AS $$
    BEGIN
        FOR name, size IN
            SELECT n.nspname || '.' || c.relname, pg_relation_size(c.oid)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)' AND c.relname <> 'sign_ins'
        LOOP
            IF size > 0 THEN
                EXECUTE 'SELECT count(*), sum(hashtextextended(t.xmin::text || t.ctid::text, 0)) FROM ' || name || ' t'
                INTO rows, sum;
            ELSE
                rows := 0; sum := NULL;
            END IF;
            RETURN NEXT;
        END LOOP;
    END $$
"""
_ROLES = "SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolpassword FROM pg_authid ORDER BY 1"
_MEMBERS = "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members ORDER BY 1, 2"
_USAGE = "SELECT nspname, nspacl::text FROM pg_namespace WHERE nspname ~ '^center_' ORDER BY 1"


class Reachable(Protocol):
    """An installation whose database's administrator one can be."""

    def superuser(self) -> Psycopg2Connection:
        """A connection past every right, which the caller closes."""


def database_state(world: Reachable) -> State:
    """Every row of every table, every role with its password's verifier, every membership.

    A row is known by its version and place, not by what it says: who writes it makes another, with the same words, too.
    """
    with _looking(world) as connection:
        state: State = {
            "roles": _rows(connection, _ROLES),
            "members": _rows(connection, _MEMBERS),
            "usage": _rows(connection, _USAGE),
        }
        for name, *rows in _rows(connection, "SELECT name, rows, sum FROM pg_temp.table_states() ORDER BY name"):
            state[name] = rows
        return state


@contextmanager
def _looking(world: Reachable) -> Iterator[Psycopg2Connection]:
    """A connection for it, in a shared installation one that stays: to learn of hundreds of tables takes longest."""
    with closing(world.superuser()) if not isinstance(world, World) else nullcontext(world.onlooker()) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regproc('pg_temp.table_states')")
            if cursor.fetchone() == (None,):
                cursor.execute(_TABLES)
        yield connection


@contextmanager
def tampering(world: World, *centers: str) -> Iterator[Psycopg2Connection]:
    """The superuser's connection, without triggers; trust log, people and keys (of *centers* too) are put back."""
    names = [f"public.{name}" for name in ("trust_log", "identities", "identity_secrets", "memberships", "users")]
    root = world.lab("root.admin")
    for center in centers:
        schema = root.centers.get(center).schema_name
        names += [f"{schema}.key_grants", f"{schema}.tenant_keys", f"{schema}.people"]
    tables = [sql.Identifier(*name.split(".")) for name in names]
    with closing(world.superuser()) as connection:
        kept = [(table, _copied(connection, table)) for table in tables]
        members = _rows(connection, _MEMBERS)
        logins = _rows(connection, "SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname ~ '^u_'")
        try:
            yield connection
        finally:
            _put_back(connection, kept)
            _put_back_roles(connection, members, logins)


@contextmanager
def put_back(world: World, names: Sequence[str]) -> Iterator[Psycopg2Connection]:
    """The superuser's connection, without triggers; these tables (``schema.name``) are as before in the end."""
    tables = [sql.Identifier(*name.split(".")) for name in names]
    with closing(world.superuser()) as connection:
        kept = [(table, _copied(connection, table)) for table in tables]
        try:
            yield connection
        finally:
            _put_back(connection, kept)


def _rows(connection: Psycopg2Connection, query: str | sql.Composable) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _copied(connection: Psycopg2Connection, table: sql.Identifier) -> bytes:
    copy = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(sql.SQL("COPY {} TO STDOUT").format(table), copy)
    return copy.getvalue()


def _put_back(connection: Psycopg2Connection, kept: list[tuple[sql.Identifier, bytes]]) -> None:
    with connection.cursor() as cursor:
        for table, rows in kept:
            cursor.execute(sql.SQL("DELETE FROM {}").format(table))
            cursor.copy_expert(sql.SQL("COPY {} FROM STDIN").format(table), io.BytesIO(rows))


def _put_back_roles(
    connection: Psycopg2Connection, members: list[tuple[str, ...]], logins: list[tuple[str, ...]]
) -> None:
    with connection.cursor() as cursor:
        for group, member in set(_rows(connection, _MEMBERS)) - set(members):
            cursor.execute(sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(group), sql.Identifier(member)))
        for group, member in set(members) - set(_rows(connection, _MEMBERS)):
            cursor.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), sql.Identifier(member)))
        for login, may in logins:
            word = sql.SQL("LOGIN" if may else "NOLOGIN")
            cursor.execute(sql.SQL("ALTER ROLE {} {}").format(sql.Identifier(login), word))
