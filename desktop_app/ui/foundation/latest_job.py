"""Long work of which the newest counts: what is begun takes the place of what is under way."""

from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Signal

from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation.jobs import Job, Jobs


class LatestJob(QObject):
    """One job at a time; one that was overtaken is stopped, and says nothing more."""

    progressed = Signal(int, int)
    """Done and total."""
    ended = Signal(bool)
    """Whether somebody stopped it; the last signal, whatever the outcome."""

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._job: Job | None = None

    @property
    def is_working(self) -> bool:
        """Whether something is under way."""
        return self._job is not None

    def start(
        self, work: Callable[[Job], Any], done: Callable[[Any], None], failed: Callable[[LabkeepError], None]
    ) -> None:
        """Begin something instead of what is under way."""
        self.cancel()
        mine: list[Job] = []

        def prepare(job: Job) -> None:
            mine.append(job)
            self._job = job
            job.progressed.connect(lambda at, total: self.progressed.emit(at, total) if self._is_newest(job) else None)
            job.ended.connect(lambda: self._on_ended(job))

        self._jobs.start(
            self,
            work,
            lambda found: done(found) if self._job is mine[0] else None,
            lambda error: failed(error) if self._job is mine[0] else None,
            prepare=prepare,
        )

    def cancel(self) -> None:
        """Ask what is under way to stop."""
        if self._job is not None:
            self._job.cancel()

    def _is_newest(self, job: Job) -> bool:
        # A dialog may be closed, and gone, before its work has heard of that.
        return self._job is job and bool(shiboken6.isValid(self))

    def _on_ended(self, job: Job) -> None:
        if self._is_newest(job):
            self._job = None
            self.ended.emit(job.is_cancelled)
