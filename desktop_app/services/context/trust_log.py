"""The trust log as a service: read, verified, remembered, and added to.

No cryptographic decision is taken from any other table. The newest head that this workstation saw is remembered;
a log that does not extend it is an alarm, and good for reading alone.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

from desktop_app.crypto.errors import ForkError, TruncatedLogError, TrustError
from desktop_app.crypto.identities import Identity
from desktop_app.crypto.trust_entries import TrustEntry
from desktop_app.crypto.trust_log import extend, sign_entry, verify_log
from desktop_app.crypto.trust_register import TrustedPerson
from desktop_app.crypto.trust_state import SeenLog, TrustHead, TrustState
from desktop_app.crypto.trust_statements import Statement
from desktop_app.db import trust as trust_rows
from desktop_app.db.api_rows import EntryRow
from desktop_app.db.errors import (
    DatabaseBusyError,
    SignInRefusedError,
    TrustLogMovedError,
    UnconfirmedError,
    UnreachableError,
)
from desktop_app.db.sessions import OnWaiting, Session, SharedSessions
from desktop_app.errors import LabkeepError, RefusedError
from desktop_app.message import Message
from desktop_app.services.context.retries import asked_again
from desktop_app.services.context.trust_memory import TrustMemory
from desktop_app.storage.errors import StorageError
from desktop_app.storage.remembered_trust import RememberedTrustHead
from desktop_app.storage.seen_heads import SeenHeads
from desktop_app.system.locks import LockBusyError
from desktop_app.system.retrying import retried

LOGGER = logging.getLogger(__name__)
ATTEMPTS = 24
"""How often a change begins again because somebody else was first: several administrators who put people out rotate."""
Result = TypeVar("Result")


class TrustLog:
    """The verified state of one installation's trust log, kept fresh; safe to use from several threads."""

    def __init__(self, installation_id: UUID, root_fingerprint: bytes, remembered: SeenHeads) -> None:
        self._installation_id = installation_id
        self._root_fingerprint = root_fingerprint
        self._remembered = remembered
        self._state: TrustState | None = None
        self.memory = TrustMemory(remembered.snapshots, installation_id)
        self.guard: Callable[[bool], None] = lambda _over_a_rollback: None
        """Refuses a change, once the transaction of that change has begun."""
        self.rollback: Message | None = None
        """The alarm's sentence while the log is an older one than was seen here: it is believed for reading only."""
        self.rollback_code = ""
        """How it disagrees with what was seen here: ``fork`` or ``truncated_log``."""
        self._lock = threading.RLock()

    @property
    def state(self) -> TrustState:
        """The newest verified state; ``refresh`` must have run once."""
        if self._state is None:
            raise RuntimeError("the trust log was not read yet")
        return self._state

    def believed_lineage(self) -> bytes | None:
        """The digest of the last "restored" that counts here, or zeros; None while the log is not believed."""
        return None if self._state is None or self.rollback is not None else self._state.head.lineage

    def refresh(self, session: Session) -> TrustState:
        """Read what was appended, verify it, and remember it (TrustError if it does not extend what was seen here).

        A log that was restored from a backup is taken once that was signed by somebody who is believed here. Until
        then it is good for reading alone: nothing is remembered of it, and every change is refused (``rollback``).
        """
        with self._lock:
            for _attempt in range(ATTEMPTS):
                # Before the log is read: another program here may see and remember a later entry meanwhile.
                remembered = self._remembered.trust.head(self._installation_id)
                try:
                    state = self._read(session, None if remembered is None else _seen(remembered))
                except (ForkError, TruncatedLogError) as error:
                    self._state, self.rollback = self._read_whole(session, None), error.message
                    self.rollback_code = error.code
                    return self._state
                if self._remembered.trust.keep(self._installation_id, _kept(state.seen), remembered):
                    self._state, self.rollback = state, None
                    self.memory.keep(state)
                    return state
        raise DatabaseBusyError("Other Labkeep programs on this computer read the trust log, too; try again.")

    def _read(self, session: Session, seen: SeenLog | None) -> TrustState:
        known = self._state or self.memory.recall()
        if known is not None:
            with suppress(TrustError):
                return self._read_on(session, known, seen)
            # What we hold is of another branch than the database: the whole log tells whether that was signed away.
        return self._read_whole(session, seen)

    def _read_whole(self, session: Session, seen: SeenLog | None) -> TrustState:
        entries = [_entry(row) for row in trust_rows.entries_after(session, 0)]
        return verify_log(entries, self._installation_id, self._root_fingerprint, remembered=seen)

    def _read_on(self, session: Session, known: TrustState, seen: SeenLog | None) -> TrustState:
        # From the known head itself, so that a log that was cut there shows.
        entries = [_entry(row) for row in trust_rows.entries_after(session, known.head.sequence - 1)]
        if not entries:
            raise TruncatedLogError("The trust log ends before the entry that this program saw last.")
        return verify_log(entries, self._installation_id, self._root_fingerprint, remembered=seen, known=known)

    def belongs_to(self, user_id: UUID, identity: Identity) -> None:
        """Keep what is verified for the person with these keys, from one start to the next."""
        with self._lock:
            self.memory.belongs_to(user_id, identity)
            if self._state is not None and self.rollback is None:
                self.memory.keep(self._state)

    def change(
        self,
        sessions: SharedSessions,
        signer: Identity,
        act: "Callable[[TrustChange], Result]",
        *,
        reason: str = "",
        over_a_rollback: bool = False,
        waiting: OnWaiting | None = None,
    ) -> Result:
        """Run *act* in one transaction that signs entries; again if somebody else appended one meanwhile.

        What *act* returns was read in that very transaction: nothing is asked of the server after the COMMIT that a
        lost connection could turn into a failure. *over_a_rollback* is for the one entry that ends the alarm of a
        restored installation.
        """

        made: list[tuple[TrustChange, Result]] = []

        def once() -> Result:
            with sessions.begin(reason=reason, waiting=waiting) as session:
                state = self.refresh(session)
                self.guard(over_a_rollback)
                change = TrustChange(session, state, signer, self._installation_id)
                made.append((change, act(change)))
            return made[-1][1]

        try:
            result = retried(once, lambda error: isinstance(error, TrustLogMovedError), (0.0,) * (ATTEMPTS - 1))
        except UnconfirmedError:
            # The log itself tells whether it was done: nobody else signs these very entries.
            change, result = made[-1]
            if not _stands_in_the_log(sessions, change):
                raise UnreachableError from None
        # The change is made: a lost connection or a full disk must not call it failed now. The next use reads the log,
        # and says what is wrong.
        try:
            with sessions.begin() as session:
                self.refresh(session)
        except (StorageError, LockBusyError) as error:
            self.memory.notices.append(
                Message("The change is made, but this computer could not keep what it saw of it: {error}", error=error)
            )
        except LabkeepError as error:
            LOGGER.warning("The trust log could not be read again after a change: %s.", error.code)
        sessions.look()
        return result


