"""The installation's backups on the page of health: the newest, the newest drill, and the way to do either now."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from desktop_app.domain.findings import Finding
from desktop_app.domain.profiles import ServerKind
from desktop_app.domain.progress import Report
from desktop_app.errors import LabkeepError
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.dialogs.waiting import WaitingDialog
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import sentence
from desktop_app.ui.text.messages import said
from desktop_app.ui.text.plain import give_tip
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.check_card import GOOD, NOT_YET, WARNING, Check
from desktop_app.ui.widgets.file_choice import choose_folder
from desktop_app.ui.widgets.password_field import PasswordField

if TYPE_CHECKING:
    from desktop_app.services.installation.backup_notes import LastBackup, LastDrill
    from desktop_app.services.installation.installation_backups import InstallationBackups, KnownBackups
    from desktop_app.services.session.lab import Lab

OF_THE_DRILL = frozenset({"drill_failed"})
"""The codes of what a drill found; the others are about the backup."""


class DrillDialog(FormDialog):
    """The password that the administrator had when the backup was made: with it the drill opens it."""

    def __init__(self, jobs: Jobs, username: str, folder: Path, parent: QWidget) -> None:
        text = FormText(
            self.tr("Try the newest backup"),
            self.tr("&Try it"),
            self.tr(
                "The newest backup in {folder} is brought back into a throw-away place on this computer. "
                "It is opened with the password that {user} had when it was made."
            ).format(folder=folder, user=username),
        )
        super().__init__(jobs, text, parent)
        self.password = PasswordField("password", self.tr("Pass&word"))
        self.set_form([[self.password]], self._problems, self._collect_work)

    def _problems(self) -> dict[str, str]:
        return {} if self.password.value else {"password": self.tr("Type the password.")}

    def _collect_work(self) -> Work:
        password = self.password.value
        return lambda: password


class BackupChecks:
    """Two cards for a system administrator: what this computer knows of backups, and buttons for both."""

    def __init__(self, jobs: Jobs, lab: "Lab", backups: "Callable[[], InstallationBackups]") -> None:
        self._jobs, self._lab, self._backups = jobs, lab, backups
        self._known: KnownBackups | None = None
        self.backup = Check(
            _tr("Backup of the installation"),
            _tr("A sealed copy of all centers in a folder that can be carried away. This computer knows of those that "
                "it made itself."),
            Button(_tr("&Back up now…"), "archive"),
        )  # fmt: skip
        self.drill = Check(
            _tr("Restore drill"),
            _tr("The newest backup comes back into a throw-away place: every file is compared with what was signed, "
                "and documents of every center are opened."),
            Button(_tr("&Try it…"), "rotate-ccw"),
        )  # fmt: skip

    def show_in(self, dialog: QWidget) -> tuple[Check, Check]:
        """The cards, which work for this dialog from now on."""
        self._dialog = dialog
        for check, act in ((self.backup, self._on_back_up), (self.drill, self._on_try)):
            if check.button is not None:
                check.button.clicked.connect(act)
                check.button.setEnabled(False)
        profile, backups = self._lab.profile, self._backups
        self._jobs.read(dialog, "backups", lambda: backups().known(profile), self._show, self._fail_of(self.backup))
        return self.backup, self.drill

    def _show(self, known: "KnownBackups") -> None:
        self._known = known
        self.backup.say(*backup_words(known.last, known.every, known.findings))
        self.drill.say(*drill_words(known.drill, known.findings))
        for check, at in ((self.backup, known.last), (self.drill, known.drill)):
            give_tip(check.result, "" if at is None else formatting.exact_date(at.at))
            if check.button is not None:
                check.button.setEnabled(True)
        if self.backup.button is not None and self._lab.profile.server is not ServerKind.BUILT_IN:
            self.backup.button.setEnabled(False)
            reason = _tr("The server's own administrator backs it up: labkeep-admin backup DIR --dsn-file FILE.")
            give_tip(self.backup.button, reason)

    def _on_back_up(self) -> None:
        self._in_folder(_tr("The folder of backups"), self._back_up)

    def _back_up(self, folder: Path) -> None:
        told, lab = _tr("{done} of {total} stored files are looked at…"), self._lab
        self._run(self.backup, _tr("Backing up"), told, lambda backups, report: backups.back_up(lab, folder, report))

    def _on_try(self) -> None:
        self._in_folder(_tr("The folder of backups"), self._ask_password)

    def _ask_password(self, folder: Path) -> None:
        dialog = DrillDialog(self._jobs, self._lab.user.username, folder, self._dialog)
        dialog.saved.connect(lambda password: self._try_out(folder, password))
        dialog.open()

    def _try_out(self, folder: Path, password: str) -> None:
        told, lab = _tr("{done} of {total} stored files are compared…"), self._lab
        self._run(
            self.drill,
            _tr("Trying the backup"),
            told,
            lambda backups, report: backups.try_out(lab, folder, password, report),
        )

    def _in_folder(self, title: str, then: Callable[[Path], None]) -> None:
        """In the folder of the newest backup, or in one that is asked for where there was none."""
        if self._known is not None and self._known.last is not None:
            then(Path(self._known.last.folder))
        else:
            choose_folder(self._dialog, title, then)

    def _run(
        self,
        check: Check,
        title: str,
        told: str,
        act: "Callable[[InstallationBackups, Report], KnownBackups]",
    ) -> None:
        waiting = WaitingDialog(title, self._dialog)
        made = self._backups

        def work(say: Callable[[str], None]) -> "KnownBackups":
            backups = made()
            say(title + "…")

            def report(count: int, total: int) -> None:
                say(told.format(done=formatting.number(count), total=formatting.number(total)))

            return act(backups, report)

        busy = check.button.set_busy if check.button is not None else lambda _busy: None
        waiting.run(self._jobs, work, self._show, busy, self._fail_of(check))

    def _fail_of(self, check: Check) -> Callable[[LabkeepError], None]:
        return lambda error: check.say(WARNING, sentence(error))


def backup_words(
    last: "LastBackup | None", every: timedelta | None, findings: tuple[Finding, ...]
) -> tuple[tuple[str, str], str]:
    """The look and the words of the newest backup."""
    wrong = [each for each in findings if each.code not in OF_THE_DRILL]
    next_step = " ".join(f"{said(each.text)} {said(each.mend)}" for each in wrong)
    if last is None:
        if wrong:
            return WARNING, next_step
        return NOT_YET, _tr("This computer made none yet.")
    text = _tr("The newest is of {when}, in {folder}.")
    text = text.format(when=formatting.short_date(last.at), folder=last.folder)
    if not last.signed:
        text += " " + _tr("Nobody signed it.")
    if every is None:
        text += " " + _tr("None is scheduled: labkeep-admin backup DIR --every day.")
    return (WARNING, f"{text} {next_step}") if wrong else (GOOD, text)


def drill_words(drill: "LastDrill | None", findings: tuple[Finding, ...]) -> tuple[tuple[str, str], str]:
    """The look and the words of the newest drill."""
    if drill is None:
        return NOT_YET, _tr("Not done on this computer yet.")
    when = formatting.short_date(drill.at)
    wrong = [each for each in findings if each.code in OF_THE_DRILL]
    if not wrong:
        return GOOD, _tr("Everything came back and opened, {when}.").format(when=when)
    return WARNING, f"{when}: " + " ".join(f"{said(each.text)} {said(each.mend)}" for each in wrong)


def _tr(text: str) -> str:
    return QCoreApplication.translate("health", text)
