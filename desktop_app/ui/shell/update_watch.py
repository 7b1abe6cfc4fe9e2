"""Whether a newer version of the program is announced: looked for at sign-in and a few times a day, never fetched."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.errors import LabkeepError
from desktop_app.ui.tabs.tab_context import TabContext

if TYPE_CHECKING:
    from desktop_app.services.maintenance.updates import Update

HOURS = 6


class UpdateWatch(QObject):
    """Looks for one signed-in person; what cannot be read now is looked for again later, without a word."""

    announced = Signal(object)
    """An Update that is newer than this program; None where there is none (any more)."""

    def __init__(self, context: TabContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self.found: Update | None = None
        """What the last look found."""
        self._timer = QTimer(self)
        self._timer.setInterval(HOURS * 3_600_000)
        self._timer.timeout.connect(self.look)

    def watch(self) -> None:
        """Look now, and again from time to time."""
        self._timer.start()
        self.look()

    def stop(self) -> None:
        """The window is locked or left."""
        self._timer.stop()

    def look(self) -> None:
        """Look once, away from the GUI thread."""
        lab = self._context.lab
        self._context.jobs.read(self, "update", lambda: lab.updates.check(), self._on_found, self._on_failed)

    def _on_found(self, update: "Update") -> None:
        self.found = update
        self.announced.emit(update if update.is_newer else None)

    def _on_failed(self, _error: LabkeepError) -> None:
        """The server is away, which the window says by itself."""
