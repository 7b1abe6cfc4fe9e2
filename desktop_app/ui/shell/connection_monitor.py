"""Asks the server now and then, and at once when something failed: does it answer, and is everything as it was?

Losing the server, a center that is closed and a role that is changed are states of the window, whatever the person was
about to do when they were noticed. Every error of the window leads here by ``look_again``; what is said of the state is
said by the workspace, once.

Other people's work is noticed by the heads of the records of changes: of the open center, and of the installation. The
server's hints say when to look (services/session/live.py); where they do not arrive, each beat looks.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from desktop_app.errors import LabkeepError, NotFoundError, RefusedError, UnavailableError
from desktop_app.ui.foundation.jobs import Jobs

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices
    from desktop_app.services.session.lab import Lab
    from desktop_app.services.session.live import Heads, Hint

INTERVAL_MS = 10_000
HEARD_BEATS = 6
"""While hints arrive, every so manieth beat asks the server; the store is looked at with each."""
SLOW_MS = 5_000
FIRST_LOOK_MS = 500
"""After a center was opened, whose lists come first: from then on the server tells of its changes."""


@dataclass(frozen=True)
class _Answer:
    """What is so now."""

    heads: "Heads"
    work: "CenterServices | None"


@dataclass(frozen=True)
class _Question:
    """What is to be asked, and why."""

    is_whole: bool = True
    """Everything, and not only what a hint about the center is about."""
    by_others: bool = True
    """Not because of what this window alone has done."""


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
    center_moved = Signal(bool)
    """Something in the center changed since the last look; False where this window alone did it."""
    shared_moved = Signal(bool)
    """Something about centers or people changed since the last look; the same."""
    confirmed = Signal()
    """The server answered: what is shown and not read anew is as it is there."""
    heard = Signal(bool)
    """Whether the server's hints arrive."""
    _hinted = Signal(object)
    """From the thread that listens."""
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
        self._wanted: list[_Question] = []
        self._is_lost = False
        self._is_heard = False
        self._beats = 0
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self._on_beat)
        self._slow = QTimer(self, interval=SLOW_MS, singleShot=True)
        self._slow.timeout.connect(self.slowed)
        self._first = QTimer(self, interval=FIRST_LOOK_MS, singleShot=True)
        self._first.timeout.connect(lambda: self._ask(_Question()))
        jobs.reached.connect(self._on_reached)
        self._hinted.connect(self._on_hint, Qt.ConnectionType.QueuedConnection)
        lab.live.listen(self._on_told)

    def watch(self, work: "CenterServices | None") -> None:
        """Ask for this center from now on."""
        if work is None or self._work is None or work.center.id != self._work.center.id:
            self._center_head = None
        self._work = work
        self._timer.start()
        self._first.start()
        self.asked.emit()

    def stop(self) -> None:
        """Ask no more."""
        self._timer.stop()
        self._first.stop()
        self._slow.stop()

    def look_if_watching(self) -> None:
        """Ask now, unless it was told to ask no more."""
        if self._timer.isActive():
            self.look_again()

    def look_again(self) -> None:
        """Ask now, unless an answer is awaited."""
        self.asked.emit()
        if not self._asking:
            self._ask(_Question())

    def _ask(self, question: _Question) -> None:
        if self._asking:
            self._wanted.append(question)
            return
        self._asking, self._wanted = True, []
        self._slow.start()
        lab, work = self._lab, self._work

        def ask() -> _Answer:
            if not question.is_whole:
                return _Answer(lab.live.look(work, at_shared=False), work)
            lab.free_the_way()
            lab.users.refresh_own()
            now = None if work is None else _again(lab, work)
            return _Answer(lab.live.look(now), now)

        self._jobs.read(self, "monitor", ask, lambda answer: self._on_answered(work, question, answer), self._on_failed)

    def _on_beat(self) -> None:
        self._beats += 1
        if self._is_heard and not self._is_lost and self._beats % HEARD_BEATS:
            self.asked.emit()
            return
        self.look_again()

    def _on_told(self, hint: "Hint") -> None:
        """On the thread that listens, which may outlive the window of the person who signs out."""
        with suppress(RuntimeError):
            if shiboken6.isValid(self):
                self._hinted.emit(hint)

    def _on_hint(self, hint: "Hint") -> None:
        if not self._timer.isActive():
            return
        if hint.is_heard is not self._is_heard:
            self._is_heard = hint.is_heard
            self.heard.emit(hint.is_heard)
        if hint.channels:
            self._ask(_Question(self._lab.live.concerns_all(hint), hint.by_others))
        elif not hint.is_heard:
            # The listening connection ended: most likely everybody's did.
            self._ask(_Question())

    def _on_reached(self, reached: bool) -> None:
        # A full share is called unavailable, too: whether it is the server, only the server can tell.
        if not reached:
            self.look_again()

    def _on_answered(self, asked: "CenterServices | None", question: _Question, answer: _Answer) -> None:
        self._rest()
        by_others = question.by_others
        if self._is_lost:
            self._is_lost, by_others = False, True
            self._lab.live.hurry()
            self.back.emit()
        heads = answer.heads
        if heads.shared is not None and heads.shared != self._shared_head:
            # The first time, too: nobody knows what happened between the lists and this look.
            self._shared_head = heads.shared
            self.shared_moved.emit(by_others)
        now = answer.work
        if asked is not None and asked is self._work:
            if heads.center is not None and heads.center != self._center_head:
                self._center_head = heads.center
                self.center_moved.emit(by_others)
            if now is None:
                self.left.emit()
            elif question.is_whole and (now.standing is not asked.standing or not now.center.is_active):
                self.changed.emit(now)
        self.confirmed.emit()
        if self._wanted and self._timer.isActive():
            wanted = self._wanted
            self._ask(_Question(any(each.is_whole for each in wanted), any(each.by_others for each in wanted)))

    def _on_failed(self, error: LabkeepError) -> None:
        self._rest()
        self._wanted = []
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
