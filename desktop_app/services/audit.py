"""The record of changes of one center: who, when, old and new value, reason; chained by hash."""

from dataclasses import dataclass, replace
from uuid import UUID

from desktop_app.db import audit as rows
from desktop_app.db import audit_proof
from desktop_app.db.audit_labels import labelled
from desktop_app.domain.audit import AuditFault, AuditVerdict
from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.paging import COUNT_CAP, DEFAULT_PAGE, Count, Part
from desktop_app.domain.records import AuditEntry, AuditHead
from desktop_app.domain.rights import Verb
from desktop_app.services.center_access import CenterAccess
from desktop_app.services.progress import Report, silent
from desktop_app.storage.remembered import RememberedHead


@dataclass(frozen=True)
class Audit:
    """The record of one center."""

    access: CenterAccess

    def list(
        self,
        filter: AuditFilter | None = None,
        before_seq: int | None = None,
        limit: int = DEFAULT_PAGE,
    ) -> tuple[AuditEntry, ...]:
        """Entries, newest first, for who may read the whole record."""
        self.access.access.require(Verb.READ_AUDIT, self.access.center.id)
        with self.access.read() as session:
            return labelled(session, rows.list_entries(session, filter or AuditFilter(), before_seq, limit))

    def part(self, filter: AuditFilter, part: Part) -> tuple[AuditEntry, ...]:
        """The entries at these places, newest first, for who may read the whole record."""
        self.access.access.require(Verb.READ_AUDIT, self.access.center.id)
        with self.access.read() as session:
            return labelled(session, rows.entries_at(session, filter, part))

    def count(self, filter: AuditFilter, cap: int = COUNT_CAP) -> Count:
        """How many entries a filter has, counted up to a cap."""
        self.access.access.require(Verb.READ_AUDIT, self.access.center.id)
        with self.access.read() as session:
            return rows.count_entries(session, filter, cap)

    def timeline(self, row_id: UUID) -> tuple[AuditEntry, ...]:
        """Every entry of one record, oldest first; every member may read it."""
        with self.access.read() as session:
            return labelled(session, rows.timeline(session, row_id))

    def head(self) -> AuditHead:
        """The newest link of the chain."""
        with self.access.read() as session:
            return rows.head(session)

    def verify(self, report: Report = silent) -> AuditVerdict:
        """Compute the whole chain again on this workstation and compare it with the remembered head."""
        self.access.access.require(Verb.READ_AUDIT, self.access.center.id)
        installation_id, center_id = self.access.access.installation_id, self.access.center.id
        # Before the chain is read, which may have grown since another program here remembered its head.
        seen = self.access.access.remembered.audit_head(installation_id, center_id)
        with self.access.read() as session:
            verdict = audit_proof.verify_chain(session, report)
            if not verdict.is_sound:
                return verdict
            if seen is not None and rows.digest_at(session, seen.sequence) != seen.digest:
                return replace(verdict, broken_at=seen.sequence, fault=AuditFault.FORGOTTEN)
        if verdict.head.seq > 0:
            head = RememberedHead(verdict.head.seq, verdict.head.digest)
            self.access.access.remembered.remember_audit_head(installation_id, center_id, head)
        return verdict
