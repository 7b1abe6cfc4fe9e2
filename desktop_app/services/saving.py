"""Saving files: reserved, sealed, on the disk, read back, live. The state machine of DESIGN section 6.

For each chunk of files: the rows are reserved with a lease in one transaction; each file is sealed into the store,
synced, renamed, read back and verified; then all of the chunk become live in one transaction with their signatures,
keys and record. Only after that commit is anything reported as saved. What fails is given back (``abandoned``) before
its sealed file is deleted; where the server cannot be asked, nothing is deleted and `doctor` settles it later. When
the answer to the last step is lost, the rows are asked for before anything is said.
"""

import mimetypes
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from desktop_app.crypto.key_ring import KeyRing
from desktop_app.crypto.sealed_stream import (
    SealedSize,
    associated_data,
    make_document_key,
    seal_stream,
    verify_stream,
)
from desktop_app.crypto.statements import VersionStatement, sign_version
from desktop_app.db import documents as document_rows
from desktop_app.db import uploads
from desktop_app.db.errors import KeyNotActiveError, NumberTakenError
from desktop_app.db.uploads import NewVersion
from desktop_app.domain.drafts import DocumentDraft
from desktop_app.domain.ids import new_id
from desktop_app.domain.rights import Verb
from desktop_app.errors import Cancelled, LabkeepError, UnavailableError
from desktop_app.services.adding import AddOutcome, AddResult
from desktop_app.services.center_access import CenterAccess
from desktop_app.services.progress import AddReport
from desktop_app.storage.sources import SourceFile, open_source

CHUNK_FILES = 64
CHUNK_BYTES = 64 * 1024 * 1024
RENEW_SECONDS = 120.0
"""A lease lasts ten minutes; it is renewed well before."""
ATTEMPTS = 5


@dataclass(frozen=True)
class SaveJob:
    """One file and where it goes: a new document, or the next version of one."""

    source: SourceFile
    title: str
    document_id: UUID
    number: int
    document: DocumentDraft | None
    """None adds a version to an existing document."""


@dataclass(frozen=True)
class _Attempt:
    """One try at one file; its ids are never used again."""

    job: SaveJob
    version_id: UUID
    file_id: UUID


@dataclass(frozen=True, repr=False)
class _Sealed:
    """A file that is in the store, verified, and not yet live."""

    attempt: _Attempt
    key: bytes
    stored: SealedSize


