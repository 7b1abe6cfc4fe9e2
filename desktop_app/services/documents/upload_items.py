"""One file on its way into a center, step by step, and the words for what became of it."""

from dataclasses import dataclass
from uuid import UUID

from desktop_app.crypto.sealed_stream import SealedSize
from desktop_app.db.errors import TitleTakenError, UnreachableError
from desktop_app.domain.drafts import DocumentDraft
from desktop_app.errors import LabkeepError
from desktop_app.message import Message
from desktop_app.services.documents.add_results import AddOutcome, AddResult
from desktop_app.storage.dropped_files import SourceFile

UNKNOWN = Message(
    "The connection was lost before the server confirmed it. Look whether it is in the list before adding it again."
)
NOT_SENT = Message("The server did not answer any more, so nothing of it was saved. Try again when it does.")
NOT_SAVED = Message("The connection was lost while it was being saved; nothing of it was saved. Try again.")


@dataclass(frozen=True)
class UploadItem:
    """One file and where it goes: a new document, or the next version of one."""

    source: SourceFile
    title: str
    document_id: UUID
    number: int
    document: DocumentDraft | None
    """None adds a version to an existing document."""
    sample_id: UUID | None = None
    """Where the existing document was when it was chosen."""


@dataclass(frozen=True)
class Attempt:
    """One try at one file; its ids are never used again."""

    job: UploadItem
    version_id: UUID
    file_id: UUID


@dataclass(frozen=True, repr=False)
class Sealed:
    """A file that is in the store, verified, and not yet live."""

    attempt: Attempt
    key: bytes
    stored: SealedSize


def saved(job: UploadItem, number: int, size: int) -> AddResult:
    """It is live, as this version."""
    return AddResult(job.source.path, job.title, AddOutcome.SAVED, job.document_id, number, size)


def failed(job: UploadItem, error: LabkeepError) -> AddResult:
    """It is not saved."""
    return AddResult(
        job.source.path,
        job.title,
        AddOutcome.FAILED,
        size=job.source.size,
        reason=error.message,
        is_title_taken=isinstance(error, TitleTakenError),
    )


def unknown(job: UploadItem) -> AddResult:
    """Nobody can say yet whether it is saved."""
    return AddResult(job.source.path, job.title, AddOutcome.FAILED, size=job.source.size, reason=UNKNOWN)


def not_sent(job: UploadItem, error: LabkeepError) -> AddResult:
    """The server was never told to save it."""
    reason = NOT_SENT if isinstance(error, UnreachableError) else error.message
    return AddResult(job.source.path, job.title, AddOutcome.FAILED, size=job.source.size, reason=reason)


def cancelled(job: UploadItem) -> AddResult:
    """Somebody stopped before it was saved."""
    return AddResult(job.source.path, job.title, AddOutcome.CANCELLED, size=job.source.size, reason="Cancelled.")
