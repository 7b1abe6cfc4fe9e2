"""Units of work: one Session for one center, or for what is shared; never for both.

A center's name is no argument of any query. The search_path is set for the transaction only, so that it survives
PgBouncer in transaction mode and leaks nowhere; a Session's identity map never holds rows of two schemas.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import psycopg2
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction

from desktop_app.db.errors import (
    CenterClosedError,
    DatabaseBusyError,
    UnconfirmedError,
    UndefinedNameError,
    UnreachableError,
    database_errors,
)
from desktop_app.db.lock_waits import LockWaits, OnWaiting
from desktop_app.domain.ids import SCHEMA_PATTERN
from desktop_app.domain.reasons import LONGEST_REASON
from desktop_app.domain.text_rules import text_problem
from desktop_app.errors import InvalidInputError, LabkeepError
from desktop_app.message import Message

__all__ = ["CenterSessions", "OnWaiting", "RecordState", "SchemaState", "Session", "SharedSessions", "Watch"]

# In the driver's words: every transaction begins with it, and a text() takes a tenth of a short one's time (measured).
_SET_PATH = "SELECT set_config('search_path', %(path)s, true)"
# The same, and in the same round trip what record and schemas are now, which program they need, and what the record
# was at a link.
_SET_PATH_AND_SEE = """
    SELECT h.seq, h.digest, CASE WHEN %(seen)s::bigint IS NOT NULL THEN {digest_at}(%(seen)s) END, ({revision}),
        (SELECT v.version_num FROM public.alembic_version v), i.oldest_client, i.migrated_by
    FROM set_config('search_path', %(path)s, true)
    LEFT JOIN {schema}.audit_head h ON true LEFT JOIN public.installation i ON true