class Saver:
    """Saves jobs of one center, in order, in chunks."""

    def __init__(self, access: CenterAccess, report: AddReport) -> None:
        self._access = access
        self._store = access.access.store
        self._report = report
        self._renewed = time.monotonic()

    def save(self, jobs: Sequence[SaveJob]) -> Iterator[AddResult]:
        """Save every job; a result for each, yielded when its fate is known."""
        cancelled = False
        for chunk in _chunks(jobs):
            if cancelled:
                yield from (_cancelled(job) for job in chunk)
                continue
            for result in self._save_chunk(chunk):
                cancelled = cancelled or result.outcome is AddOutcome.CANCELLED
                yield result

    def _save_chunk(self, chunk: Sequence[SaveJob]) -> list[AddResult]:
        attempts = [_Attempt(job, new_id(), new_id()) for job in chunk]
        try:
            self._reserve(attempts)
        except LabkeepError as error:
            return [_failed(attempt.job, error) for attempt in attempts]
        results: dict[UUID, AddResult] = {}
        sealed: list[_Sealed] = []
        for attempt in attempts:
            if any(result.outcome is AddOutcome.CANCELLED for result in results.values()):
                results[attempt.version_id] = _cancelled(attempt.job)
                continue
            try:
                sealed.append(self._seal(attempt, attempts))
            except Cancelled:
                results[attempt.version_id] = _cancelled(attempt.job)
            except LabkeepError as error:
                results[attempt.version_id] = _failed(attempt.job, error)
        results |= self._make_live(sealed)
        self._give_back([attempt for attempt in attempts if results[attempt.version_id].state != "live"])
        return [results[attempt.version_id] for attempt in attempts]

    def _reserve(self, attempts: Sequence[_Attempt]) -> None:
        with self._access.change(Verb.EDIT_DOCUMENTS) as session:
            uploads.reserve(session, [(each.version_id, each.job.document_id, each.file_id) for each in attempts])
        self._renewed = time.monotonic()

    def _seal(self, attempt: _Attempt, chunk: Sequence[_Attempt]) -> _Sealed:
        job, center = attempt.job, self._access.center
        self._report.file_started(job.source.path, job.source.size)
        key = make_document_key()
        associated = associated_data(center.id, job.document_id, attempt.version_id)

        def progress(done: int) -> None:
            self._renew(chunk)
            self._report.bytes_done(job.source.path, done)

        with self._store.writer(center.schema_name, attempt.file_id) as pending:
            with open_source(job.source.path) as source:
                stored = seal_stream(source, pending.file, key, associated, progress)
            pending.commit()
        with self._store.open(center.schema_name, attempt.file_id) as file:
            if verify_stream(file, key, associated, lambda _done: self._renew(chunk)) != stored:
                raise UnavailableError("The store gave back other bytes than it was given; the file was not saved.")
        return _Sealed(attempt, key, stored)

    def _renew(self, chunk: Sequence[_Attempt]) -> None:
        if time.monotonic() - self._renewed > RENEW_SECONDS:
            with self._access.change(Verb.EDIT_DOCUMENTS) as session:
                uploads.renew(session, [each.version_id for each in chunk])
            self._renewed = time.monotonic()

    def _make_live(self, sealed: Sequence[_Sealed]) -> dict[UUID, AddResult]:
        """One transaction for all; where that is refused for one of them, one transaction for each."""
        if not sealed:
            return {}
        try:
            self._commit(sealed, {})
        except UnavailableError:
            return {each.attempt.version_id: _unknown(each.attempt.job) for each in sealed}
        except LabkeepError as error:
            if len(sealed) > 1:
                return {version: result for each in sealed for version, result in self._make_live([each]).items()}
            return {sealed[0].attempt.version_id: self._make_one_live(sealed[0], error)}
        return {each.attempt.version_id: _saved(each, each.attempt.job.number) for each in sealed}

    def _make_one_live(self, sealed: _Sealed, error: LabkeepError) -> AddResult:
        """Sign again where somebody was first with the number, or a rotation with the key."""
        job = sealed.attempt.job
        for _attempt in range(ATTEMPTS):
            if isinstance(error, KeyNotActiveError):
                self._access.forget()
            elif not isinstance(error, NumberTakenError):
                break
            try:
                number = job.number if job.document is not None else self._next_number(job.document_id)
                self._commit([sealed], {sealed.attempt.version_id: number})
                return _saved(sealed, number)
            except UnavailableError:
                return _unknown(job)
            except LabkeepError as again:
                error = again
        return _failed(job, error)

    def _next_number(self, document_id: UUID) -> int:
        with self._access.read() as session:
            return document_rows.get_document(session, document_id).latest_number + 1

    def _commit(self, sealed: Sequence[_Sealed], numbers: dict[UUID, int]) -> None:
        ring = self._access.keys().ring()
        versions = [
            self._new_version(each, numbers.get(each.attempt.version_id, each.attempt.job.number), ring)
            for each in sealed
        ]
        for again in (True, True, False):
            try:
                with self._access.change(Verb.EDIT_DOCUMENTS) as session:
                    uploads.save_versions(session, versions)
            except UnavailableError:
                # The answer may have been lost after the commit; the very same call again is harmless and tells.
                if not again:
                    raise
            else:
                break

    def _new_version(self, sealed: _Sealed, number: int, ring: KeyRing) -> NewVersion:
        attempt, stored, access = sealed.attempt, sealed.stored, self._access.access
        wrapped = ring.wrap(attempt.version_id, sealed.key)
        statement = VersionStatement(
            installation_id=access.installation_id,
            center_id=self._access.center.id,
            document_id=attempt.job.document_id,
            version_id=attempt.version_id,
            number=number,
            file_name=attempt.job.source.name,
            size=stored.size,
            stored_sha256=stored.stored_sha256,
            signer=access.identity.public.id,
            trust_sequence=access.trust.state.head.sequence,
        )
        return NewVersion(
            version_id=attempt.version_id,
            document_id=attempt.job.document_id,
            number=number,
            file_name=attempt.job.source.name,
            mime_type=mime_type_of(attempt.job.source.name),
            size=stored.size,
            stored_size=stored.stored_size,
            stored_sha256=stored.stored_sha256,
            statement=statement.to_bytes(),
            signature=sign_version(statement, access.identity),
            key_version=wrapped.key_version,
            token=wrapped.token,
            document=attempt.job.document,
        )

    def _give_back(self, attempts: Sequence[_Attempt]) -> None:
        """Abandon first and committed, then delete: a sealed file that a live row may name is never deleted."""
        for attempt in attempts:
            with suppress(LabkeepError):
                with self._access.change(Verb.EDIT_DOCUMENTS) as session:
                    abandoned = uploads.abandon(session, [attempt.version_id])
                if abandoned:
                    self._store.delete(self._access.center.schema_name, attempt.file_id)


def mime_type_of(name: str) -> str:
    """The media type that a file's name suggests; application/octet-stream where it suggests none."""
    lowered = name.lower()
    known = next((mime for ending, mime in _LABORATORY_TYPES.items() if lowered.endswith(ending)), None)
    return known or mimetypes.guess_type(lowered)[0] or "application/octet-stream"


# Plain-text formats of laboratories that the systems' own tables do not know.
_LABORATORY_TYPES = {
    ".fasta": "text/x-fasta",
    ".fa": "text/x-fasta",
    ".fastq": "text/x-fastq",
    ".vcf": "text/x-vcf",
    ".md": "text/markdown",
}


def _chunks(jobs: Sequence[SaveJob]) -> Iterator[list[SaveJob]]:
    chunk: list[SaveJob] = []
    size = 0
    for job in jobs:
        if chunk and (len(chunk) == CHUNK_FILES or size + job.source.size > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(job)
        size += job.source.size
    if chunk:
        yield chunk


def _saved(sealed: _Sealed, number: int) -> AddResult:
    job = sealed.attempt.job
    return AddResult(job.source.path, job.title, AddOutcome.SAVED, job.document_id, number, sealed.stored.size)


def _failed(job: SaveJob, error: LabkeepError) -> AddResult:
    return AddResult(job.source.path, job.title, AddOutcome.FAILED, size=job.source.size, reason=str(error))


def _unknown(job: SaveJob) -> AddResult:
    reason = (
        "The connection was lost before the server confirmed it. Look whether it is in the list before adding it again."
    )
    return AddResult(job.source.path, job.title, AddOutcome.FAILED, size=job.source.size, reason=reason)


def _cancelled(job: SaveJob) -> AddResult:
    return AddResult(job.source.path, job.title, AddOutcome.CANCELLED, size=job.source.size, reason="Cancelled.")
