"""Who is trusted: what disagrees with the trust log, its entries in plain words, and fingerprints to compare."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from desktop_app.domain.findings import Finding
from desktop_app.services.maintenance.trust_review import Fingerprint, TrustLine
from desktop_app.ui.dialogs.looking import FindingCards, LookingDialog
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.columns import Column
from desktop_app.ui.models.date_columns import date_column
from desktop_app.ui.text import formatting
from desktop_app.ui.text.messages import said
from desktop_app.ui.widgets.detail import Facts
from desktop_app.ui.widgets.small_table import ShortModel
from desktop_app.ui.widgets.styling import muted
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


class TrustDialog(LookingDialog[_Known]):
    """Looks when it opens, and again when asked; every document's key is opened."""

    def __init__(self, jobs: Jobs, lab: "Lab", parent: QWidget | None = None) -> None:
        super().__init__(jobs, parent)
        self._lab = lab
        self._findings = FindingCards(with_code=True)
        self.prints = Facts()
        self.lines: ShortModel[TrustLine] = ShortModel(_columns(), lambda line: line.sequence, self)
        text = self.tr("Two people compare the words on their screens by voice: the same words are the same keys.")
        self.body.addWidget(self._findings)
        self.body.addWidget(self.prints)
        self.body.addWidget(muted(text))
        self.body.addWidget(RecordTable(self.lines, self.tr("Entries of the trust log"), self), 1)
        self.begin(self.tr("Who is trusted"), (WIDTH, HEIGHT), self._fetch_known, self._show_known)

    def _fetch_known(self) -> _Known:
        trust, user = self._lab.trust, self._lab.user
        return _Known(trust.disagreements(), trust.list(), trust.fingerprint(), trust.fingerprint(user.id))

    def _show_known(self, found: _Known) -> None:
        if found.findings:
            self.say(Tone.DANGER, self.tr("Something disagrees with the trust log"))
        else:
            self.say(Tone.GOOD, self.tr("Nothing disagrees with the trust log"))
        self._findings.show_findings(found.findings)
        self.prints.set(
            [
                (self.tr("Root"), found.root.words, found.root.digits),
                (self.tr("Your keys"), found.own.words, found.own.digits),
            ]
        )
        self.lines.set_rows(reversed(found.lines))


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
