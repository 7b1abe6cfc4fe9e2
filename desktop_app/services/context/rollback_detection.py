"""Nobody goes back unnoticed: each transaction asks whether the record still has the newest link that was seen here.

It costs no round trip, because the question rides on the statement that every transaction begins with. Number and
digest of the newest link are kept on the workstation, with the lineage of the trust log at that moment: a record that
lacks the link is an alarm, until the trust log has a "restored from backup" that was signed since and is believed here.
"""

import logging
import threading
import time
from collections.abc import Callable
from uuid import UUID

from desktop_app.db.sessions import RecordState, SchemaState
from desktop_app.errors import LabkeepError, RefusedError
from desktop_app.storage.errors import RememberedForkError
from desktop_app.storage.seen_heads import RememberedHead, SeenHeads

LOGGER = logging.getLogger(__name__)
BETWEEN_WRITES = 1.0
"""Seconds: what others commit is written to the memory at most so often, the rest at the next look or at the end. What
this program commits is written at once (``look`` of db/sessions.py)."""


class RolledBackError(RefusedError):
    """The data was put back to an older state, and nobody signed for it: nothing is written until somebody does."""

    code = "rolled_back"


class RollbackDetector:
    """Watches one record, of a center or (None) the installation's; safe to use from several threads."""

    def __init__(
        self,
        remembered: SeenHeads,
        installation_id: UUID,
        center_id: UUID | None,
        lineage: Callable[[], bytes | None],
    ) -> None:
        """*lineage* is the trust log's, as it is believed now; None while it was not read or is not believed."""
        self._remembered = remembered
        self._installation_id = installation_id
        self._center_id = center_id
        self._lineage = lineage
        self._lock = threading.RLock()
        self._seen: RememberedHead | None = None
        self._is_read = False
        self._unwritten: RememberedHead | None = None
        self._goes_back = False
        self._written_at = float("-inf")
        self.lost: RememberedHead | None = None
        """The link that was seen here and that the record lacks; None on a quiet day."""
        self.schema: SchemaState | None = None
        """As the newest transaction found it; None before the first."""

    def asks(self) -> int | None:
        """The number of the newest link that was seen here; RememberedBrokenError if that cannot be read."""
        with self._lock:
            if not self._is_read:
                self._seen = self._remembered.audit_head(self._installation_id, self._center_id)
                self._is_read = True
            return None if self._seen is None else self._seen.sequence

    def sees(self, asked: int | None, state: RecordState) -> None:
        """Compare what a transaction found with what was seen before, and remember it if it goes on from there."""
        with self._lock:
            self.schema = state.schema
            seen = self._seen
            # Asked for an older link than another transaction has seen meanwhile: the next one compares.
            if seen is None or asked != seen.sequence:
                if seen is None and state.number:
                    self._note(state)
                return
            if state.digest_then == seen.digest:
                self.lost = None
            elif not self._is_restored(seen):
                self.lost = seen
                return
            else:
                self.lost, self._seen, self._goes_back = None, None, True
            if state.number:
                self._note(state)

    def flush(self) -> None:
        """Write what was seen and is not written yet; a disk that refuses is tried again later."""
        with self._lock:
            head = self._unwritten
            if head is None:
                return
            try:
                stands = self._remembered.remember_audit_head(
                    self._installation_id, self._center_id, head, force=self._goes_back
                )
            except RememberedForkError:
                # Another program here saw another record: that one stands, and the next transaction asks for it.
                self._seen = self._remembered.audit_head(self._installation_id, self._center_id)
            except LabkeepError as error:  # also a folder of this computer that cannot be made
                LOGGER.warning("What was seen of a record could not be kept: %s", type(error).__name__)
                return
            else:
                self._seen = stands
            self._unwritten, self._goes_back, self._written_at = None, False, time.monotonic()

    def _note(self, state: RecordState) -> None:
        lineage = self._lineage()
        if lineage is None or state.number is None:
            return
        head = RememberedHead(state.number, state.digest, lineage)
        if self._seen is not None and (head == self._seen or head.sequence < self._seen.sequence):
            return
        self._seen = self._unwritten = head
        if self._goes_back or time.monotonic() - self._written_at >= BETWEEN_WRITES:
            self.flush()

    def _is_restored(self, seen: RememberedHead) -> bool:
        lineage = self._lineage()
        return lineage is not None and lineage != seen.lineage
