"""Units of work: one Session for one center, or for what is shared; never for both.

A center's name is no argument of any query. The search_path is set for the transaction only, so that it survives
PgBouncer in transaction mode and leaks nowhere; a Session's identity map never holds rows of two schemas.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.orm import Session, SessionTransaction

from desktop_app.db.errors import (
    NotAllowedError,
    UnconfirmedError,
    UndefinedNameError,
    UnreachableError,
    database_errors,
)
from desktop_app.domain.ids import SCHEMA_PATTERN

__all__ = ["CenterSessions", "Session", "SharedSessions"]

# In the driver's words: every transaction begins with it, and a text() takes a tenth of a short one's time (measured).
_SET_PATH = "SELECT set_config('search_path', %(path)s, true)"
_SET_REASON = text("SELECT set_config('labkeep.reason', :reason, true)")


class _Sessions:
    """Sessions whose transactions all begin with the same search_path."""

    def __init__(self, engine: Engine, path: str) -> None:
        self.engine = engine
        self._path = path

    @contextmanager
    def begin(self, reason: str = "") -> Iterator[Session]:
        """A Session in a transaction: committed at the end, rolled back by any exception.

        *reason* stands in the record of changes beside everything that is changed. Raises errors of db/errors.py;
        UnconfirmedError where the answer to the COMMIT is lost.
        """
        is_sent = False
        try:
            with database_errors(), Session(self.engine, expire_on_commit=False) as session:
                self._bind(session, reason)
                with session.begin():
                    yield session
                    is_sent = True
        except UnreachableError:
            if is_sent:
                raise UnconfirmedError from None
            raise

    def _bind(self, session: Session, reason: str) -> None:
        def after_begin(_session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
            connection.exec_driver_sql(_SET_PATH, {"path": self._path})
            if reason:
                connection.execute(_SET_REASON, {"reason": reason})

        event.listen(session, "after_begin", after_begin)


class CenterSessions(_Sessions):
    """Sessions in one center's schema, for its whole life."""

    def __init__(self, engine: Engine, schema: str) -> None:
        if not SCHEMA_PATTERN.fullmatch(schema):
            raise ValueError("not the name of a center's schema")
        super().__init__(engine, f"{schema},pg_catalog,pg_temp")
        self.schema = schema

    @contextmanager
    def begin(self, reason: str = "") -> Iterator[Session]:
        """As for every session; NotAllowedError where the schema is closed to the person, whose names then are none."""
        try:
            with super().begin(reason) as session:
                yield session
        except UndefinedNameError:
            raise NotAllowedError("This center is closed, or it is not yours any more.") from None


class SharedSessions(_Sessions):
    """Sessions in which no center's table has a name: shared tables are always written ``public.…``."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, "pg_catalog,pg_temp")
