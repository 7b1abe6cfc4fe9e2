"""What init asks of a cluster before it changes anything: each refusal is one sentence."""

from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812  # it is a class

from desktop_app.errors import RefusedError
from desktop_app.message import Message

OLDEST_SERVER = 150000
_ROLE_PATTERN = (
    r"^(labkeep_(owner|security|app|platform|backup)|center_[0-9a-f]{32}_(viewer|user|admin)|u_[a-z2-7]{32})$"
)
# Objects that initdb did not make have an oid from FirstNormalObjectId on (access/transam.h).
_FIRST_NORMAL_OID = 16384

# Four windows; a login gets a quarter of what there is (security.connections_of_one).
FEWEST_CONNECTIONS = 20
_CONNECTIONS = """
SELECT current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
    - coalesce(current_setting('reserved_connections', true), '0')::integer
"""


class BootstrapRefusedError(RefusedError):
    """The cluster cannot take an installation; nothing in it was changed."""

    code = "bootstrap_refused"


class ServerTooOldError(BootstrapRefusedError):
    """The server is older than PostgreSQL 15."""


class NotSuperuserError(BootstrapRefusedError):
    """The DSN's login is not a superuser."""


class OtherDatabasesError(BootstrapRefusedError):
    """The cluster serves other databases, whose users the installation would lock out."""

    def __init__(self, databases: tuple[str, ...]) -> None:
        super().__init__(
            Message(
                "This cluster also holds {names}, and Labkeep needs one of its own: it would have taken from "
                "PUBLIC the rights to connect to postgres and template1 and to make temporary tables there.",
                names=databases,
            )
        )
        self.databases = databases


class DatabaseInUseError(BootstrapRefusedError):
    """The database holds something already."""


class LeftoverRolesError(BootstrapRefusedError):
    """Roles of a former installation are still there."""

    def __init__(self, roles: tuple[str, ...]) -> None:
        shown = ", ".join(roles[:5]) + (f" and {len(roles) - 5} more" if len(roles) > 5 else "")
        super().__init__(
            Message(
                "This database server holds an installation of Labkeep already, or what is left of one: it "
                "has the roles {shown}. Use the profile of that installation, or another server. Nothing was "
                "changed.",
                shown=shown,
            )
        )
        self.roles = roles


class WrongEncodingError(BootstrapRefusedError):
    """The database does not keep text as UTF-8."""


class ServerSettingsError(BootstrapRefusedError):
    """A setting of the cluster would let one person stand in everybody's way."""


def check_cluster(connection: Psycopg2Connection, database: str) -> bool:
    """Refuse a cluster that cannot take an installation in *database*; whether that database exists."""
    if connection.server_version < OLDEST_SERVER:
        raise ServerTooOldError(
            "This server is PostgreSQL {server_version}; Labkeep needs 15 or newer.",
            server_version=connection.server_version // 10000,
        )
    if not _one(connection, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        raise NotSuperuserError("The DSN's login is not a superuser of the cluster, and making the roles needs one.")
    _check_settings(connection)
    databases = _column(connection, "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY datname")
    others = tuple(name for name in databases if name not in ("postgres", database))
    if others:
        raise OtherDatabasesError(others)
    roles = _column(connection, "SELECT rolname FROM pg_roles WHERE rolname ~ %s ORDER BY rolname", _ROLE_PATTERN)
    if roles:
        raise LeftoverRolesError(tuple(roles))
    return database in databases


def _check_settings(connection: Psycopg2Connection) -> None:
    # A prepared transaction keeps its locks without a session that could be ended.
    if _one(connection, "SELECT current_setting('max_prepared_transactions')::integer"):
        raise ServerSettingsError(
            "This server allows prepared transactions, by which anybody could hold up everybody else for ever; "
            "set max_prepared_transactions = 0 and restart it."
        )
    free = _one(connection, _CONNECTIONS)
    if not isinstance(free, int) or free < FEWEST_CONNECTIONS:
        raise ServerSettingsError(
            "This server has room for {free} connections, and Labkeep needs {fewest_connections} at "
            "least: raise max_connections and restart it.",
            free=free,
            fewest_connections=FEWEST_CONNECTIONS,
        )


def check_empty(connection: Psycopg2Connection, database: str) -> None:
    """Refuse a database that holds anything which initdb did not put there, or not as UTF-8."""
    if _one(connection, "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = %s", database) != "UTF8":
        raise WrongEncodingError(
            "The database {database} does not keep text as UTF-8; Labkeep needs that.", database=database
        )
    held = _one(
        connection,
        """SELECT (SELECT count(*) FROM pg_class WHERE oid >= %(first)s)
                + (SELECT count(*) FROM pg_proc WHERE oid >= %(first)s)
                + (SELECT count(*) FROM pg_type WHERE oid >= %(first)s)
                + (SELECT count(*) FROM pg_namespace WHERE oid >= %(first)s AND nspname !~ '^pg_(toast_)?temp_')
                + (SELECT count(*) FROM pg_largeobject_metadata)""",
        {"first": _FIRST_NORMAL_OID},
    )
    if held:
        raise DatabaseInUseError(
            "The database {database} holds something already; Labkeep needs an empty one.", database=database
        )


def _column(connection: Psycopg2Connection, sql: str, *values: object) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


def _one(connection: Psycopg2Connection, sql: str, *values: object) -> object:
    with connection.cursor() as cursor:
        # One mapping is for named places, anything else for places in order.
        cursor.execute(sql, values[0] if values and isinstance(values[0], dict) else values)
        row = cursor.fetchone()
        return row[0] if row else None
