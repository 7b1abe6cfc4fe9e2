"""Bringing a dump of an installation back on an empty cluster: its roles first, then the database, then a new epoch.

A dump has no roles. They are made by the very functions that make them in daily life (schema security), run as their
owner: so everything that labkeep_security grants it may later revoke, also on PostgreSQL 16 and newer, where only the
grantor can.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from uuid import UUID, uuid4

from psycopg2 import sql
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812  # it is a class
from sqlalchemy import Connection, text

from desktop_app.db.bootstrap import new_database
from desktop_app.db.bootstrap_checks import DatabaseInUseError, check_cluster
from desktop_app.db.bootstrap_roles import close_to_public, forbid_ddl, lend_logins, make_roles, make_schemas
from desktop_app.db.connection import admin_connection, open_admin_engine
from desktop_app.db.dump_snapshot import Head, LoginRow, read_head
from desktop_app.db.errors import UnconfirmedError, database_errors
from desktop_app.db.migration_lines import FOLDER, SECURITY, act_as, run_text
from desktop_app.domain.ids import LOGIN_PATTERN, schema_name
from desktop_app.errors import RefusedError, UnavailableError
from desktop_app.message import Message
from desktop_app.system.retrying import retried

_ROLE_FUNCTIONS = FOLDER / "shared/versions/s0001_registry/security_roles.sql"
_MARK = "labkeep_restoring"
"""A role that is there from before a restore makes anything until what it made counts: its comment names the database.
Whatever stops a restore, and at whatever step, the next one knows by it what to take away."""
WAITS: tuple[float, ...] = (0.2, 1.0, 3.0)
"""Seconds before the server is asked again to take away what it has: one that restarts is back by then."""
_LOCK = 0x6C61626B656570  # "labkeep", for this purpose alone
_MAKING = _LOCK + 1
"""Held by the session that makes the database: it goes on with CREATE DATABASE after its program is gone, and would be
done with it after everything was taken away."""
_END_THE_MAKING = (
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND objsubid = 1 AND (classid::bigint << 32) | objid::bigint = %s"
)
_OWN_ROLES = (
    "SELECT rolname FROM pg_roles WHERE rolname ~ %s ORDER BY rolname",
    # In the order in which nothing depends on what is still there.
    (
        r"^u_[a-z2-7]{32}$",
        r"^center_[0-9a-f]{32}_admin$",
        r"^center_[0-9a-f]{32}_user$",
        r"^center_[0-9a-f]{32}_viewer$",
        r"^labkeep_(app|platform|backup)$",
        r"^labkeep_(owner|security)$",
    ),
)


class OtherRecordError(RefusedError):
    """What came back does not end where the backup says that it ended."""

    code = "other_record"


class HalfRestoredError(UnavailableError):
    """The server went away under a restore, and has half of it."""

    code = "half_restored"

    def __init__(self) -> None:
        super().__init__(
            Message(
                "The connection to the database server was lost, and what had come by then is left there. It counts "
                "for nothing: restore again, which takes it away first."
            )
        )


class RestoreUnderWayError(RefusedError):
    """Another program is bringing an installation back on this server."""

    code = "restore_under_way"


@contextmanager
def restoring(admin_dsn: str, database: str) -> Iterator[None]:
    """Be the only one who restores on this server; what a killed restore left of *database* is taken away first."""
    with database_errors(), closing(admin_connection(admin_dsn, "postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,))
            if cursor.fetchone() != (True,):
                raise RestoreUnderWayError("Another program is restoring on this server; wait for its end.")
            cursor.execute("SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = %s", (_MARK,))
            for (half,) in cursor.fetchall():
                if half != database:
                    raise RestoreUnderWayError(
                        "A restore of the database {half} was not finished on this server; finish that first.",
                        half=str(half),
                    )
                _take_away(connection, database)
        yield


def require_room(admin_dsn: str, database: str) -> int:
    """PostgreSQL's major version; BootstrapRefusedError unless the cluster can take an installation in *database*."""
    with database_errors(), closing(admin_connection(admin_dsn, "postgres")) as connection:
        if check_cluster(connection, database):
            raise DatabaseInUseError(
                "There is a database {database} already, and a restore makes its own; drop it or rename it.",
                database=database,
            )
        return int(connection.server_version) // 10000


