"""Saving files: reserved, sealed, on the disk, read back, live.

For each chunk of files: the rows are reserved with a lease in one transaction; each file is sealed into the store,
synced, renamed, read back and verified, and the names of all are made durable; then all of the chunk become live in
one transaction with their signatures, keys and record. Only after that commit is anything reported as saved. What
fails is given back (``abandoned``) before its sealed file is deleted; where the server cannot be asked, nothing is
deleted. What publish.py does is the end of it, while the next chunk is sealed.

A small file costs little work and much waiting for the disk: several of one chunk are on their way at once.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from threading import Lock
from uuid import UUID

from desktop_app.crypto.sealed_stream import (
    BufferPool,
    associated_data,
    authenticate_stream,
    make_document_key,
    seal_stream,
)
from desktop_app.db import uploads
from desktop_app.domain.ids import new_file_ids, new_id
from desktop_app.domain.rights import Verb
from desktop_app.errors import Cancelled, LabkeepError, UnavailableError
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.retries import RetryPolicy
from desktop_app.services.documents.add_results import AddOutcome, AddReport, AddResult
from desktop_app.services.documents.publish import Publisher
from desktop_app.services.documents.sources import PLAIN, Sources
from desktop_app.services.documents.upload_items import Attempt, Sealed, UploadItem, cancelled, failed
from desktop_app.services.documents.writers import MOST, Writers
from desktop_app.storage.store import Batch

CHUNK_FILES = 512
CHUNK_BYTES = 64 * 1024 * 1024
SMALL = 1024 * 1024
"""Bytes; of smaller files several are sealed at once. Of a larger one, hashing and writing have threads already."""
RENEW_SECONDS = 120.0
"""A lease lasts fifteen minutes; it is renewed well before."""
RENEW_AGAIN_SECONDS = 20.0
"""After a renewal that the server could not be asked for; several of them fit into the lease."""


@dataclass(frozen=True, repr=False)
class _Chunk:
    """Files that were reserved and sealed together, and the fate of those that are not in the store."""

    attempts: Sequence[Attempt]
    is_reserved: bool
    sealed: Sequence[Sealed]
    results: dict[UUID, AddResult]


class Uploader:
    """Saves jobs of one center, in order, in chunks: one becomes live while the next is sealed."""

    def __init__(
        self, context: CenterContext, report: AddReport, retries: RetryPolicy, sources: Sources = PLAIN
    ) -> None:
        self._context = context
        self._sources = sources
        self._retries = retries
        self._publisher = Publisher(context, retries)
        self._report = report
        self._telling = Lock()
        self._buffers = [BufferPool() for _ in range(MOST)]
        self._renew_at = 0.0
        self._cancelled = False

    def cancel(self) -> None:
        """Begin no further chunk; what is live stays."""
        self._cancelled = True

    def save(self, jobs: Sequence[UploadItem]) -> Iterator[AddResult]:
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

    def _begin(self, chunk: Sequence[UploadItem]) -> _Chunk:
        attempts = [
            Attempt(job, new_id(), file_id) for job, file_id in zip(chunk, new_file_ids(len(chunk)), strict=True)
        ]
        if self._cancelled:
            return _Chunk(attempts, False, [], {each.version_id: cancelled(each.job) for each in attempts})
        self._context.person.under_way.update(each.version_id for each in attempts)
        try:
            self._retries.through(lambda: self._reserve(attempts))
        except Cancelled:
            self._cancelled = True
            return _Chunk(attempts, False, [], {each.version_id: cancelled(each.job) for each in attempts})
        except LabkeepError as error:
            return _Chunk(attempts, False, [], {each.version_id: failed(each.job, error) for each in attempts})
        return _Chunk(attempts, True, *self._store_all(attempts))

    def _end(self, begun: _Chunk) -> list[AddResult]:
        """Make live what is stored, and give back the rest; runs while the next chunk is sealed."""
        results = begun.results | self._publisher.make_live(begun.sealed)
        if begun.is_reserved:
            lost = [each for each in begun.attempts if results[each.version_id].outcome is not AddOutcome.SAVED]
            self._publisher.give_back(lost, results)
        self._context.person.under_way.difference_update(each.version_id for each in begun.attempts)
        return [results[attempt.version_id] for attempt in begun.attempts]

    def _store_all(self, attempts: Sequence[Attempt]) -> tuple[list[Sealed], dict[UUID, AddResult]]:
        """What is in the store, verified, on the disk and under a durable name; and the fate of the rest."""
        done: dict[UUID, Sealed | AddResult] = {}
        try:
            with self._context.person.store.writing(self._context.center.schema_name) as batch:
                for are_small, together in groupby(attempts, key=lambda each: each.job.source.size < SMALL):
                    done |= self._seal_all(list(together), attempts, batch, MOST if are_small else 1)
                batch.settle()
        except LabkeepError as error:
            fates = {version_id: each for version_id, each in done.items() if isinstance(each, AddResult)}
            lost = [attempt for attempt in attempts if attempt.version_id not in fates]
            return [], fates | {attempt.version_id: failed(attempt.job, error) for attempt in lost}
        found = [(attempt, done[attempt.version_id]) for attempt in attempts]
        return (
            [each for _attempt, each in found if isinstance(each, Sealed)],
            {attempt.version_id: each for attempt, each in found if isinstance(each, AddResult)},
        )

    def _seal_all(
        self, attempts: Sequence[Attempt], chunk: Sequence[Attempt], batch: Batch, writers: int
    ) -> dict[UUID, Sealed | AddResult]:
        """Each of *attempts* tried, by at most so many threads."""

        def seal(attempt: Attempt, buffers: BufferPool) -> tuple[UUID, Sealed | AddResult]:
            return attempt.version_id, self._try_to_seal(attempt, chunk, batch, buffers)

        return dict(Writers(seal, self._buffers[:writers]).run(attempts))

    def _try_to_seal(
        self, attempt: Attempt, chunk: Sequence[Attempt], batch: Batch, buffers: BufferPool
    ) -> Sealed | AddResult:
        if self._cancelled:
            return cancelled(attempt.job)
        try:
            return self._seal(attempt, chunk, batch, buffers)
        except Cancelled:
            self._cancelled = True
            return cancelled(attempt.job)
        except LabkeepError as error:
            return failed(attempt.job, error)

    def _reserve(self, attempts: Sequence[Attempt]) -> None:
        with self._context.change(Verb.EDIT_DOCUMENTS) as session:
            uploads.reserve(session, [(each.version_id, each.job.document_id, each.file_id) for each in attempts])
        self._renew_at = time.monotonic() + RENEW_SECONDS

    def _seal(self, attempt: Attempt, chunk: Sequence[Attempt], batch: Batch, buffers: BufferPool) -> Sealed:
        job = attempt.job
        with self._telling:
            self._report.file_started(job.source.path, job.source.size)
        key = make_document_key()
        associated = associated_data(self._context.center.id, job.document_id, attempt.version_id)

        def progress(done: int) -> None:
            with self._telling:
                self._renew(chunk)
                self._report.bytes_done(job.source.path, done)

        with batch.writer(attempt.file_id, job.source.size) as pending:
            with self._sources.open(job.source.path) as source:
                stored = seal_stream(source, pending.file, key, associated, progress, buffers)
            pending.commit()
            # Every byte is authenticated under a key that was never used before: what opens is what was written.
            with pending.read_back() as file:
                size = authenticate_stream(file, key, associated, lambda _done: progress(stored.size), buffers)
            if size != stored.size:
                raise UnavailableError("The store gave back other bytes than it was given; the file was not saved.")
        return Sealed(attempt, key, stored)

    def _renew(self, chunk: Sequence[Attempt]) -> None:
        """Keep the reservation; a server that cannot be asked now is asked again, and decides at the last step."""
        if time.monotonic() < self._renew_at:
            return
        try:
            with self._context.change(Verb.EDIT_DOCUMENTS) as session:
                uploads.renew(session, [each.version_id for each in chunk])
        except UnavailableError:
            self._renew_at = time.monotonic() + RENEW_AGAIN_SECONDS
        else:
            self._renew_at = time.monotonic() + RENEW_SECONDS


def _chunks(jobs: Sequence[UploadItem]) -> Iterator[list[UploadItem]]:
    chunk: list[UploadItem] = []
    size = 0
    for job in jobs:
        if chunk and (len(chunk) == CHUNK_FILES or size + job.source.size > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(job)
        size += job.source.size
    if chunk:
        yield chunk
