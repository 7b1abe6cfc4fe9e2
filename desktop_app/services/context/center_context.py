"""One center in the hands of a signed-in person: sessions, standing and keys."""

import platform
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

from desktop_app.crypto.errors import PlantedKeyError
from desktop_app.db.errors import KeysReplacedError
from desktop_app.db.openings import note_openings
from desktop_app.db.sessions import Session
from desktop_app.domain.openings import OpenedVersion, Opening, goes_on_record
from desktop_app.domain.reasons import ReasonVerb, require_reason
from desktop_app.domain.records import Center
from desktop_app.domain.rights import Standing, Verb, may
from desktop_app.errors import RefusedError
from desktop_app.message import Message
from desktop_app.services.context.center_keys import CenterKeys
from desktop_app.services.context.compatibility import require_fitting_center
from desktop_app.services.context.key_grants import center_keys
from desktop_app.services.context.person_context import PersonContext


class CenterContext:
    """Bound to one center for its life; safe to use from several threads."""

    def __init__(self, person: PersonContext, center: Center, standing: Standing) -> None:
        self.person = person
        self.center = center
        self.standing = standing
        self.watch = person.watch(center.id)
        self._seen_before = self.watch.schema
        self._sessions = person.sessions(center.id)
        self._keys: CenterKeys | None = None
        self._lock = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads."""
        with self._sessions.begin() as session:
            yield session

    @contextmanager
    def change(self, verb: Verb, reason: str = "") -> Iterator[Session]:
        """A transaction that changes something *verb* allows; *reason* goes on the record."""
        self.person.require(verb, self.center.id)
        if not self.center.is_active:
            raise RefusedError(
                "{center} is deactivated; a system administrator can restore it.", center=self.center.name
            )
        with self._write(reason) as session:
            yield session

    @contextmanager
    def _write(self, reason: str = "") -> Iterator[Session]:
        with self._sessions.begin(reason=reason) as session:
            session.connection()  # begins: what the record and the schema are now is seen
            self.person.require_present(self.center.id, self._sessions)
            self._require_fitting_program()
            yield session
        self._sessions.look()

    def note_opening(self, version_id: UUID, opening: Opening) -> None:
        """Somebody sees what a version holds: that goes on the record, soon (see openings.py)."""
        if goes_on_record(self.center.settings, opening):
            self.person.openings.note(self.center.id, self, version_id, opening)

    def record_openings(self, opened: Sequence[OpenedVersion]) -> None:
        """Put these on the record; also of a closed center, which system administrators read."""
        with self._write() as session:
            note_openings(session, platform.node(), opened)

    def require_reason(self, verb: ReasonVerb, reason: str) -> None:
        """Ask for the reason that the center's settings want; the database asks again."""
        require_reason(self.center.settings, verb, reason)

    def may(self, verb: Verb) -> bool:
        """Whether the person may do *verb* here; the database decides again."""
        return may(self.standing, verb) and (self.center.is_active or verb is Verb.READ)

    @property
    def rollback(self) -> Message | None:
        """The sentence of the alarm while the center is in an older state than this workstation saw."""
        return self.person.rollback_of(self.center.id)

    @property
    def misfit(self) -> str | None:
        """Why this program may read the center and not write into it, as far as the newest transaction found out."""
        try:
            self._require_fitting_program()
        except RefusedError as error:
            return error.message
        return None

    def _require_fitting_program(self) -> None:
        found, shared = self.watch.schema, self.person.watch(None).schema
        if found is self._seen_before and shared is not None:
            # Nothing was asked of the center since, but opening it has read its row.
            found = replace(shared, revision=self.center.schema_rev)
        if found is not None:
            require_fitting_center(self.center.name, found)

    def keys(self) -> CenterKeys:
        """The center's keys, opened once and kept until ``forget``."""
        with self._lock:
            if self._keys is None:
                self._keys = self._read_keys()
            return self._keys

    def _read_keys(self) -> CenterKeys:
        try:
            return self._read_keys_once()
        except (PlantedKeyError, RefusedError, KeysReplacedError):
            # A rotation that ended between the reading of the log and that of the grants looks like this, once; and so
            # do one's own keys while this program replaces them.
            with self.person.changing_keys:
                return self._read_keys_once()

    def _read_keys_once(self) -> CenterKeys:
        with self.person.shared.begin() as session:
            self.person.trust.refresh(session)
            return center_keys(self.person, session, self.center.id)

    def forget(self) -> None:
        """Drop the opened keys, which the next use reads and checks again; write what is still to be remembered."""
        self.watch.flush()
        with self._lock:
            self._keys = None
