"""How the installation is: what is not as it should be, each with its next step, and a few facts."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from desktop_app.domain.findings import Finding
from desktop_app.errors import LabkeepError
from desktop_app.message import Message
from desktop_app.services.maintenance.status import Status
from desktop_app.ui.foundation import icons
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text import formatting
from desktop_app.ui.text.messages import said
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.card import Card
from desktop_app.ui.widgets.detail import Fact, Facts
from desktop_app.ui.widgets.dialog_size import fit_to_screen
from desktop_app.ui.widgets.icon_mark import IconMark
from desktop_app.ui.widgets.styling import clear, column, heading, muted, row, scrolling

if TYPE_CHECKING:
    from desktop_app.services.session.lab import Lab

WIDTH, HEIGHT = 560, 520


class StatusDialog(QDialog):
    """Looks when it opens, and again when asked."""

    def __init__(self, jobs: Jobs, lab: "Lab", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(self.tr("The installation"))
        self.setMinimumWidth(WIDTH)
        self._jobs = jobs
        self._lab = lab
        self._sign = IconMark("info", 20)
        self.title = heading("", 2)
        self.again = Button(self.tr("Look again"), "rotate-ccw")
        self._page = QWidget()
        self._findings = column(gap=8)
        self._facts = Facts()
        self._build()
        self.again.clicked.connect(self.look)
        fit_to_screen(self, WIDTH, HEIGHT)
        self.look()

    def look(self) -> None:
        """Ask the server and the store, away from the GUI thread."""
        self._say("info", icons.MUTED, self.tr("Looking…"))
        self.again.set_busy(True)
        self._jobs.read(self, "status", self._lab.status, self._on_status, self._on_failed)

    def _build(self) -> None:
        top = row(gap=12)
        top.addWidget(self._sign)
        top.addWidget(self.title, 1)
        inside = column(self._page, gap=16)
        inside.addLayout(self._findings)
        inside.addWidget(self._facts)
        inside.addStretch(1)
        done = Button(self.tr("Close"), kind=Kind.PRIMARY)
        done.setDefault(True)
        done.clicked.connect(self.accept)
        buttons = row()
        buttons.addWidget(self.again)
        buttons.addStretch(1)
        buttons.addWidget(done)
        layout = column(self, margin=24, gap=16)
        layout.addLayout(top)
        layout.addWidget(scrolling(self._page), 1)
        layout.addLayout(buttons)

    def _say(self, icon: str, tint: str, text: str) -> None:
        self._sign.set(icon, tint)
        self.title.setText(text)

    def _on_status(self, status: Status) -> None:
        self.again.set_busy(False)
        self._show(status.findings)
        self._facts.set(self._known(status))

    def _on_failed(self, error: LabkeepError) -> None:
        self.again.set_busy(False)
        step = Message("Look again in a moment; if it stays so, ask whoever looks after the server.")
        self._show((Finding(error.code, error.message, step),))

    def _show(self, findings: tuple[Finding, ...]) -> None:
        clear(self._findings)
        if not findings:
            self._say("circle-check", Tone.GOOD.value, self.tr("Everything is in order"))
        elif len(findings) == 1:
            self._say("triangle-alert", Tone.WARNING.value, self.tr("One thing needs attention"))
        else:
            text = self.tr("{count} things need attention").format(count=formatting.number(len(findings)))
            self._say("triangle-alert", Tone.WARNING.value, text)
        for finding in findings:
            card = Card(margin=12, gap=4)
            problem = PlainLabel(said(finding.text))
            problem.setWordWrap(True)
            card.body.addWidget(problem)
            card.body.addWidget(muted(said(finding.mend)))
            self._findings.addWidget(card)

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
