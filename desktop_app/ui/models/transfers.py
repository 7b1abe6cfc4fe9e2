"""Files on their way into a center: started by a drop, told to the panel, ended with a sentence.

A worker seals and puts what happens into a queue; a timer on the GUI thread looks into it some ten times a second, and
each time for a moment only, so that a worker that is faster than the window can neither flood nor starve it.
"""

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.errors import LabkeepError
from desktop_app.services.documents.add_results import AddOutcome, AddResult, AddSummary
from desktop_app.services.documents.sources import PLAIN, Sources
from desktop_app.services.documents.title_conflicts import ConflictQuestion
from desktop_app.ui.foundation.jobs import Job, Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.pending_conflicts import Answer, PendingConflicts
from desktop_app.ui.models.transfer_rows import RETRYABLE, UNSETTLED, Stage, Transfer, TransferTable
from desktop_app.ui.models.transfer_summary import sum_up
from desktop_app.ui.text.message_bus import sentence

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices

TICK_MS = 100
DRAIN_SECONDS = 0.01
SPEED_SECONDS = 3.0


@dataclass(frozen=True)
class Destination:
    """Where files go: a center, and there perhaps a sample."""

    work: "CenterServices"
    sample_id: UUID | None = None
    sample_name: str = ""

    @property
    def name(self) -> str:
        """For people: the sample's barcode or the center's name."""
        return self.sample_name or self.work.center.name


