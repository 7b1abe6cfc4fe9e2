"""The engine of the database administrator's connection: every row is his to read, and nothing sealed opens for him."""

from typing import Any

from sqlalchemy import Engine, event

from desktop_app.db.connection import admin_connection, open_admin_engine, read_dsn
from desktop_app.db.decoding import read_strange_moments
from desktop_app.db.engines import forget_values
from desktop_app.db.lock_waits import LockWaits

_READ_ONLY = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"


class AdministratorEngine:
    """Connections of a DSN; *read_only* ones in transactions that PostgreSQL lets change nothing."""

    def __init__(self, dsn: str, *, read_only: bool = False) -> None:
        self.login = read_dsn(dsn).user or ""
        self.engine: Engine = open_admin_engine(dsn)
        event.listen(self.engine, "connect", read_strange_moments)
        if read_only:
            event.listen(self.engine, "connect", _forbid_changes)
        self.lock_waits = LockWaits(lambda: admin_connection(dsn))

    def use_password(self, _password: str) -> None:
        """A DSN's password is the DSN's to say."""
        raise RuntimeError("the database administrator's password is no person's")

    def close(self) -> None:
        """Close every connection, and forget what was asked."""
        self.lock_waits.close()
        self.engine.dispose()
        forget_values()


def _forbid_changes(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_READ_ONLY)
    connection.commit()
