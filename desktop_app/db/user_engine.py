"""The engine of one person's login: its password can be replaced, and at the end it is forgotten."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg2
from sqlalchemy import Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from desktop_app.db.connection import ServerAddress, open_engine
from desktop_app.db.engines import forget_values
from desktop_app.db.errors import AccountClosedError, SignInRefusedError, translated
from desktop_app.db.lock_waits import LockWaits
from desktop_app.errors import UnavailableError


class SignedOutError(UnavailableError):
    """The person has signed out; what he had opened works no more."""

    code = "signed_out"


Revive = Callable[[], ServerAddress | None]
"""Brings a server that has died up again and says where it is; None for one that is not ours to start."""


class UserEngine:
    """An engine whose pool asks for the password each time it opens a connection, and gets none after ``close``."""

    def __init__(self, address: ServerAddress, login: str, password: str, revive: Revive = lambda: None) -> None:
        self._password: str | None = password
        self._revive = revive
        self._place: dict[str, Any] = {}
        self._closed = 0
        self._was_in = False
        self._pids: set[int] = set()
        self._way: dict[str, Any] | None = None
        self.lock_waits = LockWaits(self.connect_beside)
        self.engine: Engine = open_engine(address, login, None, self._connect)
        event.listen(self.engine, "connect", self._on_connected)
        event.listen(self.engine, "checkin", self._on_given_back)
        event.listen(self.engine, "close", self._on_closed)

    def use_password(self, password: str) -> None:
        """Open what comes next with the new password; open connections stay."""
        self._password = password

    def close(self) -> None:
        """Close every connection, forget the password and what was asked: from now on all raises SignedOutError."""
        self._password = None
        self._closed += 1
        self.lock_waits.close()
        self.engine.dispose()
        forget_values()

    def connect_beside(self) -> Any:
        """A connection outside the pool, whose connections may all be at work; made as the pool's last one was."""
        if self._way is None:
            raise RuntimeError("nothing waits before there is a connection")
        return self._connect(**self._way)

    def own_pids(self) -> frozenset[int]:
        """The server's processes behind the pool's connections."""
        return frozenset(self._pids.copy())

    def _on_connected(self, connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["closed"] = self._closed
        self._pids.add(connection.info.backend_pid)
        self._was_in = True

    def _on_closed(self, connection: Any, _record: ConnectionPoolEntry) -> None:
        with suppress(psycopg2.Error):
            self._pids.discard(connection.info.backend_pid)

    def _on_given_back(self, connection: Any, record: ConnectionPoolEntry) -> None:
        # What was at work while ``close`` came goes back to a pool that nobody empties any more.
        if connection is not None and record.info["closed"] != self._closed:
            connection.close()
            forget_values()

    def _connect(self, **parameters: Any) -> Any:
        if self._password is None:
            raise SignedOutError("You are signed out; sign in again.")
        self._way = parameters
        wanted = parameters | {"password": self._password}
        try:
            return psycopg2.connect(**(wanted | self._place))
        except psycopg2.OperationalError as error:
            self._say_closed(error)
            address = self._revive()
            if address is None:
                raise
            self._place = {"host": address.host, "port": address.port}
        try:
            return psycopg2.connect(**(wanted | self._place))
        except psycopg2.OperationalError as error:
            self._say_closed(error)
            raise

    def _say_closed(self, error: psycopg2.OperationalError) -> None:
        """Whose password was right a moment ago has not mistyped it."""
        if self._was_in and type(translated(error)) is SignInRefusedError:
            raise AccountClosedError from None
