"""Work away from the GUI thread; the only file of the window that knows threads.

The contract. A :class:`Job` is made, kept and let go on the GUI thread: ``Jobs`` holds a reference from the start
until the job's end was delivered there, so the object whose signals a worker emits cannot be collected under it. A
worker only runs the callable, keeps the outcome in the job and emits one signal; everything a widget sees happens in
the slot of that signal, on the GUI thread. What was started for an owner that is gone, or was overtaken by a newer
read of the same owner and name, is dropped without a word. Cancelling is a request: the work notices it in its next
``report``, which raises :class:`Cancelled`, and a cancelled job calls nobody but ``ended``.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from desktop_app.errors import Cancelled, LabkeepError, UnavailableError
from desktop_app.ui.foundation.unexpected_error import unexpected

WAITS_TO_BE_HEARD = 0.05
"""Seconds that work waits at a report for the window; else hundreds of calls from Qt into Python wait for the work."""
Result = TypeVar("Result")
Task = Callable[[], None]


class Lane(Enum):
    """Work of one kind queues behind its own kind only, so that a long save never holds up a list."""

    READ = auto()
    WRITE = auto()
    LONG = auto()
    PREVIEW = auto()
    """One at a time: a newer preview waits for the older one's decoder."""
    STORE = auto()
    """Asks the store alone, whose answer says nothing of the server; a share that hangs holds up nobody else."""
    SCRUB = auto()
    """The same, of work that nobody waits for."""
    LOCAL = auto()
    """Small files of this computer; whether the server is there says nothing of them."""


WORKERS = {Lane.READ: 3, Lane.WRITE: 2, Lane.LONG: 2, Lane.PREVIEW: 1, Lane.STORE: 1, Lane.SCRUB: 1, Lane.LOCAL: 1}


class Runner(Protocol):
    """Where tasks run."""

    def submit(self, lane: Lane, task: Task) -> None:
        """Run the task, now or later."""

    def close(self, seconds: float) -> bool:
        """Take no more work and wait so long for what runs; False if something still does."""


class InlineRunner:
    """Runs each task at once on the caller's thread: for tests of widgets."""

    def submit(self, lane: Lane, task: Task) -> None:
        """Run it now."""
        del lane
        task()

    def close(self, seconds: float) -> bool:
        """Nothing can be running."""
        del seconds
        return True


class ThreadRunner:
    """A few daemon threads per lane, started when first needed.

    Daemons, because a call into a share that went away may never return and must not keep the program alive.
    """

    def __init__(self) -> None:
        self._queues: dict[Lane, SimpleQueue[Task | None]] = {lane: SimpleQueue() for lane in Lane}
        self._threads: dict[Lane, list[threading.Thread]] = {lane: [] for lane in Lane}
        self._idle = dict.fromkeys(Lane, 0)
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, lane: Lane, task: Task) -> None:
        """Queue it in its lane."""
        with self._lock:
            if self._closed:
                return
            threads = self._threads[lane]
            if self._idle[lane] > 0:
                self._idle[lane] -= 1
            elif len(threads) < WORKERS[lane]:
                thread = threading.Thread(
                    target=self._work, args=(lane,), name=f"labkeep-{lane.name.lower()}-{len(threads)}", daemon=True
                )
                threads.append(thread)
                thread.start()
            self._queues[lane].put(task)

    def close(self, seconds: float) -> bool:
        """End the threads, after what was given to the lane of writes; False if one is busy after so many seconds."""
        with self._lock:
            self._closed = True
            threads = [(lane, thread) for lane in Lane for thread in self._threads[lane]]
        for lane, _ in threads:
            self._queues[lane].put(None)
        until = time.monotonic() + seconds
        for _, thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for _, thread in threads)

    def _work(self, lane: Lane) -> None:
        queue = self._queues[lane]
        while (task := queue.get()) is not None:
            if not self._closed or lane is Lane.WRITE:
                task()
            with self._lock:
                self._idle[lane] += 1
            del task  # an idle thread must not keep the last work's objects alive


@dataclass
class _Question:
    """Something that the work must know from the person before it goes on."""

    subject: Any
    answered: threading.Event
    answer: Any = None


