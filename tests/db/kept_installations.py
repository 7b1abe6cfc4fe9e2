"""Installations made once for each server, and copied for every further module that begins with such a one.

To make the schema of an installation and of its centers takes PostgreSQL as long as most modules' tests. What was made
stays as a database of its own, which nobody enters, and is copied as a template is; roles belong to the whole server:
their rows are remembered and put back as they were, numbers included, because the copy's privileges name them by those.
A role of a kept database cannot be dropped: what does so, or lists databases, begins with ``wipe`` and makes its own.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from tests.db.installation import DATABASE, KEPT, OURS, Installation, wipe
from tests.servers import TestServer

BARE = "installation"
Scene = TypeVar("Scene")
_kept: dict[tuple[str, str], "_Kept"] = {}
"""By the folder of the server's socket, and what is kept."""

# The rows of a server's catalogs that are about our roles; each row as text, which its type reads again.
_ROWS = {
    "pg_authid": f"rolname ~ '{OURS}'",
    "pg_auth_members": f"(SELECT rolname ~ '{OURS}' FROM pg_authid a WHERE a.oid = member)",
    "pg_db_role_setting": f"setdatabase = 0 AND (SELECT rolname ~ '{OURS}' FROM pg_authid a WHERE a.oid = setrole)",
    "pg_shdepend": "dbid = 0 AND classid = 'pg_auth_members'::regclass",
}


@dataclass(frozen=True)
class _Kept:
    database: str
    properties: list[str]
    """The statements that give a copy the owner, privileges and settings that CREATE DATABASE does not copy."""
    rows: dict[str, set[str]]
    names: set[str]
    """Of its roles."""
    facts: Any
    """What the tests have to know of it: ids, people and their passwords."""


def fresh_installation(server: TestServer) -> Installation:
    """An installation in which nobody is but its system administrator, and nobody has asked anything."""
    kept = _find(server, BARE)
    if kept is None:
        wipe(server)
        made = Installation(server).make()
        made.close()
        kept = _keep(server, BARE, (made.id, made.root, made.address, made.system))
    else:
        _put_back(server, kept)
    installation = Installation(server)
    installation.id, installation.root, installation.address, installation.system = copy.deepcopy(kept.facts)
    return installation


def furnished(
    installation: Installation,
    name: str,
    furnish: Callable[[Installation], Scene],
    facts: Callable[[Scene], object],
    again: Callable[[Installation, Any], Scene],
) -> Scene:
    """What *furnish* makes of an installation; a copy of what it made before where nobody has used this one yet.

    *facts* are what *again* makes the same scene of, for the copy.
    """
    if installation.was_used or _find(installation.server, BARE) is None:
        return furnish(installation)
    kept = _find(installation.server, name)
    if kept is None:
        scene = furnish(installation)
        installation.close()
        kept = _keep(installation.server, name, (installation.system, facts(scene)))
    else:
        _put_back(installation.server, kept)
    installation.system, known = copy.deepcopy(kept.facts)
    return again(installation, known)


def take_off(server: TestServer) -> None:
    """Leave no installation on the server: only what is kept, which has no roles as long as it is not used."""
    with _superuser(server) as cursor:
        _clear(server, cursor)
        _change_rows(cursor, {})


def _find(server: TestServer, name: str) -> _Kept | None:
    """``wipe`` takes everything away that is kept."""
    kept = _kept.get((server.host, name))
    if kept is None:
        return None
    with _superuser(server) as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", (kept.database,))
        return kept if cursor.rowcount == 1 else None


def _keep(server: TestServer, name: str, facts: object) -> _Kept:
    database = KEPT + name.replace(" ", "_")
    with _superuser(server) as cursor:
        # Whoever just left may still be on his way out.
        cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (DATABASE,))
        _copy_database(cursor, DATABASE, database)
        rows = _rows(cursor)
        cursor.execute(f"SELECT rolname FROM pg_roles WHERE rolname ~ '{OURS}'")
        names = {row[0] for row in cursor.fetchall()}
        made = _Kept(database, _properties(cursor), rows, names, copy.deepcopy(facts))
    _kept[server.host, name] = made
    return made


def _put_back(server: TestServer, kept: _Kept) -> None:
    with _superuser(server) as cursor:
        _clear(server, cursor)
        _change_rows(cursor, kept.rows)
        _copy_database(cursor, kept.database, DATABASE)
        for statement in kept.properties:
            cursor.execute(statement)


def _copy_database(cursor: Cursor, source: str, target: str) -> None:
    # Files are copied as files: as many blocks in the write-ahead log take half as long again.
    copied = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    cursor.execute(copied.format(sql.Identifier(target), sql.Identifier(source)))


def _clear(server: TestServer, cursor: Cursor) -> None:
    """Drop the installation's database, and the roles that only its tests made."""
    cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
    kept = {name for (host, _), each in _kept.items() if host == server.host for name in each.names}
    cursor.execute(f"SELECT rolname FROM pg_roles WHERE rolname ~ '{OURS}' AND rolname <> ALL(%s)", (sorted(kept),))
    if others := [sql.Identifier(row[0]) for row in cursor.fetchall()]:
        cursor.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.SQL(", ").join(others)))


def _rows(cursor: Cursor) -> dict[str, set[str]]:
    found = {}
    for catalog, which in _ROWS.items():
        cursor.execute(f"SELECT c::text FROM {catalog} c WHERE {which}")
        found[catalog] = {row[0] for row in cursor.fetchall()}
    return found


def _change_rows(cursor: Cursor, wanted: dict[str, set[str]]) -> None:
    """Let the catalogs have these rows of our roles and no others, in one transaction."""
    cursor.execute("BEGIN")
    there = _rows(cursor)
    for catalog, rows in there.items():
        gone = sorted(rows - wanted.get(catalog, set()))
        cursor.execute(f"DELETE FROM {catalog} c WHERE c::text = ANY(%s)", (gone,))
    for catalog, rows in there.items():
        for row in sorted(wanted.get(catalog, set()) - rows):
            cursor.execute(f"INSERT INTO {catalog} SELECT (%s::{catalog}).*", (row,))
    cursor.execute("COMMIT")


def _properties(cursor: Cursor) -> list[str]:
    name = sql.Identifier(DATABASE).as_string(cursor)
    cursor.execute("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", (DATABASE,))
    [(owner,)] = cursor.fetchall()
    statements = [f"ALTER DATABASE {name} OWNER TO {owner}", f"REVOKE ALL ON DATABASE {name} FROM PUBLIC"]
    cursor.execute(
        "SELECT pg_get_userbyid(grantee), privilege_type FROM pg_database, aclexplode(datacl)"
        " WHERE datname = %s AND grantee <> datdba ORDER BY 1, 2",
        (DATABASE,),
    )
    statements += [f"GRANT {privilege} ON DATABASE {name} TO {grantee}" for grantee, privilege in cursor.fetchall()]
    cursor.execute(
        "SELECT unnest(setconfig) FROM pg_db_role_setting WHERE setrole = 0"
        " AND setdatabase = (SELECT oid FROM pg_database WHERE datname = %s)",
        (DATABASE,),
    )
    for (setting,) in cursor.fetchall():
        key, _, value = setting.partition("=")
        statements.append(f"ALTER DATABASE {name} SET {key} = '{value}'")
    return statements


@contextmanager
def _superuser(server: TestServer) -> Iterator[Cursor]:
    with closing(psycopg2.connect(server.admin_dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
