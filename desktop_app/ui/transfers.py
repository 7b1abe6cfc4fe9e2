"""Files on their way into a center: started by a drop, told to the panel, ended with a sentence.

A worker seals and puts what happens into a queue; a timer on the GUI thread looks into it some ten times a second, and
each time for a moment only, so that a worker that is faster than the window can neither flood nor starve it.
"""

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.errors import LabkeepError
from desktop_app.services.adding import AddOutcome, AddResult, AddSummary, ConflictQuestion, OnConflict
from desktop_app.ui import wording
from desktop_app.ui.jobs import Job, Jobs
from desktop_app.ui.messages import sentence
from desktop_app.ui.models.transfers import RETRYABLE, Stage, Transfer, TransferTable, named_shortly
from desktop_app.ui.theme import Tone

if TYPE_CHECKING:
    from desktop_app.services.center_work import CenterWork

TICK_MS = 100
DRAIN_SECONDS = 0.03
SPEED_SECONDS = 3.0
NAMED_FAILURES = 2


@dataclass(frozen=True)
class Destination:
    """Where files go: a center, and there perhaps a sample."""

    work: "CenterWork"
    sample_id: UUID | None = None
    sample_name: str = ""

    @property
    def name(self) -> str:
        """For people: the sample's barcode or the center's name."""
        return self.sample_name or self.work.center.name


@dataclass(frozen=True)
class Answer:
    """What to do with a file whose title exists, and whether with all that follow."""

    choice: OnConflict
    for_all: bool = False


class _Feed:
    """What the worker says: an AddReport that only puts events into a queue and asks whether to stop."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self.events: deque[Callable[[Transfers, int], None]] = deque()
        self.newest: tuple[Path, int] | None = None
        """The file that is being sealed and its bytes: only the newest figure is of interest."""

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
    job: Job | None = None
    feed: _Feed | None = None
    ended: bool = False


class Transfers(QObject):
    """All batches of this window."""

    changed = Signal()
    """Progress to be shown."""
    finished = Signal(object, object)
    """A batch ended: its AddSummary (or None where it failed as a whole) and its Destination."""
    summed_up = Signal(str, object)
    """The sentence for the person and its Tone."""
    asked = Signal(object, object)
    """A ConflictQuestion, and the callable that takes the :class:`Answer`."""

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._numbers = itertools.count(1)
        self._batches: dict[int, _Batch] = {}
        self._samples: deque[tuple[float, int]] = deque()
        self._bytes = 0
        self._questions = 0
        self.table = TransferTable(self)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._on_tick)

    @property
    def is_active(self) -> bool:
        """Whether files are under way."""
        return any(not batch.ended for batch in self._batches.values())

    @property
    def is_asking(self) -> bool:
        """Whether a file waits for the person's answer."""
        return self._questions > 0

    @property
    def speed(self) -> float:
        """Bytes per second, over the last seconds."""
        if len(self._samples) < 2:
            return 0.0
        (first, before), (last, after) = self._samples[0], self._samples[-1]
        return (after - before) / (last - first) if last > first else 0.0

    def uses(self, work: "CenterWork") -> bool:
        """Whether files are under way into this work."""
        return any(batch.destination.work is work for batch in self._batches.values() if not batch.ended)

    def add(self, paths: Sequence[Path], destination: Destination) -> None:
        """Begin with these files and folders; returns at once."""
        if not paths:
            return
        if not self.is_active:
            self.table.drop([row for row in self.table.rows if row.stage not in RETRYABLE])
        batch = _Batch(next(self._numbers), tuple(dict.fromkeys(paths)), destination)
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

    def cancel(self) -> None:
        """Stop everything that is under way; what is already saved stays saved."""
        for batch in self._batches.values():
            if batch.job is not None and not batch.ended:
                batch.job.cancel()

    def retry(self, rows: Iterable[Transfer] | None = None) -> None:
        """Try again what was not saved: these rows, or all of them."""
        again = [row for row in (rows or self.table.rows) if row.stage in RETRYABLE]
        by_batch = {number: [row.path for row in again if row.batch == number] for number in {r.batch for r in again}}
        self.table.drop(again)
        for number, paths in by_batch.items():
            self.add(paths, self._batches[number].destination)

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
        job.asked.connect(lambda question: self._on_asked(question, job))
        job.ended.connect(lambda: self._on_ended(batch))

    def _on_asked(self, question: ConflictQuestion, job: Job) -> None:
        def answer(given: Answer) -> None:
            self._questions -= 1
            job.answer(given)
            self.changed.emit()

        self._questions += 1
        self.asked.emit(question, answer)
        self.changed.emit()

    @staticmethod
    def _work(job: Job, batch: _Batch) -> AddSummary:
        settled: list[OnConflict] = []

        def decide(question: ConflictQuestion) -> OnConflict:
            if not settled:
                answer: Answer = job.ask(question)
                if not answer.for_all:
                    return answer.choice
                settled.append(answer.choice)
            return settled[0]

        destination = batch.destination
        return destination.work.documents.add(
            batch.paths, sample_id=destination.sample_id, decide=decide, report=batch.feed
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
        text, tone = self._sum_up(summary, batch.destination)
        self.finished.emit(summary, batch.destination)
        self.summed_up.emit(text, tone)
        self.changed.emit()

    def _on_failed(self, batch: _Batch, error: LabkeepError) -> None:
        self._end(batch)
        for row in self.table.rows:
            if row.batch == batch.number and row.stage in (Stage.WAITING, Stage.SEALING, Stage.CHECKING):
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

    def _sum_up(self, summary: AddSummary, destination: Destination) -> tuple[str, Tone]:
        saved, lost = len(summary.saved), summary.not_saved
        if not summary.results:
            return self.tr("There was no file in what was dropped. Nothing was saved."), Tone.WARNING
        if not lost:
            text = self.tr("{files} sealed for {target}.")
            return text.format(files=wording.files(saved), target=destination.name), Tone.GOOD
        text = self.tr("{saved} of {files} sealed.").format(
            saved=wording.number(saved), files=wording.files(len(summary.results))
        )
        failed = [result for result in lost if result.outcome is AddOutcome.FAILED]
        if failed:
            text += " " + self.tr("{count} not: {which}").format(count=len(failed), which=self._named(failed))
        if skipped := sum(result.outcome is AddOutcome.SKIPPED for result in lost):
            text += " " + self.tr("{count} skipped.").format(count=skipped)
        if cancelled := sum(result.outcome is AddOutcome.CANCELLED for result in lost):
            text += " " + self.tr("{count} cancelled, and not kept.").format(count=cancelled)
        return text, Tone.DANGER if failed else Tone.WARNING

    def _named(self, failed: Sequence[AddResult]) -> str:
        named = "; ".join(_why(each) for each in failed[:NAMED_FAILURES])
        more = len(failed) - NAMED_FAILURES
        return named + (self.tr("; and {count} more, listed below.").format(count=more) if more > 0 else ".")


def _why(result: AddResult) -> str:
    """The name and the reason, without saying the name twice."""
    reason = result.reason.rstrip(".")
    path = str(result.path)
    reason = f"it{reason.removeprefix(path)}" if reason.startswith(path) else named_shortly(reason, result.path)
    return f"{result.name}: {reason}"
