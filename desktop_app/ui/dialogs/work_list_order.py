"""The order of a work list, saved while one moves its samples."""

from collections.abc import Callable, Sequence
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation.jobs import Jobs


class OrderSaver(QObject):
    """One order is on its way at a time, and the newest one is the last that arrives, however fast one moves."""

    saved = Signal()
    """The server has the newest order."""
    failed = Signal(object)
    """A LabkeepError; what was moved since is given up."""

    def __init__(self, jobs: Jobs, arrange: Callable[[UUID, Sequence[UUID]], None], parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._arrange = arrange
        self._waiting: tuple[UUID, tuple[UUID, ...]] | None = None
        self.is_busy = False

    def save(self, list_id: UUID, samples: Sequence[UUID]) -> None:
        """Save this order of this list."""
        self._waiting = list_id, tuple(samples)
        if not self.is_busy:
            self._send()

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, None
        self.is_busy = waiting is not None
        if waiting is None:
            self.saved.emit()
            return
        arrange = self._arrange
        self._jobs.write(self, lambda: arrange(*waiting), lambda _none: self._send(), self._on_failed)

    def _on_failed(self, error: LabkeepError) -> None:
        self._waiting, self.is_busy = None, False
        self.failed.emit(error)
