"""Saving files: reserved, sealed, on the disk, read back, live. The state machine of DESIGN section 6.

For each chunk of files: the rows are reserved with a lease in one transaction; each file is sealed into the store,
synced, renamed, read back and verified, and the names of all are made durable; then all of the chunk become live in
one transaction with their signatures, keys and record. Only after that commit is anything reported as saved. What
fails is given back (``abandoned``) before its sealed file is deleted; where the server cannot be asked, nothing is
deleted and `doctor` settles it later. When the answer to the last step is lost, the same step is said again, which
harms nothing; if that fails too, giving back tells whether the version is live, and only without any answer is the
fate unknown.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID

from desktop_app.crypto.key_ring import KeyRing
from desktop_app.crypto.sealed_stream import (
    Rooms,
    SealedSize,
    associated_data,
    authenticate_stream,
    make_document_key,
    seal_stream,
)
from desktop_app.crypto.statements import VersionStatement, sign_version
from desktop_app.db import documents as document_rows
from desktop_app.db import uploads
from desktop_app.db.errors import KeyNotActiveError, NumberTakenError
from desktop_app.db.person_engine import SignedOutError
from desktop_app.db.sessions import Session
from desktop_app.db.uploads import NewVersion
from desktop_app.domain.drafts import DocumentDraft
from desktop_app.domain.ids import new_id
from desktop_app.domain.media_types import mime_type_of
from desktop_app.domain.records import Version
from desktop_app.domain.rights import Verb
from desktop_app.errors import Cancelled, LabkeepError, UnavailableError
from desktop_app.services.adding import AddOutcome, AddResult
from desktop_app.services.center_access import CenterAccess
from desktop_app.services.progress import AddReport
from desktop_app.storage.sources import SourceFile, open_source
from desktop_app.storage.store_batch import StoreBatch

CHUNK_FILES = 256
CHUNK_BYTES = 64 * 1024 * 1024
RENEW_SECONDS = 120.0
"""A lease lasts fifteen minutes; it is renewed well before."""
RENEW_AGAIN_SECONDS = 20.0
"""After a renewal that the server could not be asked for; several of them fit into the lease."""
ATTEMPTS = 5
WAITS = (0.2, 1.0, 3.0)
"""Seconds before saying the last step again: a server that restarts is back by then."""


UNKNOWN = (
    "The connection was lost before the server confirmed it. Look whether it is in the list before adding it again."
)
NOT_SAVED = "The connection was lost while it was being saved; nothing of it was saved. Try again."


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


@dataclass(frozen=True, repr=False)
class _Chunk:
    """Files that were reserved and sealed together, and the fate of those that are not in the store."""

    attempts: Sequence[_Attempt]
    is_reserved: bool
    sealed: Sequence[_Sealed]
    results: dict[UUID, AddResult]


class Saver:
    """Saves jobs of one center, in order, in chunks: one becomes live while the next is sealed."""

    def __init__(self, access: CenterAccess, report: AddReport) -> None:
        self._access = access
        self._store = access.access.store
        self._report = report
        self._rooms = Rooms()
        self._renew_at = 0.0
        self._cancelled = False

    def cancel(self) -> None:
        """Begin no further chunk; what is live stays."""
        self._cancelled = True

    def save(self, jobs: Sequence[SaveJob]) -> Iterator[AddResult]:
        """Save every job; a result for each, in order, yielded when its fate is known."""
        ending: Future[list[AddResult]] | None = None
        with ThreadPoolExecutor(1, "labkeep-live") as beside:
            for chunk in _chunks(jobs):
                begun = self._begin(chunk)
                if ending is not None:
                    yield from ending.result()
                ending = beside.submit(self._end, begun)
            if ending is not None:
                yield from ending.result()

    def _begin(self, chunk: Sequence[SaveJob]) -> _Chunk:
        attempts = [_Attempt(job, new_id(), new_id()) for job in chunk]
        if self._cancelled:
            return _Chunk(attempts, False, [], {each.version_id: _cancelled(each.job) for each in attempts})
        try:
            self._reserve(attempts)
        except LabkeepError as error:
            return _Chunk(attempts, False, [], {each.version_id: _failed(each.job, error) for each in attempts})
        return _Chunk(attempts, True, *self._store_all(attempts))

    def _end(self, begun: _Chunk) -> list[AddResult]:
        """Make live what is stored, and give back the rest; runs while the next chunk is sealed."""
        results = begun.results | self._make_live(begun.sealed)
        if begun.is_reserved:
            lost = [attempt for attempt in begun.attempts if results[attempt.version_id].state != "live"]
            self._give_back_all(lost, results)
        return [results[attempt.version_id] for attempt in begun.attempts]

    def _store_all(self, attempts: Sequence[_Attempt]) -> tuple[list[_Sealed], dict[UUID, AddResult]]:
        """What is in the store, verified, on the disk and under a durable name; and the fate of the rest."""
        sealed: list[_Sealed] = []
        results: dict[UUID, AddResult] = {}
        try:
            with self._store.writing(self._access.center.schema_name) as batch:
                for attempt in attempts:
                    done = self._try_to_seal(attempt, attempts, batch)
                    if isinstance(done, _Sealed):
                        sealed.append(done)
                    else:
                        results[attempt.version_id] = done
                batch.sync_names()
        except LabkeepError as error:
            lost = [attempt for attempt in attempts if attempt.version_id not in results]
            return [], results | {attempt.version_id: _failed(attempt.job, error) for attempt in lost}
        return sealed, results

    def _try_to_seal(self, attempt: _Attempt, chunk: Sequence[_Attempt], batch: StoreBatch) -> _Sealed | AddResult:
        if self._cancelled:
            return _cancelled(attempt.job)
        try:
            return self._seal(attempt, chunk, batch)
        except Cancelled:
            self._cancelled = True
            return _cancelled(attempt.job)
        except LabkeepError as error:
            return _failed(attempt.job, error)

    def _reserve(self, attempts: Sequence[_Attempt]) -> None:
        with self._access.change(Verb.EDIT_DOCUMENTS) as session:
            uploads.reserve(session, [(each.version_id, each.job.document_id, each.file_id) for each in attempts])
        self._renew_at = time.monotonic() + RENEW_SECONDS

    def _seal(self, attempt: _Attempt, chunk: Sequence[_Attempt], batch: StoreBatch) -> _Sealed:
        job = attempt.job
        self._report.file_started(job.source.path, job.source.size)
        key = make_document_key()
        associated = associated_data(self._access.center.id, job.document_id, attempt.version_id)

        def progress(done: int) -> None:
            self._renew(chunk)
            self._report.bytes_done(job.source.path, done)

        with batch.writer(attempt.file_id) as pending:
            with open_source(job.source.path) as source:
                stored = seal_stream(source, pending.file, key, associated, progress, self._rooms)
            pending.commit()
            # Every byte is authenticated under a key that was never used before: what opens is what was written.
            with pending.read_back() as file:
                size = authenticate_stream(file, key, associated, lambda _done: progress(stored.size), self._rooms)
            if size != stored.size:
                raise UnavailableError("The store gave back other bytes than it was given; the file was not saved.")
        return _Sealed(attempt, key, stored)

    def _renew(self, chunk: Sequence[_Attempt]) -> None:
        """Keep the reservation; a server that cannot be asked now is asked again, and decides at the last step."""
        if time.monotonic() < self._renew_at:
            return
        try:
            with self._access.change(Verb.EDIT_DOCUMENTS) as session:
                uploads.renew(session, [each.version_id for each in chunk])
        except UnavailableError:
            self._renew_at = time.monotonic() + RENEW_AGAIN_SECONDS
        else:
            self._renew_at = time.monotonic() + RENEW_SECONDS

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
        for wait in (*WAITS, None):
            try:
                with self._access.change(Verb.EDIT_DOCUMENTS) as session:
                    uploads.save_versions(session, versions)
            except UnavailableError as error:
                # The answer may have been lost after the commit; the very same call again is harmless and tells.
                if wait is None or isinstance(error, SignedOutError):
                    raise
                time.sleep(wait)
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

    def _give_back_all(self, attempts: Sequence[_Attempt], results: dict[UUID, AddResult]) -> None:
        for attempt in attempts:
            try:
                results[attempt.version_id] = self._give_back(attempt, results[attempt.version_id])
            except UnavailableError:
                return  # each further question would wait as long for no answer
            except LabkeepError:
                continue

    def _give_back(self, attempt: _Attempt, result: AddResult) -> AddResult:
        """Abandon first and committed, then delete: a sealed file that a live row may name is never deleted.

        Returns the fate again: of a version whose saving was in doubt it is known afterwards.
        """
        with self._access.change(Verb.EDIT_DOCUMENTS) as session:
            abandoned = uploads.abandon(session, [attempt.version_id])
            live = None if abandoned else self._live_version(session, attempt)
        if live is not None:
            job = attempt.job
            return AddResult(job.source.path, job.title, AddOutcome.SAVED, job.document_id, live.number, live.size)
        if abandoned:
            with suppress(LabkeepError):
                self._store.delete(self._access.center.schema_name, attempt.file_id)
        return replace(result, reason=NOT_SAVED) if result.reason == UNKNOWN else result

    def _live_version(self, session: Session, attempt: _Attempt) -> Version | None:
        versions = document_rows.list_versions(session, attempt.job.document_id)
        return next((version for version in versions if version.id == attempt.version_id), None)


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
    return AddResult(job.source.path, job.title, AddOutcome.FAILED, size=job.source.size, reason=UNKNOWN)


def _cancelled(job: SaveJob) -> AddResult:
    return AddResult(job.source.path, job.title, AddOutcome.CANCELLED, size=job.source.size, reason="Cancelled.")