@contextmanager
def prepared_database(
    admin_dsn: str, database: str, centers: Sequence[UUID], logins: Sequence[LoginRow]
) -> Iterator[None]:
    """A new, empty database, and the cluster's roles, for a dump; if the block fails, neither is left.

    HalfRestoredError where the server cannot be asked to take them away again, UnconfirmedError where it does not
    answer to the very last step.
    """
    with database_errors(), closing(admin_connection(admin_dsn, "postgres")) as marking, marking:
        _mark(marking, database)
    try:
        with new_database(admin_dsn, database, _MAKING):
            with database_errors(), open_admin_engine(admin_dsn, database).begin() as connection:
                _make_roles(connection, database, centers, logins)
            yield
    except BaseException as error:
        try:
            made = None if isinstance(error, DatabaseInUseError) else database  # somebody else's stays
            retried(lambda: _clear(admin_dsn, made), _is_away, WAITS)
        except UnavailableError:
            if isinstance(error, Exception):
                raise HalfRestoredError from None
        raise
    # A step of its own, after which nothing is taken away any more: while its answer is not known, all of it is there.
    try:
        retried(lambda: _let_count(admin_dsn), _is_away, WAITS)
    except UnavailableError:
        raise UnconfirmedError from None


def finish(admin_dsn: str, database: str, record: Head, center_records: Mapping[UUID, Head], reason: str) -> UUID:
    """What a dump cannot bring: the database's own rights, the event trigger, and another epoch, which is on record.

    Returns the epoch. OtherRecordError unless every record ends where it ended in the snapshot.
    """
    with database_errors(), closing(admin_connection(admin_dsn, database)) as connection:
        _require_heads(connection, record, center_records)
    epoch = uuid4()
    with database_errors(), open_admin_engine(admin_dsn, database).begin() as connection:
        close_to_public(connection, database)
        forbid_ddl(connection)
        lend_logins(connection)
        connection.execute(text("SELECT set_config('labkeep.reason', :reason, true)"), {"reason": reason})
        connection.execute(text("UPDATE public.installation SET epoch = :epoch"), {"epoch": epoch})
    return epoch


def _make_roles(connection: Connection, database: str, centers: Sequence[UUID], logins: Sequence[LoginRow]) -> None:
    make_roles(connection)
    make_schemas(connection, database)
    act_as(connection, SECURITY)
    run_text(connection, _ROLE_FUNCTIONS.read_text(encoding="utf-8"))
    connection.exec_driver_sql("RESET ROLE")
    for center_id in centers:
        _call(connection, "make_center_roles", center_id.hex)
    for row in logins:
        _make_login(connection, row)
    # The dump brings its own.
    connection.exec_driver_sql("DROP SCHEMA api, internal, security CASCADE")


def _make_login(connection: Connection, row: LoginRow) -> None:
    if not LOGIN_PATTERN.fullmatch(row.login):
        raise ValueError("not a login")
    _call(connection, "make_login", row.login, row.verifier)
    for group in row.groups:
        if group != "labkeep_app":
            _call(connection, "join_group", row.login, group)
    if not row.may_sign_in:
        _call(connection, "close_login", row.login)


def _call(connection: Connection, function: str, *arguments: str) -> None:
    places = {f"a{number}": argument for number, argument in enumerate(arguments)}
    connection.execute(text(f"SELECT security.{function}({', '.join(f':{name}' for name in places)})"), places)


def _clear(admin_dsn: str, database: str | None) -> None:
    with database_errors(), closing(admin_connection(admin_dsn, "postgres")) as connection:
        connection.autocommit = True
        _take_away(connection, database)


def _let_count(admin_dsn: str) -> None:
    with database_errors(), closing(admin_connection(admin_dsn, "postgres")) as connection, connection:
        _drop_mark(connection)


def _is_away(error: Exception) -> bool:
    return isinstance(error, UnavailableError)


def _take_away(connection: Psycopg2Connection, database: str | None) -> None:
    """The database and every role of an installation, for there was none before; the mark last.

    HalfRestoredError where the session that makes the database does not end.
    """
    query, patterns = _OWN_ROLES
    with connection.cursor() as cursor:
        if database is not None:
            cursor.execute(_END_THE_MAKING, (_MAKING,))
            if not all(is_ended for (is_ended,) in cursor.fetchall()):
                raise HalfRestoredError
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
        for pattern in patterns:
            cursor.execute(query, (pattern,))
            for (role,) in cursor.fetchall():
                cursor.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
    _drop_mark(connection)


def _mark(connection: Psycopg2Connection, database: str) -> None:
    mark = sql.Identifier(_MARK)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(mark))
        cursor.execute(sql.SQL("COMMENT ON ROLE {} IS {}").format(mark, sql.Literal(database)))


def _drop_mark(connection: Psycopg2Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(_MARK)))


def _require_heads(connection: Psycopg2Connection, record: Head, center_records: Mapping[UUID, Head]) -> None:
    wanted = {"public": record} | {schema_name(center_id): head for center_id, head in center_records.items()}
    for schema, head in wanted.items():
        if read_head(connection, schema) != head:
            raise OtherRecordError(
                Message(
                    "The record of {schema} does not end where the backup says that it ended; nothing was restored.",
                    schema=schema,
                )
            )
