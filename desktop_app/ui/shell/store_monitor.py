"""Looks at the store as the monitor looks at the server: is it there, and is it this installation's?

A share that hangs answers nobody and cannot be interrupted: the question has a worker of its own, is asked once at a
time, and after some seconds without an answer the store counts as away until one comes.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation.jobs import Jobs, Lane
from desktop_app.ui.text.message_bus import sentence

if TYPE_CHECKING:
    from desktop_app.services.session.lab import Lab

ANSWER_TIMEOUT_MS = 5_000


class StoreMonitor(QObject):
    """One question at a time; says what changed."""

    lost = Signal(str)
    """It cannot be reached, and why: a sentence."""
    back = Signal()
    """It is there again."""

    def __init__(self, lab: "Lab", jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._lab = lab
        self._jobs = jobs
        self._asking = False
        self._problem = ""
        self._answer_timer = QTimer(self, interval=ANSWER_TIMEOUT_MS, singleShot=True)
        self._answer_timer.timeout.connect(self._on_silence)

    @property
    def problem(self) -> str:
        """Why the store cannot be reached; empty where it can."""
        return self._problem

    def look_again(self) -> None:
        """Ask now, unless an answer is awaited."""
        if self._asking:
            return
        self._asking = True
        self._answer_timer.start()
        self._jobs.read(self, "store", self._lab.check_store, self._on_there, self._on_failed, Lane.STORE)

    def stop(self) -> None:
        """The window is locked, or ends: an answer may still come, and is noted."""
        self._answer_timer.stop()

    def _on_there(self, _none: None) -> None:
        self._rest()
        if self._problem:
            self._problem = ""
            self.back.emit()

    def _on_failed(self, error: LabkeepError) -> None:
        self._rest()
        self._lose(sentence(error))

    def _on_silence(self) -> None:
        store = str(self._lab.profile.store)
        self._lose(self.tr("{store} has not answered for some seconds.").format(store=store))

    def _lose(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            self.lost.emit(problem)

    def _rest(self) -> None:
        self._asking = False
        self._answer_timer.stop()
