"""The way of files into the record: reserved with a lease, renewed while writing, then live in one transaction."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import CursorResult, text
from sqlalchemy.orm import Session

from desktop_app.db.errors import LeaseLostError
from desktop_app.domain.drafts import DocumentDraft

# One list for each column: the statements' text is the same for every number of files.
_RESERVE = text(
    "INSERT INTO document_uploads (id, document_id, file_id) "
    "SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:documents AS uuid[]), CAST(:files AS uuid[])) "
    "ON CONFLICT DO NOTHING"
)
_OWN = text(
    "SELECT count(DISTINCT u.id) FROM document_uploads u "
    "JOIN unnest(CAST(:ids AS uuid[]), CAST(:documents AS uuid[]), CAST(:files AS uuid[])) AS w (id, document, file) "
    "ON (u.id, u.document_id, u.file_id) = (w.id, w.document, w.file) WHERE u.state = 'reserved'"
)
_RENEW = text("SELECT renew_uploads(CAST(:ids AS uuid[]))")
_ABANDON = text("SELECT abandon_uploads(CAST(:ids AS uuid[]))")
_SWEEP = text("SELECT sweep_uploads(CAST(:keep AS uuid[]), :at_most)")
_FORGET = text("SELECT forget_uploads(CAST(:files AS uuid[]))")
_COUNTS = text("SELECT under_way, to_sweep, kept FROM upload_counts()")
_UNNAMED = text("SELECT unnamed_files(CAST(:files AS uuid[]))")
_SAVE = text("SELECT save_versions(CAST(:items AS jsonb))")


@dataclass(frozen=True)
class UploadCounts:
    """How many files are on their way into a center, and how many attempts are over."""

    under_way: int
    to_sweep: int
    """Over: the next sweep removes what is left of them."""
    kept: int
    """Over, and from before something was restored from a backup: what is left of them is never deleted."""


@dataclass(frozen=True, kw_only=True)
class NewVersion:
    """A stored and verified file, ready to be live. ``document`` makes a new document (then ``number`` is 1)."""

    version_id: UUID
    document_id: UUID
    number: int
    file_name: str
    mime_type: str
    size: int
    """Bytes in clear."""
    stored_size: int
    stored_digest: str
    statement: bytes
    signature: bytes
    key_version: int
    token: bytes
    document: DocumentDraft | None = None
    sample_id: UUID | None = None
    """Where an existing document was when it was chosen; a version never follows it to another sample."""

    def to_json(self) -> dict[str, object]:
        """The form that save_versions() takes: bytes as hexadecimal digits."""
        return {
            "version_id": str(self.version_id),
            "document_id": str(self.document_id),
            "number": self.number,
            "file_name": self.file_name,
            "mime_type": self.mime_type,
            "size": self.size,
            "stored_size": self.stored_size,
            "stored_digest": self.stored_digest,
            "statement": self.statement.hex(),
            "signature": self.signature.hex(),
            "key_version": self.key_version,
            "token": self.token.hex(),
            "document": None if self.document is None else _document_json(self.document),
            "sample_id": None if self.sample_id is None else str(self.sample_id),
        }


def reserve(session: Session, uploads: Sequence[tuple[UUID, UUID, UUID]]) -> None:
    """Reserve (version id, document id, file id) each; LeaseLostError if one of them is taken.

    Repeating it after a lost answer is harmless.
    """
    if not uploads:
        return
    ids, documents, files = ([str(each) for each in column] for column in zip(*uploads, strict=True))
    values = {"ids": ids, "documents": documents, "files": files}
    made = session.execute(_RESERVE, values)
    if isinstance(made, CursorResult) and made.rowcount == len(uploads):
        return
    # Row-level security shows own rows only: somebody else's with the same id does not count.
    if session.execute(_OWN, values).scalar_one() != len(set(uploads)):
        raise LeaseLostError("A place for one of the files is taken; nothing was reserved.")
    # An earlier session of ours reserved some of them and the answer was lost: of this session from now on.
    session.execute(_RENEW, {"ids": ids})


def renew(session: Session, version_ids: Iterable[UUID]) -> None:
    """Give own reservations the whole lease (15 minutes) again; LeaseLostError unless all of them still hold."""
    session.execute(_RENEW, {"ids": [str(version_id) for version_id in version_ids]})


def abandon(session: Session, version_ids: Iterable[UUID]) -> int:
    """Give up own reservations; how many were still held."""
    return int(session.execute(_ABANDON, {"ids": [str(version_id) for version_id in version_ids]}).scalar_one())


def sweep(session: Session, keep: Iterable[UUID], at_most: int) -> list[UUID]:
    """Give up reservations that are over (none of *keep*), and return files that no row will ever name.

    They may be deleted from the store once this transaction is committed, and not before; then ``forget`` them.
    """
    values = {"keep": [str(version_id) for version_id in keep], "at_most": at_most}
    return list(session.execute(_SWEEP, values).scalars())


def forget(session: Session, file_ids: Iterable[UUID]) -> int:
    """The files of these attempts, which were given up, are gone; how many attempts were forgotten."""
    return int(session.execute(_FORGET, {"files": [str(file_id) for file_id in file_ids]}).scalar_one())


def counts(session: Session) -> UploadCounts:
    """How many attempts there are, of everybody."""
    row = session.execute(_COUNTS).one()
    return UploadCounts(row.under_way, row.to_sweep, row.kept)


def unnamed(session: Session, file_ids: Iterable[UUID]) -> list[UUID]:
    """Which of these files of the store no row names."""
    return list(session.execute(_UNNAMED, {"files": [str(file_id) for file_id in file_ids]}).scalars())


def save_versions(session: Session, versions: Sequence[NewVersion]) -> None:
    """Make all of them live, or none; repeating it after a lost answer is harmless.

    LeaseLostError, NumberTakenError, KeyNotActiveError, IllegalStepError (an archived sample), NotFoundError
    (no such document or sample), TitleTakenError, InvalidInputError.
    """
    session.execute(_SAVE, {"items": json.dumps([version.to_json() for version in versions])})


def _document_json(draft: DocumentDraft) -> dict[str, object]:
    return {
        "title": draft.title,
        "document_type": draft.document_type,
        "tags": list(draft.tags),
        "sample_id": None if draft.sample_id is None else str(draft.sample_id),
    }