class Job(QObject):
    """One piece of work: its progress, its outcome, and the way to stop it."""

    progressed = Signal(int, int)
    """Done and total, the newest: what was reported while the window was busy is not told one by one."""
    asked = Signal(object)
    """The work waits for ``answer``; the subject is the work's own."""
    ended = Signal()
    """The last signal, whatever the outcome."""
    # What a worker emits ends in a slot of this object, so that no connection of a widget crosses threads.
    _settled = Signal()
    _told = Signal()
    _shown = Signal(int, int)
    _wondered = Signal(object)

    def __init__(
        self, work: "Callable[[Job], Any]", done: Callable[[Any], None], failed: Callable[[Any], None]
    ) -> None:
        super().__init__()
        self._work = work
        self._done = done
        self._failed = failed
        self._stop = threading.Event()
        self._questions: list[_Question] = []
        self._result: Any = None
        self._error: LabkeepError | None = None
        self._reported = (0, 0)
        self._heard = threading.Event()
        self._heard.set()
        self.lane = Lane.READ
        self.relevant: Callable[[], bool] = lambda: True
        # Auto, not queued: with the inline runner the outcome is delivered before submit() returns.
        self._settled.connect(self._on_settled, Qt.ConnectionType.AutoConnection)
        self._told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)
        self._shown.connect(self._on_shown, Qt.ConnectionType.QueuedConnection)
        self._wondered.connect(self._on_wondered, Qt.ConnectionType.AutoConnection)

    @property
    def is_working(self) -> bool:
        """Whether it changes something or takes long, and does not wait for the person's answer."""
        return self.lane in (Lane.WRITE, Lane.LONG) and not self._questions

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody asked the work to stop."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Ask the work to stop; it does at its next report or question."""
        self._stop.set()
        for question in tuple(self._questions):
            question.answered.set()

    def check(self) -> None:
        """For the work: raise Cancelled if it should stop."""
        if self._stop.is_set():
            raise Cancelled("Stopped.")

    def report(self, done: int, total: int) -> None:
        """For the work: tell how far it is, and let the window show it; raises Cancelled."""
        self.check()
        self._reported = (done, total)
        if QThread.currentThread() is self.thread():  # inline
            self.progressed.emit(done, total)
        elif self._heard.is_set():
            self._heard.clear()
            self._told.emit()
            self._heard.wait(WAITS_TO_BE_HEARD)

    def ask(self, subject: object) -> Any:
        """For the work: wait for the person's answer to *subject*; raises Cancelled."""
        question = _Question(subject, threading.Event())
        self._questions.append(question)
        try:
            self.check()
            self._wondered.emit(subject)
            if QThread.currentThread() is self.thread() and not question.answered.is_set():
                raise Cancelled("Nobody is there to answer.")  # inline: waiting would be for ever
            question.answered.wait()
            self.check()
        finally:
            self._questions.remove(question)
        return question.answer

    def answer(self, value: object) -> None:
        """For the window: the answer to the question that is open."""
        for question in tuple(self._questions):
            question.answer = value
            question.answered.set()

    def run(self) -> None:
        """For the runner: do the work and keep its outcome."""
        try:
            self.check()
            self._result = self._work(self)
        except LabkeepError as error:
            self._error = error
        except Exception as error:
            self._error = unexpected(error)
        if shiboken6.isValid(self):
            self._settled.emit()

    @Slot()
    def _on_told(self) -> None:
        told = self._reported
        self.progressed.emit(*told)
        self._shown.emit(*told)  # after what is to be painted of it

    @Slot(int, int)
    def _on_shown(self, done: int, total: int) -> None:
        self._heard.set()
        if self._reported != (done, total):  # the work did not wait so long
            self.progressed.emit(*self._reported)

    @Slot(object)
    def _on_wondered(self, subject: object) -> None:
        self.asked.emit(subject)

    @Slot()
    def _on_settled(self) -> None:
        try:
            if not self.relevant() or isinstance(self._error, Cancelled):
                return
            if self._error is None:
                self._done(self._result)
            else:
                self._failed(self._error)
        finally:
            self.ended.emit()
            # The work often holds a service or a key; it is over.
            self._work = self._done = self._failed = _nobody
            self._result = None
            # Here and now, on the GUI thread: the cycle collector might run on a worker and delete it there.
            self.deleteLater()


