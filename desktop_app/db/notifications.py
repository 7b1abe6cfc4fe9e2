"""Hears on a connection of its own that something changed, and nothing of what it was.

The contract. One thread holds the connection, waits at its socket and calls ``told``; nothing else touches it. What is
told is a hint: whoever hears it reads under his own rights, and finds out whether there is anything new. So a hint may
come too often, or in vain, and nothing depends on how many there were: they are gathered for a moment that is another
one in each program, and after one was told the next one waits. Whoever knows a channel's name may send to it, and
whoever sends in a flood is not listened to for a while.

That hints arrive is proved, not assumed: behind a pooler that lends connections out by the transaction, LISTEN succeeds
and nothing ever comes. The program sends one to itself by another connection, once a minute. Until that arrived, and
whenever it does not, ``told`` hears that one has to look by oneself.
"""

import logging
import random
import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, quote_ident
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812  # it is a class
from sqlalchemy.orm import Session

from desktop_app.db.user_engine import SignedOutError
from desktop_app.errors import LabkeepError

log = logging.getLogger(__name__)

GATHER_SECONDS = 0.15
"""At most so long a hint waits for others: a window of each workstation reads at another moment."""
BETWEEN_SECONDS = 0.6
"""From one hint that was told to the next, whatever comes."""
REST_SECONDS = 0.02
"""Between two looks at the socket."""
LONGEST_REST_SECONDS = 0.1
"""While a hint waits to be told."""
FLOOD = 1_500
"""Hints in one second that no laboratory's work explains."""
PAYLOAD_OF_ONE = 50
"""Bytes that count as another hint: ours have none."""
STAY_AWAY_SECONDS = 60.0
"""After a flood, and where nothing arrives."""
PROOF_SECONDS = 5.0
"""How long a hint to oneself may be under way."""
PROOF_EVERY_SECONDS = 60.0
FIRST_RETRY_SECONDS = 0.5
LAST_RETRY_SECONDS = 30.0


@dataclass(frozen=True)
class Hint:
    """What is known: these channels were heard, or (``is_heard``) whether hints arrive at all."""

    channels: frozenset[UUID]
    by_others: bool = True
    """False where all of it was done by this program's own connections."""
    is_heard: bool = True
    """Whether hints arrive; where they do not, one has to look by oneself."""


Told = Callable[[Hint], None]
"""Called from the thread; what it raises ends the listening."""


def notify(session: Session, channel: UUID) -> None:
    """Send a hint without content at the end of the transaction."""
    # The statement: nobody but the owner may call the function.
    session.connection().exec_driver_sql(f'NOTIFY "{channel_name(channel)}"')


def channel_name(channel: UUID) -> str:
    """As internal.hint() writes it."""
    return f"labkeep_{channel.hex}"


@dataclass(frozen=True)
class _Program:
    """What listening needs of the rest of the program."""

    connect: Callable[[], Any]
    prove: Callable[[UUID], None]
    own: Callable[[], frozenset[int]]
    told: Told


def _some(least: float, most: float) -> float:
    return random.uniform(least, most)  # noqa: S311  # programs are to differ; nothing is guarded by it


class _Orders:
    """What the thread is to do; given by others, who wake it."""

    def __init__(self) -> None:
        self.wanted: frozenset[UUID] = frozenset()
        self.hurry = False
        self.closed = threading.Event()
        # A socket, because on Windows nothing else can be waited for beside the connection's.
        self.woken, self._waker = socket.socketpair()
        self.woken.setblocking(False)
        self._waker.setblocking(False)

    def wake(self) -> None:
        with suppress(OSError):  # full: it is woken already; closed: it has ended
            self._waker.send(b"x")

    def drain(self) -> None:
        with suppress(OSError):
            self.woken.recv(4096)

    def end(self) -> None:
        self.woken.close()
        self._waker.close()


