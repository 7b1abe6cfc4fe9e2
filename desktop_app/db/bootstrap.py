"""Makes an installation's database on an empty cluster: all of it, or nothing.

Creating a database cannot be part of a transaction; everything else is one transaction inside it. If that fails,
a database made here is dropped again and the cluster is as it was.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812  # it is a class
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from desktop_app import __version__
from desktop_app.db.api_rows import InstallationRow
from desktop_app.db.bootstrap_checks import DatabaseInUseError, check_cluster, check_empty
from desktop_app.db.bootstrap_roles import close_to_public, forbid_ddl, lend_logins, make_roles, make_schemas
from desktop_app.db.connection import ServerAddress, admin_connection, open_admin_engine, read_dsn
from desktop_app.db.errors import database_errors
from desktop_app.db.migrate import record_center_template, upgrade_shared
from desktop_app.db.schema_shape import keep_shared_shape
from desktop_app.message import Message

DEFAULT_DATABASE = "labkeep"
_OLDEST_CLIENT = "0.1.0"
# The cluster's own: an installation never goes into one of them.
_OF_THE_CLUSTER = frozenset({"postgres", "template0", "template1"})

# The second of two set-ups at once waits for the first, and then finds what the first has made.
_ALREADY_THERE = (
    psycopg2.errors.DuplicateDatabase,
    psycopg2.errors.DuplicateObject,
    psycopg2.errors.UniqueViolation,
)

FirstRows = Callable[[Session], None]
_INSERT = text(
    "INSERT INTO public.installation (id, epoch, kdf, oldest_client, migrated_by)"
    " VALUES (:id, :epoch, :kdf, :oldest_client, :migrated_by)"
)


def prepare_cluster(
    admin_dsn: str,
    installation_id: UUID,
    *,
    kdf: str = "kdf 1",
    database: str | None = None,
    then: FirstRows | None = None,
) -> ServerAddress:
    """Make roles, database, shared schema and template; where persons find the database afterwards.

    *admin_dsn* is a superuser's. The database is *database*, or the DSN's own, or "labkeep" if the DSN names one of
    the cluster's. *then* gets a Session of the same transaction for the first rows (root, first administrator):
    if it raises, nothing at all remains. Raises BootstrapRefusedError with nothing changed, and errors of db/errors.py.
    """
    address = planned_address(admin_dsn, database)
    name = address.database
    row = InstallationRow(installation_id, uuid4(), kdf, _OLDEST_CLIENT, __version__)
    with database_errors():
        with closing(admin_connection(admin_dsn, "postgres")) as connection:
            connection.autocommit = True
            exists = check_cluster(connection, name)
        if exists:
            with closing(admin_connection(admin_dsn, name)) as connection:
                check_empty(connection, name)
            _fill(admin_dsn, name, row, then)
        else:
            with new_database(admin_dsn, name):
                _fill(admin_dsn, name, row, then)
    return address


def run_as_superuser(admin_dsn: str, database: str, work: FirstRows) -> None:
    """Do something in one transaction on the shared tables with the rights of who made the installation."""
    with database_errors(), open_admin_engine(admin_dsn, database).begin() as connection:
        _run_first_rows(Session(connection, join_transaction_mode="create_savepoint"), work)


def planned_address(admin_dsn: str, database: str | None = None) -> ServerAddress:
    """Where persons will find the database that ``prepare_cluster`` makes with the same arguments."""
    address = read_dsn(admin_dsn).address
    return replace(address, database=_database_name(database, address.database))


def _database_name(wanted: str | None, of_dsn: str) -> str:
    name = wanted or (DEFAULT_DATABASE if of_dsn in _OF_THE_CLUSTER else of_dsn)
    if name in _OF_THE_CLUSTER:
        raise DatabaseInUseError("The database {name} belongs to the cluster; name another.", name=name)
    return name


@contextmanager
def new_database(admin_dsn: str, name: str, lock: int | None = None) -> Iterator[None]:
    """A database for an installation, made from template0; it is dropped again if the block fails.

    The session that makes it holds the advisory *lock* from before to its end, by which others can find it.
    """
    with closing(admin_connection(admin_dsn, "postgres")) as connection:
        connection.autocommit = True
        if lock is not None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", (lock,))
        _create_database(connection, name)
        try:
            yield
        except BaseException:
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            raise


def _create_database(connection: Psycopg2Connection, name: str) -> None:
    """From template0, which nobody can have put anything into."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'template0'")
        row = cursor.fetchone()
        locale = _locale(connection.server_version, row[0] if row else "")
        try:
            cursor.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'" + locale).format(sql.Identifier(name))
            )
        except _ALREADY_THERE:
            raise _made_meanwhile(name) from None


def _locale(server_version: int, template_encoding: str) -> str:
    """How the database folds case, so that a search for "örnek" finds "ÖRNEK" whatever the cluster was made for."""
    if server_version >= 17_00_00:
        return " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
    # Before 17 there is no provider that every server has. A cluster made for another encoding has a locale that
    # UTF-8 may not go with; C goes with all.
    return "" if template_encoding == "UTF8" else " LOCALE 'C'"


def _fill(admin_dsn: str, name: str, row: InstallationRow, then: FirstRows | None) -> None:
    engine = open_admin_engine(admin_dsn, name)
    with engine.begin() as connection:
        try:
            make_roles(connection)
        except DBAPIError as error:
            if isinstance(error.orig, _ALREADY_THERE):
                raise _made_meanwhile(name) from None
            raise
        make_schemas(connection, name)
        close_to_public(connection, name)
        forbid_ddl(connection)
        lend_logins(connection)
        upgrade_shared(connection)
        record_center_template(connection)
        keep_shared_shape(connection)
        connection.execute(_INSERT, _installation_values(row))
        if then is not None:
            _run_first_rows(Session(connection, join_transaction_mode="create_savepoint"), then)


def _made_meanwhile(name: str) -> DatabaseInUseError:
    return DatabaseInUseError(
        Message("Somebody else is just making an installation in the database {name}.", name=name)
    )


def _run_first_rows(session: Session, then: FirstRows) -> None:
    with session, session.begin():
        session.execute(text("SELECT set_config('search_path', 'pg_catalog,pg_temp', true)"))
        then(session)


def _installation_values(row: InstallationRow) -> dict[str, object]:
    values = ("id", "epoch", "kdf", "oldest_client", "migrated_by")
    return {name: getattr(row, name) for name in values}
