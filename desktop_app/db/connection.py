"""How a server is reached: addresses, engines, and what a DSN may say."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812  # it is a class
from psycopg2.extensions import make_dsn, parse_dsn
from sqlalchemy import URL, Engine, event, make_url

from desktop_app.db.decoding import read_strange_moments
from desktop_app.db.engines import pooled_engine, unpooled_engine
from desktop_app.domain.profiles import SslMode
from desktop_app.errors import InvalidInputError
from desktop_app.message import Message

POOL_SIZE = 3
CONNECT_SECONDS = 10
SILENT_SECONDS = 40
"""How long a connection may be dead before the person is told; a server at work on a query answers the probes."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_OF_ADDRESS = frozenset({"host", "port", "dbname", "sslmode", "sslrootcert"})
_OF_PERSON = frozenset({"user", "password", "passfile"})
_HARMLESS = frozenset({"application_name", "connect_timeout", "require_auth"})

ConnectWith = Callable[..., Any]
"""Takes libpq's parameters by name; returns a connection of psycopg2."""


@dataclass(frozen=True)
class ServerAddress:
    """Where a database is and how the way there is protected; never a secret.

    ``host`` is a name, an address, or the absolute path of a socket folder. ``sslmode`` None is the default:
    verify-full, except where the connection does not leave this computer.
    """

    host: str
    port: int = 5432
    database: str = "labkeep"
    sslmode: str | None = None
    sslrootcert: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether the connection stays on this computer."""
        return self.host.startswith("/") or self.host in _LOOPBACK

    @property
    def effective_sslmode(self) -> str:
        """What libpq is told."""
        return self.sslmode or ("prefer" if self.is_local else "verify-full")


@dataclass(frozen=True)
class Dsn:
    """A DSN taken apart; its password does not show itself."""

    address: ServerAddress
    user: str | None
    password: str | None
    text: str
    passfile: str | None = None

    @property
    def gives_password(self) -> bool:
        """Whether a server that asks for a password is to get one."""
        return self.password is not None or self.passfile is not None

    def __repr__(self) -> str:
        return f"Dsn({self.address!r}, user={self.user!r}, password=***)"


def open_engine(address: ServerAddress, user: str, password: str | None, connect: ConnectWith | None = None) -> Engine:
    """An engine with at most three connections, each one made by SCRAM or not at all (None: *connect* knows it).

    ``require_auth``: without it a fake server that asks for the clear password gets it (measured).
    """
    wanted = _connect_arguments(address) | {
        "host": address.host,
        "port": address.port,
        "dbname": address.database,
        "user": user,
        "require_auth": "scram-sha-256",
    }
    if password is not None:
        wanted["password"] = password
    url = URL.create("postgresql+psycopg2", user, None, address.host, address.port, address.database)
    engine = pooled_engine(lambda: (connect or psycopg2.connect)(**wanted), url, POOL_SIZE)
    event.listen(engine, "connect", read_strange_moments)
    return engine


def _connect_arguments(address: ServerAddress) -> dict[str, Any]:
    # Constant for everybody: pg_stat_activity shows it to every login.
    arguments: dict[str, Any] = {
        "application_name": "labkeep",
        "connect_timeout": CONNECT_SECONDS,
        # Where a network swallows every packet, the system alone would wait for a quarter of an hour and more.
        "keepalives_idle": SILENT_SECONDS // 2,
        "keepalives_interval": SILENT_SECONDS // 8,
        "keepalives_count": 4,
        "tcp_user_timeout": SILENT_SECONDS * 1_000,
        "client_encoding": "utf8",
        "sslmode": address.effective_sslmode,
    }
    # Found out the hard way by others: libpq otherwise reads PGSSLROOTCERT and the like of whoever starts the program.
    if address.sslrootcert:
        arguments["sslrootcert"] = address.sslrootcert
    return arguments


def open_admin_engine(admin_dsn: str, database: str | None = None) -> Engine:
    """An engine without a pool for the database administrator's DSN (set-up and migrations).

    InvalidInputError for a DSN that cannot be read.
    """
    whole = _admin_dsn(admin_dsn, database)

    def connect() -> Any:
        return psycopg2.connect(whole)

    return unpooled_engine(connect, make_url("postgresql+psycopg2://"))


def admin_connection(admin_dsn: str, database: str | None = None) -> Psycopg2Connection:
    """A connection of psycopg2's own, for what cannot run in a transaction."""
    connection: Psycopg2Connection = psycopg2.connect(_admin_dsn(admin_dsn, database))
    return connection


def _admin_dsn(admin_dsn: str, database: str | None) -> str:
    """The DSN with our own settings; with a password (or a file of them) it is held to SCRAM, without one it may be a
    socket's peer."""
    dsn = read_dsn(admin_dsn)
    wanted = _connect_arguments(dsn.address)
    if database:
        wanted["dbname"] = database
    if dsn.gives_password:
        wanted["require_auth"] = "scram-sha-256"
    whole: str = make_dsn(admin_dsn, **wanted)
    return whole


def read_dsn(dsn: str) -> Dsn:
    """A DSN (``host=… dbname=…`` or ``postgresql://…``) taken apart.

    Nothing in it is dropped silently: an option that Labkeep does not keep is refused by name (InvalidInputError).
    """
    try:
        parts: dict[str, str] = parse_dsn(dsn)
    except psycopg2.ProgrammingError:
        # libpq's own message may quote the DSN, and with it the password.
        raise InvalidInputError({"dsn": Message("This cannot be read as a PostgreSQL DSN.")}) from None
    unknown = sorted(parts.keys() - _OF_ADDRESS - _OF_PERSON - _HARMLESS)
    if unknown:
        raise InvalidInputError({"dsn": Message("Labkeep does not use {names}; leave it out.", names=unknown)})
    address = ServerAddress(
        host=_host(parts),
        port=_port(parts.get("port", "5432")),
        database=parts.get("dbname", "labkeep"),
        sslmode=_ssl_mode(parts.get("sslmode")),
        sslrootcert=parts.get("sslrootcert"),
    )
    return Dsn(address, parts.get("user"), parts.get("password"), dsn, parts.get("passfile"))


def _host(parts: dict[str, str]) -> str:
    host = parts.get("host", "")
    if not host:
        raise InvalidInputError({"dsn": Message("The DSN must name a host (or the folder of a socket).")})
    if "," in host:
        raise InvalidInputError({"dsn": Message("The DSN must name one host, not several.")})
    return host


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise InvalidInputError({"dsn": Message("The port must be a number between 1 and 65535.")})
    return int(text)


def _ssl_mode(text: str | None) -> str | None:
    if text is not None and text not in set(SslMode):
        raise InvalidInputError({"dsn": Message("The sslmode must be one of {names}.", names=tuple(SslMode))})
    return text
