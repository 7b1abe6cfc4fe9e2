"""Long work that is not a transfer, such as saving a copy or verifying: shown in a strip with progress and Cancel."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QWidget

from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation.jobs import Job, Jobs
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.styling import row

SHOW_AFTER_MS = 300
PATIENCE_MS = 1_000
"""Since Cancel: of what stops within that, nothing more is said."""

Counted = Callable[[int, int], str]
"""Done and total, in words."""


@dataclass
class Task:
    """What the strip says of a long task; changed in place on the GUI thread only."""

    title: str
    counted: Counted | None = None
    done: int = 0
    total: int = 0
    is_told: bool = False
    """Whether its end was told to whoever began it: it was done, or failed."""
    is_awaited: bool = False
    """Whether it did not stop soon after Cancel."""

    @property
    def words(self) -> str:
        """Its title, and how far it is where that is counted."""
        if self.counted is None or not self.total:
            return self.title
        return f"{self.title} · {self.counted(self.done, self.total)}"


class BackgroundTasks(QObject):
    """Starts long work and tells the strip."""

    started = Signal(object, object)
    """A Task and its Job."""

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs

    def run(
        self,
        owner: QObject,
        title: str,
        work: Callable[[Job], Any],
        done: Callable[[Any], None],
        failed: Callable[[LabkeepError], None] | None = None,
        counted: Counted | None = None,
    ) -> Job:
        """Begin; *title* is what the strip says, such as "Saving report.pdf", and *counted* how far it is in words."""
        task = Task(title, counted)

        def succeed(result: Any) -> None:
            task.is_told = True
            done(result)

        def fail(error: LabkeepError) -> None:
            task.is_told = True
            (failed or self._jobs.failed.emit)(error)

        return self._jobs.start(owner, work, succeed, fail, prepare=lambda job: self.started.emit(task, job))


class TaskStrip(QFrame):
    """The newest long task that is under way; hidden while there is none, and for the first 300 ms.

    A task that waits for a share or a server which does not answer stops only when that answers. The strip says so at
    once, and in the end that it stopped; of one that was done or failed all the same its own sentence tells.
    """

    def __init__(self, tasks: BackgroundTasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status_strip")
        self._running: dict[Job, Task] = {}
        self._stopped: Task | None = None
        self.label = PlainLabel()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(220)
        self.cancel = Button(self.tr("Cancel"), "x")
        self.cancel.clicked.connect(self._on_cancel)
        self._show_timer = QTimer(self, singleShot=True, interval=SHOW_AFTER_MS)
        self._show_timer.timeout.connect(self._show)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._await)
        layout = row(self, gap=12)
        layout.setContentsMargins(16, 8, 12, 8)
        layout.addWidget(self.label, 1)
        layout.addWidget(self._bar)
        layout.addWidget(self.cancel)
        tasks.started.connect(self._on_started)
        self.hide()

    @property
    def running(self) -> tuple[Task, ...]:
        """What is under way, the newest last."""
        return tuple(self._running.values())

    def _on_started(self, task: Task, job: Job) -> None:
        self._stopped = None
        self._running[job] = task
        job.progressed.connect(lambda done, total: self._on_progressed(task, done, total))
        job.ended.connect(lambda: self._on_ended(job))
        self._look()
        self._show_timer.start()

    def _show(self) -> None:
        self.setVisible(bool(self._running) or self._stopped is not None)

    def _look(self) -> None:
        """Show the newest that is under way, or what stopped late."""
        job = next(reversed(self._running), None)
        task = self._stopped if job is None else self._running[job]
        if task is None:
            return
        words = task.words
        if job is None:
            words = self.tr("{task}: stopped, it was not done").format(task=task.title)
        elif job.is_cancelled:
            said = self.tr("{task} · Stopping as soon as the share and the server answer; until then nothing is known")
            words = said.format(task=task.title)
        self.label.setText(words)
        # Bytes of large files do not fit the bar's integers.
        self._bar.setRange(0, 1000 if task.total else 0)
        self._bar.setValue(round(1000 * task.done / task.total) if task.total else 0)
        self._bar.setVisible(job is not None)
        self.cancel.setText(self.tr("Close") if job is None else self.tr("Cancel"))
        self.cancel.setEnabled(job is None or not all(each.is_cancelled for each in self._running))

    def _on_progressed(self, task: Task, done: int, total: int) -> None:
        task.done, task.total = done, total
        self._look()

    def _on_ended(self, job: Job) -> None:
        task = self._running.pop(job)
        if task.is_awaited and not task.is_told:
            self._stopped = task
        if not self._running:
            self._show_timer.stop()
            self._patience.stop()
            self._show()
        self._look()

    def _on_cancel(self) -> None:
        if not self._running:
            self._stopped = None
            self._show()
        for job in tuple(self._running):
            job.cancel()
        if self._running:
            self._patience.start()
        self._look()

    def _await(self) -> None:
        for job, task in self._running.items():
            task.is_awaited |= job.is_cancelled