class Notifications:
    """Listens from ``listen_to`` on until ``close``; connects again by itself."""

    def __init__(
        self,
        connect: Callable[[], Any],
        prove: Callable[[UUID], None],
        own: Callable[[], frozenset[int]],
        told: Told,
    ) -> None:
        """*prove* sends a hint to a channel by another connection; *own* names the server's processes behind these."""
        self._program = _Program(connect, prove, own, told)
        self._orders = _Orders()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def listen_to(self, channels: frozenset[UUID]) -> None:
        """Hear these from now on, and no others."""
        orders = self._orders
        with self._lock:
            if orders.closed.is_set() or channels == orders.wanted:
                return
            orders.wanted = channels
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="labkeep-notifications", daemon=True)
                self._thread.start()
        orders.wake()

    @property
    def is_over(self) -> bool:
        """Whether nobody will be told of anything any more: it was closed, or the person has signed out."""
        return self._orders.closed.is_set()

    def hurry(self) -> None:
        """The server is there again: connect now, if that is what is waited for."""
        self._orders.hurry = True
        self._orders.wake()

    def close(self, seconds: float = 5.0) -> None:
        """Listen no more; the connection is closed when this returns, or its thread is hung up at the network."""
        with self._lock:
            self._orders.closed.set()
            thread, self._thread = self._thread, None
        self._orders.wake()
        if thread is None:
            self._orders.end()
        elif thread is not threading.current_thread():
            thread.join(seconds)

    def _run(self) -> None:
        closed, wait = self._orders.closed, FIRST_RETRY_SECONDS
        try:
            while not closed.is_set():
                began = time.monotonic()
                pause = self._listen()
                if closed.is_set():
                    return
                wait = FIRST_RETRY_SECONDS if time.monotonic() - began > LAST_RETRY_SECONDS else wait * 2
                self._program.told(Hint(frozenset(), is_heard=False))
                self._sleep(max(pause, min(wait, LAST_RETRY_SECONDS)) * _some(0.5, 1.5))
        except SignedOutError:
            return
        finally:
            closed.set()
            self._orders.end()

    def _listen(self) -> float:
        """Until something ends it; how long to stay away at least."""
        try:
            connection: Psycopg2Connection = self._program.connect()
        except SignedOutError:
            raise
        except (psycopg2.Error, LabkeepError) as error:
            log.info("Nobody listens: %s.", type(error).__name__)
            return 0.0
        try:
            connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            return _Listening(self._program, self._orders, connection).run()
        except (psycopg2.Error, OSError) as error:
            log.info("The listening connection was lost: %s.", type(error).__name__)
            return 0.0
        finally:
            with suppress(psycopg2.Error):
                connection.close()

    def _sleep(self, seconds: float) -> None:
        orders, until = self._orders, time.monotonic() + seconds
        orders.hurry = False
        while not orders.closed.is_set() and (left := until - time.monotonic()) > 0:
            select.select([orders.woken], [], [], left)
            orders.drain()
            if orders.hurry:
                # Not all at the same moment: every window saw the server come back.
                orders.hurry, until = False, min(until, time.monotonic() + _some(0, 1.5))


