"""Records of changes in memory, for tests of widgets."""

from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import UUID

from desktop_app.domain.audit import RecordExported, RecordForm, matches
from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.paging import COUNT_CAP, DEFAULT_PAGE, Count, Part
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import AuditEntry, AuditHead
from desktop_app.errors import NotFoundError
from desktop_app.services.records import audit
from tests.ui.in_memory import Trouble, capped, part_of, stands_for
from tests.ui.made_records import START


class _Record:
    def __init__(self, entries: Iterable[AuditEntry], trouble: Trouble) -> None:
        self._entries = sorted(entries, key=lambda entry: entry.seq, reverse=True)
        self._trouble = trouble

    def list(
        self, filter: AuditFilter | None = None, before_seq: int | None = None, limit: int = DEFAULT_PAGE
    ) -> tuple[AuditEntry, ...]:
        self._trouble.meet("audit.list")
        wanted = filter or AuditFilter()
        rows = [
            entry
            for entry in self._entries
            if matches(entry, wanted)
            and wanted.row_id in (None, entry.row_id)
            and (before_seq is None or entry.seq < before_seq)
        ]
        return tuple(rows[:limit])

    def head(self) -> AuditHead:
        return AuditHead(seq=len(self._entries), digest=b"", at=START)

    def part(self, filter: AuditFilter, part: Part) -> tuple[AuditEntry, ...]:
        return part_of(self.list(filter, None, len(self._entries) + 1), part)

    def count(self, filter: AuditFilter, cap: int = COUNT_CAP) -> Count:
        return capped(len(self.list(filter, None, len(self._entries) + 1)), cap)

    def timeline(self, row_id: UUID) -> tuple[AuditEntry, ...]:
        return tuple(entry for entry in self._entries if entry.row_id == row_id)

    def login_of(self, username: str) -> str:
        logins = {entry.login for entry in self._entries if entry.who == username}
        if not logins:
            raise NotFoundError("Nobody here has or had the user name {name}.", name=username)
        return logins.pop()

    def export(
        self,
        filter: AuditFilter,
        target: Path,
        form: RecordForm,
        report: Report = silent,
        say: Callable[[str], str] = str,
        *,
        overwrite: bool = False,
    ) -> RecordExported:
        del report, say, overwrite
        self._trouble.meet("audit.export")
        target.write_text(form.value)
        return RecordExported(target, self.count(filter).number, self.head())


@stands_for(audit.Audit)
class Audit(_Record):
    """A center's."""


@stands_for(audit.InstallationAudit)
class InstallationAudit(_Record):
    """The installation's own."""
