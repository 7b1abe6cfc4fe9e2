"""The record of changes of one center: who, when, old and new value, reason; chained by hash."""

from dataclasses import dataclass
from uuid import UUID

from desktop_app.db import audit as rows
from desktop_app.db.audit_labels import labelled
from desktop_app.domain.audit import AuditVerdict
from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.paging import DEFAULT_PAGE
from desktop_app.domain.records import AuditEntry, AuditHead
from desktop_app.domain.rights import Verb
from desktop_app.services.center_access import CenterAccess
from desktop_app.services.progress import Report, silent


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
        with self.access.read() as session:
            return rows.verify_chain(session, report)