class _Listening:
    """One connection, from LISTEN to its end."""

    def __init__(self, program: _Program, orders: _Orders, connection: Psycopg2Connection) -> None:
        self._program = program
        self._orders = orders
        self._connection = connection
        self._test = uuid4()
        self._heard: frozenset[UUID] = frozenset()
        self._by_channel: dict[str, UUID] = {}
        self._pending: set[UUID] = set()
        self._by_others = False
        self._may_tell = 0.0
        self._recent: list[float] = []
        self._proved = False
        self._sent_at: float | None = None
        self._next_proof = 0.0

    def run(self) -> float:
        """Returns how long to stay away at least."""
        orders = self._orders
        while not orders.closed.is_set():
            self._follow()
            if not self._prove():
                log.info("Notifications do not arrive on this way to the server; it is asked instead.")
                return STAY_AWAY_SECONDS
            self._tell()
            select.select([self._connection, orders.woken], [], [], self._patience())
            orders.drain()
            if self._receive():
                log.warning("Somebody floods the notifications; nobody listens for a while.")
                return STAY_AWAY_SECONDS
            orders.closed.wait(self._rest())
        return 0.0

    def _follow(self) -> None:
        """LISTEN to what is wanted, and to nothing else."""
        wanted = self._orders.wanted
        names = {channel_name(each): each for each in wanted | {self._test}}
        with self._connection.cursor() as cursor:
            for name in names.keys() - self._by_channel.keys():
                cursor.execute(f"LISTEN {quote_ident(name, cursor)}")
            for name in self._by_channel.keys() - names.keys():
                cursor.execute(f"UNLISTEN {quote_ident(name, cursor)}")
        if fresh := wanted - self._heard:
            # Whatever happened while nobody listened is looked for once, by whoever is told of it.
            self._pend(fresh, by_others=True)
        self._by_channel, self._heard = names, wanted

    def _prove(self) -> bool:
        """Send a hint to oneself where it is time; False where the last one did not arrive."""
        now = time.monotonic()
        if self._sent_at is not None and now - self._sent_at >= PROOF_SECONDS:
            return False
        if self._sent_at is not None or now < self._next_proof:
            return True
        self._next_proof = now + PROOF_EVERY_SECONDS * _some(0.8, 1.2)
        # Before it is sent: the answer may be here before the pool gave its connection back.
        self._sent_at = now
        try:
            self._program.prove(self._test)
        except SignedOutError:
            raise
        except LabkeepError as error:
            # The pool has trouble of its own; this connection will see whether it has, too.
            log.info("No proof that notifications arrive: %s.", error.code)
            self._sent_at, self._next_proof = None, now + PROOF_SECONDS
        return True

    def _on_proved(self) -> None:
        self._sent_at = None
        if not self._proved:
            self._proved = True
            self._program.told(Hint(frozenset(), is_heard=True))

    def _pend(self, channels: frozenset[UUID] | set[UUID], *, by_others: bool) -> None:
        if not self._pending and channels:
            gathered = time.monotonic() + _some(0.02, GATHER_SECONDS)
            self._may_tell = max(self._may_tell, gathered)
        self._pending |= channels
        self._by_others = self._by_others or by_others

    def _tell(self) -> None:
        if not self._pending or time.monotonic() < self._may_tell:
            return
        hint = Hint(frozenset(self._pending), by_others=self._by_others, is_heard=self._proved)
        self._pending, self._by_others = set(), False
        self._may_tell = time.monotonic() + BETWEEN_SECONDS * _some(0.9, 1.3)
        self._program.told(hint)

    def _patience(self) -> float:
        now = time.monotonic()
        moments = [self._next_proof if self._sent_at is None else self._sent_at + PROOF_SECONDS]
        if self._pending:
            moments.append(self._may_tell)
        return max(0.0, min(moments) - now)

    def _rest(self) -> float:
        """Nothing that comes now is told before the rest is over."""
        if not self._pending:
            return REST_SECONDS
        return min(LONGEST_REST_SECONDS, max(REST_SECONDS, self._may_tell - time.monotonic()))

    def _receive(self) -> bool:
        """Take what came; whether it was a flood."""
        self._connection.poll()
        came: list[Any] = self._connection.notifies
        if not came:
            return False
        now = time.monotonic()
        own = self._program.own()
        found: set[UUID] = set()
        by_others = False
        for each in came:
            channel = self._by_channel.get(each.channel)
            if channel == self._test:
                self._on_proved()
            elif channel is not None:
                found.add(channel)
                by_others = by_others or each.pid not in own
        count = sum(1 + len(each.payload) // PAYLOAD_OF_ONE for each in came)
        came.clear()
        if found:
            self._pend(found, by_others=by_others)
        self._recent = [at for at in self._recent if now - at < 1.0] + [now] * min(count, FLOOD + 1)
        return len(self._recent) > FLOOD