def _nobody(_outcome: object) -> None:
    return None


def _alive(owner: QObject) -> bool:
    return bool(shiboken6.isValid(owner))


class Jobs(QObject):
    """The two verbs of the window: ``read`` and ``write``; and ``start`` for what takes long."""

    failed, unread = Signal(object), Signal(object)
    """An error that the caller left to everybody: of something that was to be done, and of a ``read``."""
    reached = Signal(bool)
    """The server answered (True), or could not be reached (False)."""
    rested = Signal()
    """A job ended, or began to wait for the person."""

    def __init__(self, runner: Runner | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner: Runner = runner or ThreadRunner()
        self._running: set[Job] = set()
        self._newest: dict[tuple[int, str], object] = {}

    @property
    def running(self) -> int:
        """How many jobs have not ended."""
        return len(self._running)

    @property
    def is_working(self) -> bool:
        """Whether something is under way that would be harmed if its keys were taken away."""
        return any(job.is_working for job in self._running)

    def read(
        self,
        owner: QObject,
        name: str,
        work: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[LabkeepError], None] | None = None,
        lane: Lane = Lane.READ,
    ) -> None:
        """Fetch something for *owner*; a newer read of the same name makes this one's result stale."""
        token = object()
        key = (id(owner), name)
        self._newest[key] = token
        job = self._make(lambda _job: work(), done, failed or self.unread.emit, lane not in (Lane.STORE, Lane.LOCAL))
        job.relevant = lambda: _alive(owner) and self._newest.get(key) is token
        job.ended.connect(lambda: self._newest.pop(key, None) if self._newest.get(key) is token else None)
        self._submit(job, lane)

    def forget(self, owner: QObject, name: str) -> None:
        """Whatever is being read under this name is not wanted any more."""
        self._newest.pop((id(owner), name), None)

    def write(
        self,
        owner: QObject,
        work: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[LabkeepError], None] | None = None,
        busy: Callable[[bool], None] | None = None,
    ) -> None:
        """Change something: never dropped and never run twice while *busy* (usually a button) is told so."""
        job = self._make(lambda _job: work(), done, failed)
        job.relevant = lambda: _alive(owner)
        if busy is not None:
            busy(True)
            job.ended.connect(lambda: busy(False) if _alive(owner) else None)
        self._submit(job, Lane.WRITE)

    def start(
        self,
        owner: QObject,
        work: Callable[[Job], Result],
        done: Callable[[Result], None],
        failed: Callable[[LabkeepError], None] | None = None,
        *,
        prepare: Callable[[Job], None] | None = None,
        lane: Lane = Lane.LONG,
    ) -> Job:
        """Begin something long; *work* gets the job for its reports, *prepare* connects its signals before it runs."""
        job = self._make(work, done, failed, of_server=lane is not Lane.SCRUB)
        job.relevant = lambda: _alive(owner)
        if prepare is not None:
            prepare(job)
        self._submit(job, lane)
        return job

    def close(self, seconds: float = 5.0) -> bool:
        """Cancel what can be cancelled, let writes end, and wait; False if something did not stop in time."""
        for job in tuple(self._running):
            if job.lane is not Lane.WRITE:
                job.cancel()
            job.relevant = lambda: False
        stopped = self._runner.close(seconds)
        if stopped:
            self._running.clear()
        self._newest.clear()
        return stopped

    def _make(
        self,
        work: Callable[[Job], Any],
        done: Callable[[Any], None],
        failed: Callable[[LabkeepError], None] | None,
        of_server: bool = True,
    ) -> Job:
        def succeed(result: Any) -> None:
            if of_server:
                self.reached.emit(True)
            done(result)

        def fail(error: LabkeepError) -> None:
            if of_server and isinstance(error, UnavailableError):
                self.reached.emit(False)
            (failed or self.failed.emit)(error)

        return Job(work, succeed, fail)

    def _submit(self, job: Job, lane: Lane) -> None:
        job.lane = lane
        self._running.add(job)
        job.asked.connect(lambda _subject: self.rested.emit())
        job.ended.connect(lambda: self._on_ended(job))
        self._runner.submit(lane, job.run)

    def _on_ended(self, job: Job) -> None:
        self._running.discard(job)
        self.rested.emit()
