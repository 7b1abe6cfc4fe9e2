"""What the window does by the way: clears away what interrupted programs left, and shows how the installation is."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_app.domain.records import Center
from desktop_app.errors import LabkeepError
from desktop_app.ui.dialogs.status import StatusDialog
from desktop_app.ui.shell.scrubbing import Scrubbing
from desktop_app.ui.tabs.tab_context import TabContext
from desktop_app.ui.text import notices

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices


class Maintenance(QObject):
    """Sweeps each center once when it is opened, away from the GUI thread and without a word."""

    def __init__(self, context: TabContext, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self.scrubbing = Scrubbing(context.jobs, self)
        self.scrubbing.found.connect(self._on_found)

    def sweep(self, work: "CenterServices") -> None:
        """For the center that was opened."""
        self._context.jobs.read(self, f"sweep {work.center.id}", work.sweep, _nothing, _another_time)

    def _on_found(self, center: Center, _findings: object) -> None:
        self._context.messages.notice(notices.damage_found(center.name))

    def show_status(self) -> None:
        """Open the page that says how the installation is."""
        StatusDialog(self._context.jobs, self._context.lab, self._window).open()


def _nothing(_swept: int) -> None:
    return None


def _another_time(_error: LabkeepError) -> None:
    return None
