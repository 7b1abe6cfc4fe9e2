"""The health of a center: what was checked on this computer, when, what came of it, and the next step."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDialog, QWidget

from desktop_app.domain.findings import MENDABLE, Finding
from desktop_app.domain.health import CenterHealth, Checked, Scrub, scrub_every_days
from desktop_app.domain.progress import Report
from desktop_app.errors import LabkeepError
from desktop_app.ui.dialogs.health_backups import BackupChecks
from desktop_app.ui.dialogs.looking import FindingCards
from desktop_app.ui.dialogs.waiting import WaitingDialog
from desktop_app.ui.foundation import icons
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import sentence
from desktop_app.ui.text.plain import give_tip
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.check_card import GOOD, NOT_YET, WARNING, Check
from desktop_app.ui.widgets.dialog_size import fit_to_screen
from desktop_app.ui.widgets.dialog_title import entitle, title_heading
from desktop_app.ui.widgets.styling import column, heading, row, scrolling

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices

WIDTH, HEIGHT = 720, 688


class HealthDialog(QDialog):
    """Shows what is known; a check that is asked for here shows what it finds."""

    def __init__(
        self, jobs: Jobs, work: "CenterServices", parent: QWidget | None = None, backups: BackupChecks | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        entitle(self, self.tr("Health of {center}").format(center=work.center.name))
        self.setMinimumWidth(520)
        self._jobs, self._work = jobs, work
        self._page = QWidget()
        self.files = Check(
            self.tr("Stored files"),
            self.tr("While the window is open, a few files a minute are read to their end and compared with what was "
                    "signed."),
        )  # fmt: skip
        self.documents = Check(
            self.tr("Everything at once"),
            self.tr("Files, keys, people and the database's own rights are checked against each other; every file is "
                    "read."),
            Button(self.tr("&Check now"), "shield-check"),
        )  # fmt: skip
        self.record = Check(
            self.tr("Record of changes"),
            self.tr("Every link is computed again and compared with what this computer saw before."),
            Button(self.tr("&Verify now"), "history"),
        )
        self.backups = backups
        """The installation's; for system administrators."""
        self.checks = column(gap=8)
        self.title = heading("", 3)
        self.mend = Button(self.tr("&Mend what is safe"), "square-check-big")
        self.findings = FindingCards()
        self._build()
        fit_to_screen(self, WIDTH, HEIGHT)
        self.look()

    def look(self) -> None:
        """Show what is known, and look again at files that were found wrong, away from the GUI thread."""
        health = self._work.health
        self._jobs.read(
            self,
            "health",
            lambda: (health.scrubbed(), health.known()),
            lambda found: self._on_known(*found),
            self._fail,
        )

    def _build(self) -> None:
        for check in (self.files, self.documents, self.record):
            self.checks.addWidget(check)
        if self.backups is not None:
            for check in self.backups.show_in(self):
                self.checks.addWidget(check)
        inside = column(self._page, gap=16)
        inside.addLayout(self.checks)
        found = row()
        found.addWidget(self.title, 1)
        found.addWidget(self.mend)
        inside.addLayout(found)
        inside.addWidget(self.findings)
        inside.addStretch(1)
        if self.documents.button is not None:
            self.documents.button.clicked.connect(self._on_check)
        if self.record.button is not None:
            self.record.button.clicked.connect(self._on_verify)
        done = Button(self.tr("Close"), kind=Kind.PRIMARY)
        done.setDefault(True)
        done.clicked.connect(self.accept)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(done)
        layout = column(self, margin=24, gap=16)
        layout.addWidget(title_heading(self, 2))
        layout.addWidget(scrolling(self._page), 1)
        layout.addLayout(buttons)
        self.mend.clicked.connect(self._on_mend)
        self._list(())

    def _on_known(self, findings: tuple[Finding, ...], known: CenterHealth) -> None:
        self._show(known)
        self._list(findings)

    def _show(self, known: CenterHealth) -> None:
        self.files.say(*scrub_words(known.scrub, scrub_every_days(self._work.center.settings)))
        self.documents.say(*checked_words(known.documents))
        self.record.say(*checked_words(known.record))
        for check, checked in ((self.documents, known.documents), (self.record, known.record)):
            give_tip(check.result, "" if checked is None else formatting.exact_date(checked.at))

    def _list(self, findings: tuple[Finding, ...]) -> None:
        self.findings.show_findings(findings)
        self.title.setText(self.tr("What was found"))
        self.title.setVisible(bool(findings))
        self.mend.setVisible(any(finding.code in MENDABLE for finding in findings))

    def _on_check(self) -> None:
        told = self.tr("{done} of {total} stored versions are checked…")
        self._run(self.documents, self.tr("Checking {center}"), told, self._work.health.examine)

    def _on_mend(self) -> None:
        told, health = self.tr("{done} of {total} stored versions are checked…"), self._work.health
        self._run(self.documents, self.tr("Mending {center}"), told, lambda report: health.examine(report, repair=True))

    def _on_verify(self) -> None:
        told = self.tr("{done} of {total} links are computed…")
        self._run(self.record, self.tr("Verifying the record of {center}"), told, self._work.health.verify_record)

    def _run(self, check: Check, title: str, told: str, act: Callable[[Report], tuple[Finding, ...]]) -> None:
        waiting = WaitingDialog(title.format(center=self._work.center.name), self)
        health = self._work.health

        def work(say: Callable[[str], None]) -> tuple[tuple[Finding, ...], CenterHealth]:
            def report(done: int, total: int) -> None:
                say(told.format(done=formatting.number(done), total=formatting.number(total)))

            return act(report), health.known()

        busy = check.button.set_busy if check.button is not None else lambda _busy: None
        waiting.run(self._jobs, work, lambda found: self._on_known(*found), busy, self._fail)

    def _fail(self, error: LabkeepError) -> None:
        self._show(self._work.health.known())
        self.title.setText(sentence(error))
        self.title.show()


def checked_words(checked: Checked | None) -> tuple[tuple[str, str], str]:
    """The look and the words of a check."""
    if checked is None:
        return NOT_YET, _tr("Not done on this computer yet.")
    when = formatting.short_date(checked.at)
    if checked.found == 0:
        return GOOD, _tr("Everything was in order, {when}.").format(when=when)
    if checked.found == 1:
        return WARNING, _tr("One thing needed attention, {when}.").format(when=when)
    text = _tr("{count} things needed attention, {when}.")
    return WARNING, text.format(when=when, count=formatting.number(checked.found))


def scrub_words(scrub: Scrub | None, every_days: int) -> tuple[tuple[str, str], str]:
    """The look and the words of the reading in the background."""
    if every_days == 0:
        return ("circle-slash", icons.MUTED), _tr("The center's settings say that they are not read.")
    if scrub is None:
        return NOT_YET, _tr("Not begun on this computer yet.")
    count = formatting.number(scrub.checked)
    if scrub.ended is None:
        text = _tr("{count} read since {when}; it goes on while the window is open.")
        text = text.format(count=count, when=formatting.short_date(scrub.began))
    else:
        text = _tr("All {count} were read, {when}.").format(count=count, when=formatting.short_date(scrub.ended))
    if not scrub.wrong:
        return (GOOD if scrub.ended is not None else NOT_YET), text
    return WARNING, text + " " + _tr("What is wrong stands below.")


def _tr(text: str) -> str:
    return QCoreApplication.translate("health", text)
