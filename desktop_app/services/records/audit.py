"""The records of changes, of a center and of the installation: who, when, old and new value, why; chained by hash."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from desktop_app.crypto.passwords import login_for
from desktop_app.db import audit as rows
from desktop_app.db.audit_labels import labelled, labelled_shared
from desktop_app.db.audit_proof import verify_chain
from desktop_app.db.audit_rows import rows_unlike_record
from desktop_app.db.sessions import Session
from desktop_app.domain.audit import AuditFault, AuditVerdict, RecordExported, RecordForm
from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.paging import COUNT_CAP, DEFAULT_PAGE, Count, Part
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.reasons import require_erasing_reason
from desktop_app.domain.records import AuditEntry, AuditHead
from desktop_app.domain.rights import Verb
from desktop_app.errors import NotFoundError
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.records.record_export import RecordSource, Say, export_record


@dataclass(frozen=True)
class Audit:
    """The record of one center."""

    context: CenterContext

    def list(
        self,
        filter: AuditFilter | None = None,
        before_seq: int | None = None,
        limit: int = DEFAULT_PAGE,
    ) -> tuple[AuditEntry, ...]:
        """Entries, newest first, for who may read the whole record."""
        self.context.person.require(Verb.READ_AUDIT, self.context.center.id)
        with self.context.read() as session:
            return labelled(session, rows.list_entries(session, filter or AuditFilter(), before_seq, limit))

    def part(self, filter: AuditFilter, part: Part) -> tuple[AuditEntry, ...]:
        """The entries at these places, newest first, for who may read the whole record."""
        self.context.person.require(Verb.READ_AUDIT, self.context.center.id)
        with self.context.read() as session:
            return labelled(session, rows.entries_at(session, filter, part))

    def count(self, filter: AuditFilter, cap: int = COUNT_CAP) -> Count:
        """How many entries a filter has, counted up to a cap."""
        self.context.person.require(Verb.READ_AUDIT, self.context.center.id)
        with self.context.read() as session:
            return rows.count_entries(session, filter, cap)

    def export(
        self,
        filter: AuditFilter,
        target: Path,
        form: RecordForm,
        report: Report = silent,
        say: Say = str,
        *,
        overwrite: bool = False,
    ) -> RecordExported:
        """Write these entries to a file, with the head of the chain; for who may read the whole record.

        *report* is called with (entries done, entries in all) and may raise Cancelled: then nothing is left.
        """
        person = self.context.person
        person.require(Verb.READ_AUDIT, self.context.center.id)
        person.policy.require_export()
        source = RecordSource(self.context.center.name, _name(person), self.context.read, labelled)
        return export_record(source, filter, target, form, report, say, overwrite=overwrite)

    def login_of(self, username: str) -> str:
        """The login that belongs to a user name, of now or of then; NotFoundError where nobody here ever had it."""
        login = login_for(self.context.person.installation_id, username)
        with self.context.read() as session:
            return _known(session, login, username)

    def timeline(self, row_id: UUID) -> tuple[AuditEntry, ...]:
        """Every entry of one record, oldest first; every member may read it."""
        with self.context.read() as session:
            return labelled(session, rows.timeline(session, row_id))

    def head(self) -> AuditHead:
        """The newest link of the chain."""
        with self.context.read() as session:
            return rows.head(session)

    def verify(self, report: Report = silent) -> AuditVerdict:
        """Compute the whole chain again on this workstation and compare it with the remembered head."""
        self.context.person.require(Verb.READ_AUDIT, self.context.center.id)
        with self.context.read() as session:
            return _verified(session, self.context.person, self.context.center.id, report)

    def erase(self, row_id: UUID, reason: str) -> int:
        """Erase for good what the record says of one sample or document; how many entries it was.

        Who did what and when stays, and so does this erasure with its reason.
        """
        require_erasing_reason(reason)
        with self.context.change(Verb.DELETE_RECORDS) as session:
            return rows.erase(session, row_id, reason.strip())


@dataclass(frozen=True)
class InstallationAudit:
    """The installation's own record: of users, roles, centers and identities; for system administrators."""

    context: PersonContext

    def list(
        self,
        filter: AuditFilter | None = None,
        before_seq: int | None = None,
        limit: int = DEFAULT_PAGE,
    ) -> tuple[AuditEntry, ...]:
        """As ``Audit.list``."""
        with self._read() as session:
            return labelled_shared(session, rows.list_entries(session, filter or AuditFilter(), before_seq, limit))

    def part(self, filter: AuditFilter, part: Part) -> tuple[AuditEntry, ...]:
        """As ``Audit.part``."""
        with self._read() as session:
            return labelled_shared(session, rows.entries_at(session, filter, part))

    def count(self, filter: AuditFilter, cap: int = COUNT_CAP) -> Count:
        """As ``Audit.count``."""
        with self._read() as session:
            return rows.count_entries(session, filter, cap)

    def login_of(self, username: str) -> str:
        """As ``Audit.login_of``, of everybody in the installation."""
        login = login_for(self.context.installation_id, username)
        with self._read() as session:
            return _known(session, login, username)

    def timeline(self, row_id: UUID) -> tuple[AuditEntry, ...]:
        """Every entry of one user or center, oldest first."""
        with self._read() as session:
            return labelled_shared(session, rows.timeline(session, row_id))

    def export(
        self,
        filter: AuditFilter,
        target: Path,
        form: RecordForm,
        report: Report = silent,
        say: Say = str,
        *,
        overwrite: bool = False,
    ) -> RecordExported:
        """As ``Audit.export``."""
        self.context.require(Verb.MANAGE_CENTERS, None)
        self.context.policy.require_export()
        source = RecordSource(self.context.profile.display_name, _name(self.context), self._read, labelled_shared)
        return export_record(source, filter, target, form, report, say, overwrite=overwrite)

    @contextmanager
    def _read(self) -> Iterator[Session]:
        self.context.require(Verb.MANAGE_CENTERS, None)
        with self.context.shared.begin() as session:
            yield session

    def head(self) -> AuditHead:
        """The newest link of the chain; everybody may ask."""
        with self.context.shared.begin() as session:
            return rows.head(session)

    def verify(self, report: Report = silent) -> AuditVerdict:
        """As ``Audit.verify``."""
        self.context.require(Verb.MANAGE_CENTERS, None)
        with self.context.shared.begin() as session:
            return _verified(session, self.context, None, report)

    def erase(self, row_id: UUID, reason: str) -> int:
        """Erase for good what the record says of one user or center; as ``Audit.erase``."""
        require_erasing_reason(reason)
        self.context.require(Verb.MANAGE_CENTERS, None)
        with self.context.change_shared() as session:
            return rows.erase(session, row_id, reason.strip())


def _name(context: PersonContext) -> str:
    """Who writes a record out: the name, and the user name, which the trust log knows."""
    return f"{context.user.display_name} ({context.user.username})"


def _known(session: Session, login: str, username: str) -> str:
    if not rows.knows_login(session, login):
        raise NotFoundError("Nobody here has or had the user name {name}.", name=username)
    return login


def _verified(session: Session, context: PersonContext, center_id: UUID | None, report: Report) -> AuditVerdict:
    verdict = verify_chain(session, report)
    # What the transaction began with was compared with what this workstation saw.
    lost = context.watch(center_id).lost
    if verdict.is_sound and lost is not None:
        return replace(verdict, broken_at=lost.sequence, fault=AuditFault.FORGOTTEN)
    if verdict.is_sound and (changed := rows_unlike_record(session)):
        return replace(verdict, changed=tuple(changed), fault=AuditFault.ROWS_CHANGED)
    if verdict.is_sound:
        context.watch(center_id).flush()
    return verdict
