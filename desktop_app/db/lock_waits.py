"""Nobody waits for ever: who has waited too long ends the session that stands in the way.

PostgreSQL lets everybody keep a transaction open, and with it the locks of what he did there: a sample that is not
committed stops the deactivation of its responsible person, and the seal of a record the writing of a whole center.
A waiting connection cannot speak, so that another one, made for it, calls ``api.end_blockers`` for it about once a
second; the server decides who is ended (docs/decisions/open-transactions.md).
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812  # it is a class

from desktop_app.errors import LabkeepError

log = logging.getLogger(__name__)

FIRST_LOOK_SECONDS = 1.0
NEXT_LOOK_SECONDS = 1.0
# The helping connection asks nothing that takes long; where even that waits, the next look is the better one.
_HELP_TIMEOUT = "SET statement_timeout = '5s'; SET search_path = pg_catalog, pg_temp"
_END = "SELECT b.login, b.ended, (SELECT u.username FROM public.users u WHERE u.login = b.login) AS name FROM {} b"


@dataclass(frozen=True)
class Blocker:
    """A session that stands in the way."""

    login: str
    username: str | None
    """Of a person whom the waiting one may see."""
    ended: bool


OnWaiting = Callable[[tuple[Blocker, ...]], None]
"""Told about once a second who is waited for; may raise ``Cancelled``, which stops the waiting statement."""


class _Waiting:
    """A transaction that began and has not ended."""

    def __init__(self, connection: Psycopg2Connection, told: OnWaiting | None) -> None:
        self.connection = connection
        self.pid: int = connection.info.backend_pid
        self.told = told
        self.due = time.monotonic() + FIRST_LOOK_SECONDS
        self.stopped: LabkeepError | None = None


class LockWaits:
    """Watches over the transactions of one login; its thread wakes once a second while there are any."""

    def __init__(self, connect: Callable[[], Any], call: str = "api.end_blockers(%s)") -> None:
        self._connect = connect
        self._query = _END.format(call)
        self._waiting: dict[object, _Waiting] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def begin(self, connection: Psycopg2Connection, told: OnWaiting | None = None) -> object:
        """Watch over the transaction that begins; what ``end`` is to be given."""
        token, waiting = object(), _Waiting(connection, told)
        with self._changed:
            self._waiting[token] = waiting
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="labkeep-lock-waits", daemon=True)
                self._thread.start()
        return token

    def end(self, token: object) -> LabkeepError | None:
        """The transaction is over; the error by which it was stopped from here, if it was."""
        with self._changed:
            waiting = self._waiting.pop(token, None)
        return waiting.stopped if waiting else None

    def close(self) -> None:
        """Watch over nothing any more, until something begins again."""
        with self._changed:
            self._waiting.clear()
            self._changed.notify()

    def _watch(self) -> None:
        helper: Psycopg2Connection | None = None
        try:
            while (due := self._due()) is not None:
                helper = self._help(helper, due)
        finally:
            if helper is not None:
                helper.close()

    def _due(self) -> list[tuple[object, _Waiting]] | None:
        """Whoever has waited long enough for a look, waited for; None when nobody is there any more."""
        with self._changed:
            if self._waiting:
                # Nobody who comes meanwhile is due before.
                next_look = min(one.due for one in self._waiting.values())
                self._changed.wait(max(0.0, next_look - time.monotonic()))
            if not self._waiting:
                self._thread = None
                return None
            now = time.monotonic()
            return [(token, one) for token, one in self._waiting.items() if one.due <= now]

    def _help(self, helper: Psycopg2Connection | None, due: list[tuple[object, _Waiting]]) -> Psycopg2Connection | None:
        for token, waiting in due:
            try:
                helper = helper or self._open()
                self._look(helper, token, waiting)
            except (psycopg2.Error, LabkeepError) as error:
                # Signed out, no free connection, or the server is gone: the waiting one will find out by itself.
                log.info("nobody could be ended for a waiting transaction: %s", type(error).__name__)
                if helper is not None:
                    helper.close()
                helper = None
            waiting.due = time.monotonic() + NEXT_LOOK_SECONDS
        return helper

    def _open(self) -> Psycopg2Connection:
        helper: Psycopg2Connection = self._connect()
        helper.autocommit = True
        with helper.cursor() as cursor:
            cursor.execute(_HELP_TIMEOUT)
        return helper

    def _look(self, helper: Psycopg2Connection, token: object, waiting: _Waiting) -> None:
        with closing(helper.cursor()) as cursor:
            cursor.execute(self._query, (waiting.pid,))
            blockers = tuple(Blocker(login, name, ended) for login, ended, name in cursor.fetchall())
        if not blockers or waiting.told is None:
            return
        try:
            waiting.told(blockers)
        except LabkeepError as error:
            with self._changed:
                # Not the next transaction of the same connection.
                if token in self._waiting:
                    waiting.stopped = error
                    waiting.connection.cancel()
