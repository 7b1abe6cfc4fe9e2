"""Asks the server now and then, and at once when something failed: does it answer, and is everything as it was?

Losing the server, a center that is closed and a role that is changed are states of the window, whatever the person was
about to do when they were noticed. Every error of the window leads here by ``look_again``; what is said of the state is
said by the workspace, once.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.errors import LabkeepError, NotFoundError, RefusedError, UnavailableError
from desktop_app.ui.jobs import Jobs

if TYPE_CHECKING:
    from desktop_app.services.center_work import CenterWork
    from desktop_app.services.lab import Lab

BEAT_MS = 15_000
SLOW_MS = 5_000


class Pulse(QObject):
    """One question at a time, on the lane of reads."""

    slowed = Signal()
    """The server has not answered for some seconds."""
    lost = Signal()
    """It cannot be reached; said each time that it was tried."""
    back = Signal()
    """It answers again."""
    shut_out = Signal(object)
    """It does not let the person in any more: the error."""
    changed = Signal(object)
    """The center was closed, or the person has another role in it: the work as it would begin now."""
    left = Signal()
    """The center is not the person's any more."""

    def __init__(self, lab: "Lab", jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._lab = lab
        self._jobs = jobs
        self._work: CenterWork | None = None
        self._asking = False
        self._is_lost = False
        self._beat = QTimer(self, interval=BEAT_MS)
        self._beat.timeout.connect(self.look_again)
        self._slow = QTimer(self, interval=SLOW_MS, singleShot=True)
        self._slow.timeout.connect(self.slowed)
        jobs.reached.connect(self._on_reached)

    def watch(self, work: "CenterWork | None") -> None:
        """Ask for this center from now on."""
        self._work = work
        self._beat.start()

    def stop(self) -> None:
        """Ask no more."""
        self._beat.stop()
        self._slow.stop()

    def look_again(self) -> None:
        """Ask now, unless an answer is awaited."""
        if self._asking:
            return
        self._asking = True
        self._slow.start()
        lab, work = self._lab, self._work

        def ask() -> "CenterWork | None":
            lab.users.refresh_own()
            return None if work is None else _again(lab, work)

        self._jobs.read(self, "pulse", ask, lambda now: self._on_answered(work, now), self._on_failed)

    def _on_reached(self, reached: bool) -> None:
        # A full share is called unavailable, too: whether it is the server, only the server can tell.
        if not reached:
            self.look_again()

    def _on_answered(self, asked: "CenterWork | None", now: "CenterWork | None") -> None:
        self._rest()
        if self._is_lost:
            self._is_lost = False
            self.back.emit()
        if asked is None or asked is not self._work:
            return
        if now is None:
            self.left.emit()
        elif now.standing is not asked.standing or not now.center.is_active:
            self.changed.emit(now)

    def _on_failed(self, error: LabkeepError) -> None:
        self._rest()
        if error.code == "signed_out":
            return
        if isinstance(error, UnavailableError):
            self._is_lost = True
            self.lost.emit()
        elif isinstance(error, RefusedError):
            self.stop()
            self.shut_out.emit(error)

    def _rest(self) -> None:
        self._asking = False
        self._slow.stop()


def _again(lab: "Lab", work: "CenterWork") -> "CenterWork | None":
    try:
        return lab.center(work.center.id)
    except NotFoundError:
        return None