def _stands_in_the_log(sessions: SharedSessions, change: "TrustChange") -> bool:
    """Whether what was signed last is there; UnconfirmedError where nobody can be asked, or nothing was signed."""
    if not change.has_signed:
        raise UnconfirmedError
    head = change.state.head
    try:
        rows = asked_again(sessions.begin, lambda session: trust_rows.entries_after(session, head.sequence - 1))
    except SignInRefusedError:  # it may have been one's own password that was changed
        raise UnconfirmedError from None
    return bool(rows) and _entry(rows[0]).digest() == head.digest


class TrustChange:
    """One transaction on the shared tables that appends entries to the trust log."""

    def __init__(self, session: Session, state: TrustState, signer: Identity, installation_id: UUID) -> None:
        self.session = session
        self.state = state
        self.has_signed = False
        self._signer = signer
        self._installation_id = installation_id

    def person(self, user_id: UUID) -> TrustedPerson:
        """A person as the log names him, what was signed in this change included."""
        person = self.state.person(user_id)
        if person is None:
            raise RefusedError("The trust log does not know this person.")
        return person

    def sign(self, statement: Statement) -> EntryRow:
        """The signed entry that comes next in the log, as the database takes it."""
        entry = sign_entry(statement, self.state, self._signer, self._installation_id)
        self.state = extend(self.state, entry)
        self.has_signed = True
        return entry_row(entry)


def entry_row(entry: TrustEntry) -> EntryRow:
    """A signed entry as the database takes it."""
    return EntryRow(entry.sequence, entry.payload, entry.signer, entry.signature)


def _seen(kept: RememberedTrustHead) -> SeenLog:
    return SeenLog(TrustHead(kept.sequence, kept.digest, kept.lineage), kept.restorers, kept.lineages)


def _kept(seen: SeenLog) -> RememberedTrustHead:
    head = seen.head
    return RememberedTrustHead(head.sequence, head.digest, head.lineage, seen.restorers, seen.lineages)


def _entry(row: EntryRow) -> TrustEntry:
    return TrustEntry(row.sequence, row.payload, row.signer, row.signature)
