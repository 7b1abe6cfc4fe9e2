"""The way of the sign-in page for whoever has the recovery kit and no password."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.deferred import deferred
from desktop_app.domain.profiles import Profile
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.shell.ready_installation import ReadyInstallation
from desktop_app.ui.shell.startup_services import StartupServices
from desktop_app.ui.widgets.buttons import Button, Kind

if TYPE_CHECKING:
    from desktop_app.services.installation.recovery import Recovered
    from desktop_app.ui.dialogs import recover
else:
    recover = deferred("desktop_app.ui.dialogs.recover")


class RecoveryLink(Button):
    """Opens the dialog for the chosen installation; without a profile, for one that this computer knows not yet."""

    recovered = Signal(object)
    """A :class:`ReadyInstallation` with the new administrator's user name."""

    def __init__(self, startup: StartupServices, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__("", kind=Kind.LINK, parent=parent)
        self.setText(self.tr("Use the &recovery kit…"))
        self._startup = startup
        self._jobs = jobs
        self.profile: Profile | None = None
        self.clicked.connect(self._on_clicked)

    def _on_clicked(self) -> None:
        known, startup = self.profile, self._startup

        def take_over(asked: "recover.RecoverRequest") -> "tuple[Profile, Recovered]":
            profile = known or startup.profile_by_kit.make(asked.words, asked.dsn, asked.store)
            done = startup.recovery.recover(
                profile, asked.words, asked.username, asked.password, asked.dsn, restored=asked.restored
            )
            return profile, done

        dialog = recover.RecoverDialog(self._jobs, known, take_over, self.window())
        dialog.saved.connect(lambda made: self._on_recovered(*made))
        dialog.open()

    def _on_recovered(self, profile: Profile, done: "Recovered") -> None:
        said = self.tr("{user} is a system administrator now. Sign in with the new password.")
        if done.left:
            said = self.tr(
                "{user} is a system administrator now, and holds not all keys yet. Use the recovery kit again with the "
                "same name and password."
            )
        note, tone = said.format(user=done.user.username), Tone.WARNING if done.left else Tone.GOOD
        self.recovered.emit(ReadyInstallation(profile, done.user.username, note=note, tone=tone))
