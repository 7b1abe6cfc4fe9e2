"""Samples and documents deleted for good: what goes is named first, then keys and rows in one transaction, then files.

A file whose key is gone is noise. What cannot be removed from the store now is on record as given up, and the next
writer of the center removes it (abandoned_uploads.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from desktop_app.db import audit, deletion, documents
from desktop_app.db.errors import UnconfirmedError, UnreachableError
from desktop_app.db.sessions import Session
from desktop_app.domain.reasons import ReasonVerb, require_erasing_reason
from desktop_app.domain.records import Document, Sample
from desktop_app.domain.rights import Verb
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.retries import asked_again
from desktop_app.services.documents.abandoned_uploads import remove


@dataclass(frozen=True)
class Doomed:
    """What goes when somebody deletes: exactly this, or nothing."""

    samples: tuple[Sample, ...]
    documents: tuple[Document, ...]
    """Also those of the samples."""
    versions: int
    stored_bytes: int


@dataclass(frozen=True)
class Deleted:
    """What is gone for good."""

    doomed: Doomed
    erased_entries: int
    """Of the record of changes."""
    files_left: int
    """Sealed files that could not be removed now: nothing opens them, and the next writer removes them."""


@dataclass(frozen=True)
class Deletion:
    """Deleting in one center, by an administrator."""

    context: CenterContext

    def look(self, samples: Sequence[Sample] = (), documents_alone: Sequence[Document] = ()) -> Doomed:
        """What would go with these samples and documents, the samples' own documents included."""
        with self.context.read() as session:
            found = {document.id: document for document in documents_alone}
            found |= {each.id: each for each in documents.of_samples(session, [sample.id for sample in samples])}
            stored = deletion.stored_versions(session, list(found))
        size = sum(version.stored_size for version in stored)
        return Doomed(tuple(samples), tuple(found.values()), len(stored), size)

    def delete(self, doomed: Doomed, reason: str = "", *, erase_record: bool = False) -> Deleted:
        """Delete all of it or nothing: ConflictError where it is not all there is any more.

        The record keeps what it was, unless *erase_record*: then *reason* says why, and stays.
        """
        self.context.require_reason(ReasonVerb.DELETE, reason)
        if erase_record:
            require_erasing_reason(reason)
        files: list[UUID] = []
        ids = [row.id for row in (*doomed.samples, *doomed.documents)]

        def act(session: Session) -> int:
            stored = deletion.stored_versions(session, [document.id for document in doomed.documents])
            files[:] = [version.file_id for version in stored]
            deletion.delete_records(session, doomed.samples, doomed.documents)
            return sum(audit.erase(session, row_id, reason.strip()) for row_id in ids) if erase_record else 0

        def look(session: Session) -> int | None:
            if not deletion.are_gone(session, doomed.samples, doomed.documents):
                return None
            return deletion.erased_entries(session, ids) if erase_record else 0

        try:
            with self.context.change(Verb.DELETE_RECORDS, reason) as session:
                erased: int | None = act(session)
        except UnconfirmedError:
            erased = asked_again(self.context.read, look)
        if erased is None:
            raise UnreachableError
        return Deleted(doomed, erased, remove(self.context, files))