"""
_SET_REASON = text("SELECT set_config('labkeep.reason', :reason, true)")
_CENTER_REVISION = "SELECT c.schema_rev FROM public.centers c WHERE c.id = '{}'"
_CLOSED = Message("This center is closed, or it is not yours any more.")


@dataclass(frozen=True)
class SchemaState:
    """At which revisions a transaction found the database, and which program that needs."""

    revision: str
    """That of the schema whose record is watched."""
    shared: str
    oldest_client: str
    """No program that is older than this version works here."""
    migrated_by: str
    """The newest version of the program that brought schemas to a new revision."""


@dataclass(frozen=True)
class RecordState:
    """What a transaction found when it began: the newest link of the record, the digest at an older one, the schema."""

    number: int | None
    digest: bytes
    digest_then: bytes | None
    """That of the link that the watch asked for; None without one, or if the record has no such link."""
    schema: SchemaState


class Watch(Protocol):
    """Whoever compares each state of a record with what was seen before."""

    def asks(self) -> int | None:
        """The number of the link that the record must still have."""

    def sees(self, asked: int | None, state: RecordState) -> None:
        """What a transaction found that had asked for this link."""

    def flush(self) -> None:
        """Keep what was seen so that it outlasts the program."""


class _Sessions:
    """Sessions whose transactions all begin with the same search_path, and a look at the record where it is watched."""

    def __init__(self, engine: Engine, path: str, see: str, watch: Watch | None, lock_waits: LockWaits | None) -> None:
        self.engine = engine
        self.watch = watch
        self._path = path
        self._see = see
        self._lock_waits = lock_waits

    @contextmanager
    def begin(self, reason: str = "", waiting: OnWaiting | None = None) -> Iterator[Session]:
        """A Session in a transaction: committed at the end, rolled back by any exception.

        *reason* stands in the record of changes beside everything that is changed; InvalidInputError where it is too
        long or cannot be stored. Raises errors of db/errors.py;
        UnconfirmedError where the answer to the COMMIT is lost. *waiting* is told who stands in the way, from another
        thread; what it raises ends the transaction.
        """
        # The record cuts off what is longer: nobody would know that the rest of it is missing.
        if problem := text_problem(reason, longest=LONGEST_REASON):
            raise InvalidInputError({"reason": problem})
        is_sent = False
        patient = _WatchedTransaction(self._lock_waits, waiting)
        try:
            with patient, database_errors(), Session(self.engine, expire_on_commit=False) as session:
                self._bind(session, reason, patient)
                with session.begin():
                    yield session
                    is_sent = True
        except UnreachableError:
            if is_sent:
                raise UnconfirmedError from None
            raise

    def _bind(self, session: Session, reason: str, patient: "_WatchedTransaction") -> None:
        def after_begin(_session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
            patient.begin(connection)
            self._begin_at(connection)
            if reason:
                connection.execute(_SET_REASON, {"reason": reason})

        event.listen(session, "after_begin", after_begin)

    def look(self) -> None:
        """See the record once more after an own commit, and keep it; what cannot be asked now is seen the next time."""
        if self.watch is not None:
            # Not in autocommit: SQLAlchemy resets that when it gives a connection back, and if it is lost at this very
            # moment the pool never gets its place again; after three of them the program had none left.
            with suppress(LabkeepError), database_errors(), self.engine.connect() as connection:
                self._begin_at(connection)
            with suppress(LabkeepError):
                self.watch.flush()

    def _begin_at(self, connection: Connection) -> None:
        watch = self.watch
        if watch is None:
            connection.exec_driver_sql(_SET_PATH, {"path": self._path})
            return
        asked = watch.asks()
        row = connection.exec_driver_sql(self._see, {"path": self._path, "seen": asked}).one()
        then = None if row[2] is None else bytes(row[2])
        schema = SchemaState(*(each or "" for each in row[3:]))
        watch.sees(asked, RecordState(row[0], bytes(row[1] or b""), then, schema))


class _WatchedTransaction:
    """LockWaits over one transaction, from its first statement to its end."""

    def __init__(self, lock_waits: LockWaits | None, waiting: OnWaiting | None) -> None:
        self._lock_waits = lock_waits
        self._waiting = waiting
        self._token: object | None = None

    def begin(self, connection: Connection) -> None:
        if self._lock_waits is not None and self._token is None:
            driver: Any = connection.connection.dbapi_connection
            self._token = self._lock_waits.begin(driver, self._waiting)

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if self._lock_waits is None or self._token is None:
            return
        stopped = self._lock_waits.end(self._token)
        if stopped is not None and isinstance(error, DatabaseBusyError):
            raise stopped from None


class CenterSessions(_Sessions):
    """Sessions in one center's schema, for its whole life."""

    def __init__(
        self, engine: Engine, schema: str, watch: Watch | None = None, lock_waits: LockWaits | None = None
    ) -> None:
        if not SCHEMA_PATTERN.fullmatch(schema):
            raise ValueError("not the name of a center's schema")
        center_id = UUID(schema.removeprefix("center_"))
        revision = _CENTER_REVISION.format(center_id)
        see = _SET_PATH_AND_SEE.format(digest_at=f"{schema}.digest_at", revision=revision, schema=schema)
        super().__init__(engine, f"{schema},pg_catalog,pg_temp", see, watch, lock_waits)
        self.schema = schema

    @contextmanager
    def begin(self, reason: str = "", waiting: OnWaiting | None = None) -> Iterator[Session]:
        """As for every session; CenterClosedError where a person finds no name in the schema any more."""
        try:
            with super().begin(reason, waiting) as session:
                yield session
        except UndefinedNameError:
            raise CenterClosedError(_CLOSED) from None

    def _begin_at(self, connection: Connection) -> None:
        try:
            super()._begin_at(connection)
        except DBAPIError as error:
            # A name of the schema instead of one in the search_path says it in other words.
            if isinstance(error.orig, psycopg2.errors.InsufficientPrivilege | psycopg2.errors.InvalidSchemaName):
                raise CenterClosedError(_CLOSED) from None
            raise


class SharedSessions(_Sessions):
    """Sessions in which no center's table has a name: shared tables are always written ``public.…``."""

    def __init__(self, engine: Engine, watch: Watch | None = None, lock_waits: LockWaits | None = None) -> None:
        revision = "SELECT v.version_num FROM public.alembic_version v"
        see = _SET_PATH_AND_SEE.format(digest_at="api.digest_at", revision=revision, schema="public")
        super().__init__(engine, "pg_catalog,pg_temp", see, watch, lock_waits)
