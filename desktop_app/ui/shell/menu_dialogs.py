"""The dialogs of the person's menu that concern the person, the program and this computer."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_app.errors import LabkeepError
from desktop_app.ui.dialogs.about import AboutDialog
from desktop_app.ui.dialogs.another_computer import AnotherComputerDialog
from desktop_app.ui.dialogs.password_change import PasswordDialog
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.shell.startup_services import StartupServices
from desktop_app.ui.text.message_bus import Notice, sentence

if TYPE_CHECKING:
    from desktop_app.services.session.lab import Lab
    from desktop_app.ui.shell.workspace import Workspace


class MenuDialogs(QObject):
    """Of one workspace; opened over its window."""

    def __init__(self, startup: StartupServices, jobs: Jobs, workspace: "Workspace", window: QWidget) -> None:
        super().__init__(workspace)
        self._startup = startup
        self._jobs = jobs
        self._window = window
        self._workspace = workspace
        self._lab: Lab = workspace.context.lab
        self._messages = workspace.context.messages
        header = workspace.header
        header.about_asked.connect(self._on_about)
        header.password_asked.connect(self._on_password)
        header.another_computer_asked.connect(self._on_another_computer)

    def _on_about(self) -> None:
        update = self._workspace.updates.found
        AboutDialog(self._lab.profile, self._window, update=update).open()

    def _on_another_computer(self) -> None:
        startup, profile = self._startup, self._lab.profile
        AnotherComputerDialog(self._jobs, profile, lambda: startup.profile_sharing, self._window).open()

    def _on_password(self) -> None:
        lab = self._lab
        change = lab.account.change_password
        dialog = PasswordDialog(
            self._jobs,
            lab.user.username,
            lambda old, new, exposed: change(old, new, exposed=exposed),
            None,
            self._window,
        )
        dialog.saved.connect(self._on_password_changed)
        dialog.open()

    def _on_password_changed(self, keys: Any) -> None:
        self._messages.say(self.tr("Your password is changed."))
        service, profile, user = self._startup.sign_in, self._lab.profile, self._lab.user.username
        self._jobs.write(self, lambda: service.renew(profile, user, keys), lambda _none: None, self._on_not_remembered)

    def _on_not_remembered(self, error: LabkeepError) -> None:
        text = self.tr("Your password is changed, but this computer does not remember it: {why} Type it next time.")
        self._messages.notice(Notice(text.format(why=sentence(error)), Tone.WARNING))
