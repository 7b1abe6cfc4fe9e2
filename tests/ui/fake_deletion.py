"""Deleting for good in memory, for tests of widgets."""

from collections.abc import Sequence
from dataclasses import replace

from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import Center, CenterContents, Document, Sample
from desktop_app.errors import UnavailableError
from desktop_app.services.documents import deletion
from desktop_app.services.documents.deletion import Deleted, Doomed
from desktop_app.services.records import deleted_centers
from desktop_app.services.records.deleted_centers import DeletedCenter
from tests.ui.in_memory import Rows, Trouble, stands_for


@stands_for(deletion.Deletion, handles="reasons")
class Deletion:
    def __init__(self, samples: Rows[Sample], documents: Rows[Document], trouble: Trouble) -> None:
        self._samples, self._documents, self._trouble = samples, documents, trouble
        self.reasons: list[tuple[str, bool]] = []

    def look(self, samples: Sequence[Sample] = (), documents_alone: Sequence[Document] = ()) -> Doomed:
        owners = {sample.id for sample in samples}
        owned = [document for document in self._documents.rows.values() if document.sample_id in owners]
        documents = {document.id: document for document in (*documents_alone, *owned)}
        return Doomed(tuple(samples), tuple(documents.values()), len(documents), 2_048 * len(documents))

    def delete(self, doomed: Doomed, reason: str = "", *, erase_record: bool = False) -> Deleted:
        self._trouble.meet("deletion.delete")
        self.reasons.append((reason, erase_record))
        for sample in doomed.samples:
            del self._samples.rows[sample.id]
        for document in doomed.documents:
            del self._documents.rows[document.id]
        return Deleted(doomed, 0, 0)


@stands_for(deleted_centers.DeletedCenters, uncalled="clear forget left")
class DeletedCenters:
    def __init__(self, rows: Rows[Center], trouble: Trouble) -> None:
        self._rows, self._trouble = rows, trouble

    def look(self, center: Center) -> CenterContents:
        del center
        return CenterContents(
            samples=3, documents=1, versions=1, stored_bytes=2_048, keys=1, links=9, people=2, only_here=1
        )

    def delete(
        self,
        center: Center,
        reason: str,
        report: Report = silent,
        *,
        erase_record: bool = False,
        leave_files: bool = False,
    ) -> DeletedCenter:
        del report, reason, erase_record
        self._trouble.meet("deleted.delete")
        del self._rows.rows[center.id]
        return DeletedCenter(center, self.look(center), 0, leave_files)

    def remove_files(self, done: DeletedCenter, report: Report = silent) -> DeletedCenter:
        report(2, 3)
        try:
            self._trouble.meet("deleted.remove_files")
        except UnavailableError:
            return done
        return replace(done, has_files_left=False)
