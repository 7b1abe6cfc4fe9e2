"""Who is trusted: what disagrees with the trust log, its entries in plain words, and fingerprints to compare."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDialog, QWidget

from desktop_app.domain.findings import Finding
from desktop_app.errors import LabkeepError
from desktop_app.services.maintenance.trust_review import Fingerprint, TrustLine
from desktop_app.ui.foundation import icons
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.columns import Column
from desktop_app.ui.models.date_columns import date_column
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import sentence
from desktop_app.ui.text.messages import said
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.card import Card
from desktop_app.ui.widgets.detail import Facts
from desktop_app.ui.widgets.dialog_size import fit_to_screen
from desktop_app.ui.widgets.icon_mark import IconMark
from desktop_app.ui.widgets.small_table import ShortModel
from desktop_app.ui.widgets.styling import clear, column, heading, muted, row
from desktop_app.ui.widgets.table import RecordTable

if TYPE_CHECKING:
    from desktop_app.services.session.lab import Lab

WIDTH, HEIGHT = 860, 600


@dataclass(frozen=True)
class _Known:
    """What the dialog shows, read at once."""

    findings: tuple[Finding, ...]
    lines: tuple[TrustLine, ...]
    root: Fingerprint
    own: Fingerprint


class TrustDialog(QDialog):
    """Looks when it opens, and again when asked."""

    def __init__(self, jobs: Jobs, lab: "Lab", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(self.tr("Who is trusted"))
        self.setMinimumWidth(560)
        self._jobs, self._lab = jobs, lab
        self._mark = IconMark("shield", 20)
        self.title = heading("", 2)
        self.again = Button(self.tr("Look again"), "rotate-ccw")
        self._findings = column(gap=8)
        self.prints = Facts()
        self.lines: ShortModel[TrustLine] = ShortModel(_columns(), lambda line: line.sequence, self)
        self._build()
        self.again.clicked.connect(self.look)
        fit_to_screen(self, WIDTH, HEIGHT)
        self.look()

    def look(self) -> None:
        """Ask the server, away from the GUI thread; every document's key is opened."""
        self._say("info", icons.MUTED, self.tr("Looking…"))
        self.again.set_busy(True)
        trust, user = self._lab.trust, self._lab.user
        self._jobs.read(
            self,
            "trust",
            lambda: _Known(trust.disagreements(), trust.list(), trust.fingerprint(), trust.fingerprint(user.id)),
            self._on_known,
            self._on_failed,
        )

    def _build(self) -> None:
        top = row(gap=12)
        top.addWidget(self._mark)
        top.addWidget(self.title, 1)
        done = Button(self.tr("Close"), kind=Kind.PRIMARY)
        done.setDefault(True)
        done.clicked.connect(self.accept)
        buttons = row()
        buttons.addWidget(self.again)
        buttons.addStretch(1)
        buttons.addWidget(done)
        text = self.tr("Two people compare the words on their screens by voice: the same words are the same keys.")
        layout = column(self, margin=24, gap=12)
        layout.addLayout(top)
        layout.addLayout(self._findings)
        layout.addWidget(self.prints)
        layout.addWidget(muted(text))
        layout.addWidget(RecordTable(self.lines, self.tr("Entries of the trust log"), self), 1)
        layout.addLayout(buttons)

    def _say(self, icon: str, tint: str, text: str) -> None:
        self._mark.set(icon, tint)
        self.title.setText(text)

    def _on_failed(self, error: LabkeepError) -> None:
        self.again.set_busy(False)
        self._say("triangle-alert", Tone.WARNING.value, sentence(error))

    def _on_known(self, known: _Known) -> None:
        self.again.set_busy(False)
        clear(self._findings)
        for finding in known.findings:
            self._findings.addWidget(_card(finding))
        if known.findings:
            self._say("triangle-alert", Tone.DANGER.value, self.tr("Something disagrees with the trust log"))
        else:
            self._say("circle-check", Tone.GOOD.value, self.tr("Nothing disagrees with the trust log"))
        self.prints.set(
            [
                (self.tr("Root"), known.root.words, known.root.digits),
                (self.tr("Your keys"), known.own.words, known.own.digits),
            ]
        )
        self.lines.set_rows(reversed(known.lines))


def _card(finding: Finding) -> Card:
    card = Card(margin=12, gap=4)
    problem = PlainLabel(said(finding.text))
    problem.setWordWrap(True)
    card.body.addWidget(problem)
    card.body.addWidget(muted(f"{said(finding.mend)} ({finding.code})"))
    return card


def _tr(text: str) -> str:
    return QCoreApplication.translate("trust", text)


def _columns() -> tuple[Column[TrustLine], ...]:
    return (
        Column(_tr("Entry"), lambda line: formatting.number(line.sequence), 64, right=True, muted=True),
        date_column(_tr("When"), lambda line: line.at, "when"),
        Column(_tr("Signed by"), lambda line: said(line.by), 140),
        Column(_tr("Says"), lambda line: said(line.text), 0, tip=lambda line: said(line.text)),
        Column(_tr("Counts"), _counts, 140, muted=True),
    )


def _counts(line: TrustLine) -> str:
    return _tr("yes") if line.counts else _tr("no: {reason}").format(reason=line.refusal)