class _Feed:
    """What the worker says: an AddReport that only puts events into a queue and asks whether to stop."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self.events: deque[Callable[[Transfers, int], None]] = deque()
        self.newest: tuple[Path, int] | None = None
        """The file that is being sealed and its bytes: only the newest figure is of interest."""

    def file_waits(self, question: ConflictQuestion) -> None:
        """A file is put aside until somebody answers."""
        self.events.append(lambda transfers, batch: transfers.note_question(batch, question))

    def server_away(self, seconds: float) -> None:
        """The server is asked again for so many more seconds; 0: it answers."""
        self._job.check()
        self.events.append(lambda transfers, _batch: transfers.note_away(seconds))

    def file_started(self, path: Path, size: int) -> None:
        """A file is being sealed."""
        self._job.check()
        self.events.append(lambda transfers, batch: transfers.note_start(batch, path, size))

    def bytes_done(self, path: Path, done: int) -> None:
        """So much of it is sealed."""
        self._job.check()
        self.newest = (path, done)

    def file_finished(self, result: AddResult) -> None:
        """Its fate; never stops the work, or a saved file would be reported as cancelled."""
        self.events.append(lambda transfers, batch: transfers.note_fate(batch, result))


@dataclass
class _Batch:
    number: int
    paths: tuple[Path, ...]
    destination: Destination
    sources: Sources = PLAIN
    is_import: bool = False
    """Whether keys of an older system opened the files; ``sources`` holds them no longer than needed."""
    job: Job | None = None
    feed: _Feed | None = None
    ended: bool = False
    asking: PendingConflicts = field(default_factory=PendingConflicts)


class Transfers(QObject):
    """All batches of this window."""

    changed = Signal()
    """Progress to be shown."""
    finished = Signal(object, object)
    """A batch ended: its AddSummary (or None where it failed as a whole) and its Destination."""
    summed_up = Signal(str, object)
    """The sentence for the person and its Tone."""
    asked = Signal()
    """A question came; see ``questions``."""
    keys_wanted = Signal(object, object)
    """Files of an older system are to be tried again: their paths and the Destination."""

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._numbers = itertools.count(1)
        self._batches: dict[int, _Batch] = {}
        self._samples: deque[tuple[float, int]] = deque()
        self._bytes = 0
        self.away_seconds = 0.0
        """For so many more seconds the server is asked again; 0 while it answers."""
        self.table = TransferTable(self)
        self._timer = QTimer(self, interval=TICK_MS)
        self.changed.connect(self.table.tell)
        self._timer.timeout.connect(self._on_tick)

    @property
    def is_active(self) -> bool:
        """Whether files are under way."""
        return any(not batch.ended for batch in self._batches.values())

    @property
    def is_stopping(self) -> bool:
        """Whether what is under way was cancelled, and waits for the share or the server to stop."""
        jobs = [batch.job for batch in self._batches.values() if not batch.ended]
        return bool(jobs) and all(job is not None and job.is_cancelled for job in jobs)

    @property
    def only_asks(self) -> bool:
        """Whether nothing moves until somebody answers."""
        jobs = [batch.job for batch in self._batches.values() if not batch.ended]
        return all(job is not None and not job.is_working for job in jobs)

    @property
    def is_asking(self) -> bool:
        """Whether a file waits for the person's answer."""
        return bool(self.questions)

    @property
    def questions(self) -> tuple[ConflictQuestion, ...]:
        """What waits for the person's answer, first the oldest."""
        return tuple(question for batch in self._batches.values() for question in batch.asking.open)

    def destination_of(self, question: ConflictQuestion) -> Destination:
        """Where the file of an open question is to go."""
        return self._asking_batch(question).destination

    def others(self, question: ConflictQuestion) -> int:
        """How many other files of its drop wait for an answer."""
        return sum(len(batch.asking.open) - 1 for batch in self._batches.values() if question in batch.asking.open)

    def destination(self, transfer: Transfer) -> Destination:
        """Where a file of the list went."""
        return self._batches[transfer.batch].destination

    def answer(self, question: ConflictQuestion, answer: Answer) -> None:
        """What is to become of the file; the others of its drop go on in the meantime."""
        batch = self._asking_batch(question)
        batch.asking.answer(question, answer)
        for row in self.table.rows:
            if row.batch == batch.number and row.stage is Stage.ASKED and not _waits(batch, row):
                row.stage = Stage.WAITING
                self.table.touch(row)
        if batch.job is not None:
            batch.job.answer(None)
        self.changed.emit()

    def cancel_asking(self, question: ConflictQuestion) -> None:
        """Cancel all of the drop that this file is of; what is saved already stays."""
        batch = self._asking_batch(question)
        if batch.job is not None:
            batch.job.cancel()

    def _asking_batch(self, question: ConflictQuestion) -> _Batch:
        return next(batch for batch in self._batches.values() if question in batch.asking.open)

    @property
    def speed(self) -> float:
        """Bytes per second, over the last seconds."""
        if len(self._samples) < 2:
            return 0.0
        (first, before), (last, after) = self._samples[0], self._samples[-1]
        return (after - before) / (last - first) if last > first else 0.0

    def uses(self, work: "CenterServices") -> bool:
        """Whether files are under way into this work."""
        return any(batch.destination.work is work for batch in self._batches.values() if not batch.ended)

    def add(self, paths: Sequence[Path], destination: Destination, sources: Sources = PLAIN) -> None:
        """Begin with these files and folders; returns at once. *sources*: how they become what is saved."""
        if not paths:
            return
        if not self.is_active:
            self.table.drop([row for row in self.table.rows if row.stage not in RETRYABLE])
        if sources is not PLAIN:
            self._drop_imported(paths, destination)
        batch = _Batch(next(self._numbers), tuple(dict.fromkeys(paths)), destination, sources, sources is not PLAIN)
        self._batches[batch.number] = batch
        self.table.append(
            Transfer(batch.number, path, path.name or str(path), destination.name) for path in batch.paths
        )
        self._timer.start()
        self.changed.emit()
        self._jobs.start(
            self,
            lambda job: self._work(job, batch),
            lambda summary: self._on_done(batch, summary),
            lambda error: self._on_failed(batch, error),
            prepare=lambda job: self._prepare(job, batch),
        )

    def _drop_imported(self, paths: Sequence[Path], destination: Destination) -> None:
        """What is imported once more stands in the list once."""
        again = [row for row in self.table.rows if row.stage in RETRYABLE and row.path in paths]
        self.table.drop(row for row in again if self._batches[row.batch].is_import and row.target == destination.name)

    def cancel(self) -> None:
        """Stop everything that is under way; what is already saved stays saved."""
        for batch in self._batches.values():
            if batch.job is not None and not batch.ended:
                batch.job.cancel()
        self.changed.emit()

    def retry(self, rows: Iterable[Transfer] | None = None) -> None:
        """Try again what was not saved: these rows, or all of them."""
        again = [row for row in (rows or self.table.rows) if row.stage in RETRYABLE]
        by_batch = {number: [row.path for row in again if row.batch == number] for number in {r.batch for r in again}}
        for number, paths in by_batch.items():
            batch = self._batches[number]
            if not batch.is_import:
                self.table.drop([row for row in again if row.batch == number])
                self.add(paths, batch.destination)
            else:
                # The keys are asked for again: those that were wrong open nothing, and none outlives its import.
                self.keys_wanted.emit(paths, batch.destination)

    def clear(self) -> None:
        """Forget the batches that ended."""
        ended = {number for number, batch in self._batches.items() if batch.ended}
        self.table.drop([row for row in self.table.rows if row.batch in ended])
        self._batches = {number: batch for number, batch in self._batches.items() if number not in ended}
        self.changed.emit()

    def note_start(self, batch: int, path: Path, size: int) -> None:
        """For the feed: a file is being sealed."""
        transfer = self.table.find(batch, path)
        if transfer is None:
            transfer = Transfer(batch, path, path.name, self._batches[batch].destination.name)
            self.table.append([transfer])
        transfer.stage, transfer.size = Stage.SEALING, size
        self.table.touch(transfer)

    def note_question(self, batch: int, question: ConflictQuestion) -> None:
        """For the feed: a file waits for an answer."""
        found = self._batches[batch]
        if not found.asking.note(question):
            return
        transfer = self.table.find(batch, question.path)
        if transfer is None:
            transfer = Transfer(batch, question.path, question.path.name, found.destination.name)
            self.table.append([transfer])
        transfer.stage, transfer.size = Stage.ASKED, question.size
        self.table.touch(transfer)
        self.asked.emit()

    def note_away(self, seconds: float) -> None:
        """For the feed: how long the server is still asked again."""
        self.away_seconds = seconds

    def note_bytes(self, batch: int, path: Path, done: int) -> None:
        """For the feed: so much of it is sealed."""
        transfer = self.table.find(batch, path)
        if transfer is None or transfer.stage not in (Stage.SEALING, Stage.CHECKING):
            return
        self._bytes += max(0, done - transfer.done)
        transfer.done = done
        if done >= transfer.size:
            transfer.stage = Stage.CHECKING
        self.table.touch(transfer)

    def note_fate(self, batch: int, result: AddResult) -> None:
        """For the feed: what became of it."""
        before = self.table.find(batch, result.path)
        done = before.done if before else 0
        transfer = self.table.settle(batch, result)
        self._bytes += max(0, transfer.done - done)
        transfer.target = transfer.target or self._batches[batch].destination.name

    def _prepare(self, job: Job, batch: _Batch) -> None:
        batch.job = job
        batch.feed = _Feed(job)
        job.asked.connect(lambda questions: self._on_asked(questions, job, batch))
        job.ended.connect(lambda: self._on_ended(batch))

    def _on_asked(self, questions: Sequence[ConflictQuestion], job: Job, batch: _Batch) -> None:
        """Everything else is done, and the worker waits: it goes on with what was answered since."""
        self._drain(batch)
        for question in questions:
            self.note_question(batch.number, question)
        if batch.asking.has_answers:
            job.answer(None)
        self.changed.emit()

    @staticmethod
    def _work(job: Job, batch: _Batch) -> AddSummary:
        destination = batch.destination
        return destination.work.documents.add(
            batch.paths,
            sample_id=destination.sample_id,
            decide=lambda questions: batch.asking.decide(job, questions),
            report=batch.feed,
            sources=batch.sources,
        )

    def _on_tick(self) -> None:
        for batch in tuple(self._batches.values()):
            self._drain(batch)
        now = time.monotonic()
        self._samples.append((now, self._bytes))
        while len(self._samples) > 2 and now - self._samples[0][0] > SPEED_SECONDS:
            self._samples.popleft()
        if not self.is_active:
            self._timer.stop()
            self._samples.clear()
        self.changed.emit()

    def _drain(self, batch: _Batch, seconds: float = DRAIN_SECONDS) -> None:
        feed, until = batch.feed, time.monotonic() + seconds
        if feed is None:
            return
        while feed.events:
            feed.events.popleft()(self, batch.number)
            if time.monotonic() > until:
                return
        if feed.newest is not None:
            self.note_bytes(batch.number, *feed.newest)

    def _on_done(self, batch: _Batch, summary: AddSummary) -> None:
        self._end(batch)
        for result in summary.results:
            if not self.table.is_settled(batch.number, result):
                self.note_fate(batch.number, result)
        # A folder has no fate of its own: its files have.
        self.table.drop([r for r in self.table.rows if r.batch == batch.number and r.stage is Stage.WAITING])
        text, tone = sum_up(summary, batch.destination.name)
        self.finished.emit(summary, batch.destination)
        self.summed_up.emit(text, tone)
        self.changed.emit()

    def _on_failed(self, batch: _Batch, error: LabkeepError) -> None:
        self._end(batch)
        for row in self.table.rows:
            if row.batch == batch.number and row.stage in UNSETTLED:
                row.stage, row.reason = Stage.FAILED, sentence(error)
                self.table.touch(row)
        self.finished.emit(None, batch.destination)
        self.summed_up.emit(self.tr("Nothing more was saved. {why}").format(why=sentence(error)), Tone.DANGER)
        self.changed.emit()

    def _on_ended(self, batch: _Batch) -> None:
        """Cancelled before it began: nobody else is told."""
        if batch.ended:
            return
        results = tuple(
            AddResult(path, path.name or str(path), AddOutcome.CANCELLED, reason=self.tr("Cancelled."))
            for path in batch.paths
        )
        self._on_done(batch, AddSummary(results))

    def _end(self, batch: _Batch) -> None:
        # The summary says the same at once; what is still in the queue is not needed any more.
        batch.ended = True
        batch.job = batch.feed = None
        batch.sources = PLAIN
        batch.asking.clear()
        self.away_seconds = 0.0


def _waits(batch: _Batch, row: Transfer) -> bool:
    return any(question.path == row.path for question in batch.asking.open)
