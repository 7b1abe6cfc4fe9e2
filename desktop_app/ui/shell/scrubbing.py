"""Reads a few stored files of the open center each minute, so that damage is known before somebody needs the file.

Never in the way: nothing is read while the person adds, saves or waits for something, or while the window is locked; a
step ends after about a second, and a worker of its own keeps a share that hangs away from everything else.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.findings import Finding
from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation.jobs import Job, Jobs, Lane

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices

EVERY_MS = 60_000


class Scrubbing(QObject):
    """One step at a time, in the center that is open."""

    found = Signal(object, object)
    """The center, and the findings that are new."""
    stepped = Signal()
    """A step came to its end, whatever came of it."""

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._work: CenterServices | None = None
        self._job: Job | None = None
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.step)

    def watch(self, work: "CenterServices | None") -> None:
        """Read in this center from now on; a step in another one is stopped."""
        self.stop()
        self._work = work
        if work is not None:
            self._timer.start()

    def stop(self) -> None:
        """The window is locked, or ends."""
        self._timer.stop()
        if self._job is not None:
            self._job.cancel()

    def step(self) -> None:
        """Read some, unless somebody is at work or a step is under way."""
        work = self._work
        if work is None or self._job is not None or self._jobs.is_working:
            return

        def done(findings: tuple[Finding, ...]) -> None:
            if findings:
                self.found.emit(work.center, findings)

        def read(job: Job) -> tuple[Finding, ...]:
            return work.health.scrub(job.report)

        self._jobs.start(self, read, done, _another_time, prepare=self._follow, lane=Lane.SCRUB)

    def _follow(self, job: Job) -> None:
        self._job = job
        job.ended.connect(self._on_ended)

    def _on_ended(self) -> None:
        self._job = None
        self.stepped.emit()


def _another_time(_error: LabkeepError) -> None:
    """The store or the server is away, and the window says so already."""
