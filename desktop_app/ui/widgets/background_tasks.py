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


Counted = Callable[[int, int], str]
"""Done and total, in words."""


@dataclass
class Task:
    """What the strip says of a long task; changed in place on the GUI thread only."""

    title: str
    counted: Counted | None = None
    done: int = 0
    total: int = 0

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
        return self._jobs.start(owner, work, done, failed, prepare=lambda job: self.started.emit(task, job))


class TaskStrip(QFrame):
    """The newest long task that is under way; hidden while there is none, and for the first 300 ms."""

    def __init__(self, tasks: BackgroundTasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status_strip")
        self._running: dict[Job, Task] = {}
        self._label = PlainLabel()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(220)
        self.cancel = Button(self.tr("Cancel"), "x")
        self.cancel.clicked.connect(self._on_cancel)
        self._show_timer = QTimer(self, singleShot=True, interval=SHOW_AFTER_MS)
        self._show_timer.timeout.connect(self._show)
        layout = row(self, gap=12)
        layout.setContentsMargins(16, 6, 12, 6)
        layout.addWidget(self._label, 1)
        layout.addWidget(self._bar)
        layout.addWidget(self.cancel)
        tasks.started.connect(self._on_started)
        self.hide()

    def _on_started(self, task: Task, job: Job) -> None:
        self._running[job] = task
        job.progressed.connect(lambda done, total: self._on_progressed(task, done, total))
        job.ended.connect(lambda: self._on_ended(job))
        self._bar.setRange(0, 0)
        self._label.setText(task.words)
        self._show_timer.start()

    def _show(self) -> None:
        self.setVisible(bool(self._running))

    def _on_progressed(self, task: Task, done: int, total: int) -> None:
        task.done, task.total = done, total
        if task is not next(reversed(self._running.values()), None):
            return
        self._label.setText(task.words)
        # Bytes of large files do not fit the bar's integers.
        self._bar.setRange(0, 1000 if total else 0)
        self._bar.setValue(round(1000 * done / total) if total else 0)

    def _on_ended(self, job: Job) -> None:
        self._running.pop(job, None)
        if self._running:
            self._label.setText(next(reversed(self._running.values())).words)
            return
        self._show_timer.stop()
        self.hide()

    def _on_cancel(self) -> None:
        for job in tuple(self._running):
            job.cancel()
