"""Asks the server now and then, and at once when something failed: does it answer, and is everything as it was?

Losing the server, a center that is closed and a role that is changed are states of the window, whatever the person was
about to do when they were noticed. Every error of the window leads here by ``look_again``; what is said of the state is
said by the workspace, once.

Other people's work is noticed by the heads of the records of changes: of the open center, and of the installation.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.errors import LabkeepError, NotFoundError, RefusedError, UnavailableError
from desktop_app.ui.foundation.jobs import Jobs

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices
    from desktop_app.services.session.lab import Lab

INTERVAL_MS = 10_000
SLOW_MS = 5_000


@dataclass(frozen=True)
class _Answer:
    """What is so now."""

    work: "CenterServices | None"
    center_head: int | None
    """How many links the center's record of changes has."""
    shared_head: int


class ConnectionMonitor(QObject):
    """One question at a time, on the lane of reads."""

    asked = Signal()
    """It is time to ask: also what else may be away is asked now."""
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
    center_moved = Signal()
    """Something in the center changed since the last look, whoever changed it."""
    shared_moved = Signal()
    """Something about centers or people changed since the last look."""
    left = Signal()
    """The center is not the person's any more."""

    def __init__(self, lab: "Lab", jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._lab = lab
        self._jobs = jobs
        self._work: CenterServices | None = None
        self._center_head: int | None = None
        self._shared_head: int | None = None
        self._asking = False
        self._is_lost = False
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.look_again)
        self._slow = QTimer(self, interval=SLOW_MS, singleShot=True)
        self._slow.timeout.connect(self.slowed)
        jobs.reached.connect(self._on_reached)

    def watch(self, work: "CenterServices | None") -> None:
        """Ask for this center from now on."""
        if work is None or self._work is None or work.center.id != self._work.center.id:
            self._center_head = None
        self._work = work
        self._timer.start()
        self.asked.emit()

    def stop(self) -> None:
        """Ask no more."""
        self._timer.stop()
        self._slow.stop()

    def look_if_watching(self) -> None:
        """Ask now, unless it was told to ask no more."""
        if self._timer.isActive():
            self.look_again()

    def look_again(self) -> None:
        """Ask now, unless an answer is awaited."""
        self.asked.emit()
        if self._asking:
            return
        self._asking = True
        self._slow.start()
        lab, work = self._lab, self._work

        def ask() -> _Answer:
            lab.free_the_way()
            lab.users.refresh_own()
            now = None if work is None else _again(lab, work)
            head = now.audit.head().seq if now is not None and now.center.is_active else None
            return _Answer(now, head, lab.audit.head().seq)

        self._jobs.read(self, "monitor", ask, lambda answer: self._on_answered(work, answer), self._on_failed)

    def _on_reached(self, reached: bool) -> None:
        # A full share is called unavailable, too: whether it is the server, only the server can tell.
        if not reached:
            self.look_again()

    def _on_answered(self, asked: "CenterServices | None", answer: _Answer) -> None:
        self._rest()
        if self._is_lost:
            self._is_lost = False
            self.back.emit()
        if answer.shared_head != self._shared_head:
            # The first time, too: nobody knows what happened between the lists and this look.
            self._shared_head = answer.shared_head
            self.shared_moved.emit()
        now = answer.work
        if asked is None or asked is not self._work:
            return
        if answer.center_head is not None and answer.center_head != self._center_head:
            self._center_head = answer.center_head
            self.center_moved.emit()
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


def _again(lab: "Lab", work: "CenterServices") -> "CenterServices | None":
    try:
        return lab.center(work.center.id)
    except NotFoundError:
        return None
