"""What the person chose and what the laboratory fixed, put on the window: look, lock by itself, scanner."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_app.config import Settings, load_settings
from desktop_app.deferred import deferred
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.shell.application import Look
from desktop_app.ui.shell.idle import IdleWatch
from desktop_app.ui.shell.scanner.listening import ScannerListener
from desktop_app.ui.shell.startup_services import StartupServices

if TYPE_CHECKING:
    from desktop_app.ui.shell import deferred_parts
else:
    deferred_parts = deferred("desktop_app.ui.shell.deferred_parts")


@dataclass(frozen=True)
class Obeying:
    """What obeys the settings."""

    look: Look
    idle: IdleWatch
    scanner: ScannerListener


class PersonSettings(QObject):
    """Read once and at every save; the laboratory's policy stands above them and is read once."""

    def __init__(self, startup: StartupServices, jobs: Jobs, obeying: Obeying, window: QWidget) -> None:
        super().__init__(window)
        self._startup = startup
        self._jobs = jobs
        self._obeying = obeying
        self._window = window
        loaded = load_settings(startup.settings_file)
        self._settings = loaded.settings
        self.policy = startup.policy
        said = (self.policy.problem,) if self.policy.problem is not None else ()
        self.problems: tuple[str, ...] = (*said, *loaded.problems)
        """Sentences on what could not be read as it was."""
        self._apply()

    def ask(self) -> None:
        """Open the dialog."""
        file = self._startup.settings_file
        dialog = deferred_parts.SettingsDialog(self._jobs, file, self._settings, self.policy, self._window)
        dialog.saved.connect(self._on_saved)
        dialog.open()

    def _on_saved(self, settings: Settings) -> None:
        self._settings = settings
        self._apply()

    def _apply(self) -> None:
        self._obeying.look.choose(self._settings.appearance)
        self._obeying.idle.set_minutes(self.policy.idle_minutes(self._settings.idle_lock_minutes))
        self._obeying.scanner.set_prefix(self._settings.scanner_prefix)
