"""Dialogs that look in the background and show what was found: a sign and a sentence at the top, and looking again."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from desktop_app.domain.findings import Finding
from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation import icons
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text.message_bus import sentence
from desktop_app.ui.text.messages import said
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.card import Card
from desktop_app.ui.widgets.dialog_size import fit_to_screen
from desktop_app.ui.widgets.icon_mark import IconMark
from desktop_app.ui.widgets.styling import clear, column, heading, muted, row

Found = TypeVar("Found")
_SIGNS = {Tone.GOOD: "circle-check", Tone.WARNING: "triangle-alert", Tone.DANGER: "triangle-alert"}


class LookingDialog(QDialog, Generic[Found]):
    """A subclass fills ``body`` and calls ``begin`` with what it asks and what it shows of the answer."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setMinimumWidth(560)
        self._jobs = jobs
        self._mark = IconMark("info", 20)
        self.title = heading("", 2)
        self.again = Button(self.tr("&Read again"), "rotate-ccw")
        self.again.clicked.connect(self.look)
        self._layout: QVBoxLayout = column(self, margin=24, gap=12)

    def show_failed(self, error: LabkeepError) -> None:
        """It could not be looked; what was shown before stays."""
        self.say(Tone.WARNING, sentence(error))

    def begin(
        self,
        title: str,
        size: tuple[int, int],
        fetch: Callable[[], Found],
        show: Callable[[Found], None],
        buttons: Sequence[Button] = (),
    ) -> None:
        """Put the buttons below what stands in ``body``, take the place on the screen, and look.

        *fetch* runs away from the GUI thread, and may raise LabkeepError; *show* says at the top what it means, too.
        """
        self._fetch, self._show_found = fetch, show
        self.setWindowTitle(title)
        done = Button(self.tr("Close"), kind=Kind.PRIMARY)
        done.setDefault(True)
        done.clicked.connect(self.accept)
        line = row()
        for button in (*buttons, self.again):
            line.addWidget(button)
        line.addStretch(1)
        line.addWidget(done)
        self._layout.addLayout(line)
        fit_to_screen(self, *size)
        self.look()

    @property
    def body(self) -> QVBoxLayout:
        """What stands below sign and sentence, from above; the first use puts those there."""
        if not self._layout.count():
            top = row(gap=12)
            top.addWidget(self._mark)
            top.addWidget(self.title, 1)
            self._layout.addLayout(top)
        return self._layout

    def look(self) -> None:
        """Look again, away from the GUI thread; a newer look makes an older one stale."""
        self._mark.set("info", icons.MUTED)
        self.title.setText(self.tr("Looking…"))
        self.again.set_busy(True)
        self._jobs.read(self, "look", self._fetch, self._on_found, self._on_failed)

    def say(self, tone: Tone, title: str) -> None:
        """The sign and the sentence at the top."""
        self._mark.set(_SIGNS.get(tone, "info"), tone.value)
        self.title.setText(title)

    def _on_found(self, found: Found) -> None:
        self.again.set_busy(False)
        self._show_found(found)

    def _on_failed(self, error: LabkeepError) -> None:
        self.again.set_busy(False)
        self.show_failed(error)


class FindingCards(QWidget):
    """A card for each finding: what is wrong, and the next step."""

    def __init__(self, *, with_code: bool = False) -> None:
        """*with_code*: people look these up, or name them to whoever helps."""
        super().__init__()
        self._with_code = with_code
        self._cards = column(self, gap=8)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show these and no others."""
        clear(self._cards)
        for finding in findings:
            self._cards.addWidget(self._card(finding))
        self.setVisible(bool(findings))

    def _card(self, finding: Finding) -> Card:
        card = Card(margin=12, gap=4)
        problem = PlainLabel(said(finding.text))
        problem.setWordWrap(True)
        step = said(finding.mend)
        card.body.addWidget(problem)
        card.body.addWidget(muted(f"{step} ({finding.code})" if self._with_code else step))
        return card
