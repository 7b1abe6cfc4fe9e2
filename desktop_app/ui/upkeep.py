"""What the window does by the way: clears away what interrupted programs left, and shows how the installation is."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_app.errors import LabkeepError
from desktop_app.ui.desk import Desk
from desktop_app.ui.dialogs.status import StatusDialog

if TYPE_CHECKING:
    from desktop_app.services.center_work import CenterWork


class Upkeep(QObject):
    """Sweeps each center once when it is opened, away from the GUI thread and without a word."""

    def __init__(self, desk: Desk, window: QWidget) -> None:
        super().__init__(window)
        self._desk = desk
        self._window = window

    def sweep(self, work: "CenterWork") -> None:
        """For the center that was opened."""
        self._desk.jobs.read(self, f"sweep {work.center.id}", work.sweep, _nothing, _another_time)

    def show_status(self) -> None:
        """Open the page that says how the installation is."""
        StatusDialog(self._desk.jobs, self._desk.lab, self._window).open()


def _nothing(_swept: int) -> None:
    return None


def _another_time(_error: LabkeepError) -> None:
    return None
