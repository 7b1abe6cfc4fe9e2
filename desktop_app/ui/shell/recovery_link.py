"""The way of the sign-in page for whoever has the recovery kit and no password."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.deferred import deferred
from desktop_app.domain.profiles import Profile
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.shell.startup_services import StartupServices
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button, Kind

if TYPE_CHECKING:
    from desktop_app.services.installation.recovery import Recovered
    from desktop_app.ui.shell import deferred_parts
else:
    deferred_parts = deferred("desktop_app.ui.shell.deferred_parts")


class RecoveryLink(Button):
    """Opens the dialog for the chosen installation; ``recovered`` brings the new administrator's user name."""

    recovered = Signal(str)

    def __init__(self, startup: StartupServices, jobs: Jobs, banner: Banner, parent: QWidget | None = None) -> None:
        super().__init__("", kind=Kind.LINK, parent=parent)
        self.setText(self.tr("Use the &recovery kit…"))
        self._startup = startup
        self._jobs = jobs
        self._banner = banner
        self.profile: Profile | None = None
        self.clicked.connect(self._on_clicked)

    def _on_clicked(self) -> None:
        profile, startup = self.profile, self._startup
        if profile is None:
            return

        def recover(words: str, username: str, password: str, dsn: str | None) -> "Recovered":
            return startup.recovery.recover(profile, words, username, password, dsn)

        dialog = deferred_parts.RecoverDialog(self._jobs, profile, recover, self.window())
        dialog.saved.connect(self._on_recovered)
        dialog.open()

    def _on_recovered(self, done: "Recovered") -> None:
        self.recovered.emit(done.user.username)
        said = self.tr("{user} is a system administrator now. Sign in with the new password.")
        if done.left:
            said = self.tr(
                "{user} is a system administrator now, and holds not all keys yet. Use the recovery kit again with the "
                "same name and password."
            )
        self._banner.say(said.format(user=done.user.username), Tone.WARNING if done.left else Tone.GOOD)
