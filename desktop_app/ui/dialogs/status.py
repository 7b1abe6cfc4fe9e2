"""How the installation is: what is not as it should be, each with its next step, and a few facts."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from desktop_app.domain.findings import Finding
from desktop_app.errors import LabkeepError
from desktop_app.message import Message
from desktop_app.services.maintenance.status import Status
from desktop_app.ui.dialogs.looking import FindingCards, LookingDialog
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text import formatting
from desktop_app.ui.widgets.detail import Fact, Facts
from desktop_app.ui.widgets.styling import column, scrolling

if TYPE_CHECKING:
    from desktop_app.services.session.lab import Lab

WIDTH, HEIGHT = 560, 520


class StatusDialog(LookingDialog[Status]):
    """Looks when it opens, and again when asked."""

    def __init__(self, jobs: Jobs, lab: "Lab", parent: QWidget | None = None) -> None:
        super().__init__(jobs, parent)
        self._findings = FindingCards()
        self._facts = Facts()
        page = QWidget()
        inside = column(page, gap=16)
        inside.addWidget(self._findings)
        inside.addWidget(self._facts)
        inside.addStretch(1)
        self.body.addWidget(scrolling(page), 1)
        self.begin(self.tr("The installation"), (WIDTH, HEIGHT), lab.status, self._show_status)

    def _show_status(self, found: Status) -> None:
        self._show(found.findings)
        self._facts.set(self._known(found))

    def show_failed(self, error: LabkeepError) -> None:
        """That it cannot be asked is a finding, too."""
        step = Message("Read again in a moment; if it stays so, ask whoever looks after the server.")
        self._show((Finding(error.code, error.message, step),))

    def _show(self, findings: tuple[Finding, ...]) -> None:
        if not findings:
            self.say(Tone.GOOD, self.tr("Everything is in order"))
        elif len(findings) == 1:
            self.say(Tone.WARNING, self.tr("One thing needs attention"))
        else:
            text = self.tr("{count} things need attention").format(count=formatting.number(len(findings)))
            self.say(Tone.WARNING, text)
        self._findings.show_findings(findings)

    def _known(self, status: Status) -> list[Fact]:
        left = status.left
        space = "" if status.store_free is None else formatting.size(status.store_free)
        facts: list[Fact] = [
            (self.tr("Labkeep"), status.version),
            (self.tr("Server"), self.tr("PostgreSQL {version}").format(version=status.server_version)),
            (self.tr("Documents in"), str(status.profile.store)),
            (self.tr("Space left"), space),
            (self.tr("Centers"), formatting.number(status.centers)),
            (self.tr("Files under way"), formatting.number(left.under_way)),
            (self.tr("Interrupted files"), formatting.number(left.to_sweep + left.kept)),
            (self.tr("No document"), formatting.number(left.unnamed)),
        ]
        if not left.is_complete:
            facts.append((self.tr("Note"), self.tr("The store was not looked through to its end.")))
        return facts
