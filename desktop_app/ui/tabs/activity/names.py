"""What the records of a page of entries are called; an entry of a change holds the changed values only."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from desktop_app.domain.records import AuditEntry
from desktop_app.errors import NotFoundError

if TYPE_CHECKING:
    from desktop_app.services.center_work import CenterWork


class RecordNames:
    """Looks up each record once; used by one job at a time, away from the GUI thread."""

    def __init__(self, work: "CenterWork") -> None:
        self._work = work
        self._names: dict[UUID, str] = {}

    def learn(self, entries: Iterable[AuditEntry]) -> None:
        """Make sure that the names of these entries' records are known."""
        wanted = {(entry.table_name, entry.row_id) for entry in entries if entry.row_id is not None}
        for table, row_id in wanted:
            if row_id is not None and row_id not in self._names:
                self._names[row_id] = self._find(table, row_id)

    def name(self, entry: AuditEntry) -> str:
        """The name of the entry's record, as far as it is known."""
        return self._names.get(entry.row_id, "") if entry.row_id is not None else ""

    def _find(self, table: str, row_id: UUID) -> str:
        try:
            if table == "samples":
                return self._work.samples.get(row_id).barcode
            if table == "documents":
                return self._work.documents.get(row_id).title
            if table == "people":
                people = self._work.people.list(include_former=True)
                return next((person.display_name for person in people if person.id == row_id), "")
        except NotFoundError:
            return ""
        return ""
