"""A file whose title its sample has already: both sides, and what is to become of the file."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QDialog, QRadioButton, QWidget

from desktop_app.services.documents.title_conflicts import ConflictQuestion, OnConflict, Sameness
from desktop_app.ui.models.pending_conflicts import Answer
from desktop_app.ui.text import formatting
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.card import Card
from desktop_app.ui.widgets.detail import Fact, Facts
from desktop_app.ui.widgets.dialog_title import entitle, title_heading
from desktop_app.ui.widgets.styling import column, heading, muted, row, take_needed_height

WIDTH = 680
CHOICES = (OnConflict.KEEP, OnConflict.VERSION, OnConflict.SKIP)


class TitleConflictDialog(QDialog):
    """Asks about one file; leaving it leaves the question open, and the other files go on."""

    answered = Signal(object)
    """The :class:`Answer`."""
    all_cancelled = Signal()
    """Nothing more of this drop is to be added."""

    def __init__(self, question: ConflictQuestion, center: str, others: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        entitle(self, self.tr("“{title}” is there already").format(title=question.title))
        self.setMinimumWidth(WIDTH)
        self.question = question
        self.choices = QButtonGroup(self)
        self.sameness = PlainLabel(self.tr("Comparing the contents…"))
        self.for_all = QCheckBox()
        self.set_others(others)
        self.verb = Button(self.tr("Continue"), kind=Kind.PRIMARY)
        self.verb.setDefault(True)
        self.later = Button(self.tr("Decide later"))
        self.cancel_all = Button(self.tr("Cancel all"), kind=Kind.QUIET)
        self._build(center)
        self._connect()
        take_needed_height(self, WIDTH)

    def choose(self, choice: OnConflict) -> None:
        """Tick a choice."""
        self.choices.button(CHOICES.index(choice)).setChecked(True)

    def set_others(self, others: int) -> None:
        """So many others wait: one answer may do for all."""
        self.for_all.setText(self._for_all_words(others))
        self.for_all.setVisible(others > 0)

    def show_sameness(self, sameness: Sameness) -> None:
        """What comparing the contents found."""
        words = {
            Sameness.SAME: self.tr("The contents are identical."),
            Sameness.DIFFERENT: self.tr("The contents are different."),
            Sameness.NOT_COMPARED: self.tr("The contents were not compared."),
        }
        self.sameness.setText(words[sameness])

    def _build(self, center: str) -> None:
        question = self.question
        layout = column(self, margin=24, gap=12)
        layout.addWidget(title_heading(self, 2))
        layout.addWidget(muted(self._whose(center)))
        sides = row(gap=12)
        sides.addWidget(self._side(self.tr("In Labkeep"), self._document_facts()), 1)
        sides.addWidget(self._side(self.tr("The file to add"), self._file_facts()), 1)
        layout.addLayout(sides)
        layout.addWidget(self.sameness)
        layout.addSpacing(4)
        for at, (choice, words) in enumerate(zip(CHOICES, self._choice_words(), strict=True)):
            button = QRadioButton(words)
            button.setEnabled(choice is not OnConflict.VERSION or question.offers_version)
            self.choices.addButton(button, at)
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.choose(OnConflict.KEEP)
        layout.addSpacing(4)
        layout.addWidget(self.for_all, 0, Qt.AlignmentFlag.AlignLeft)
        buttons = row()
        buttons.addWidget(self.cancel_all)
        buttons.addStretch(1)
        buttons.addWidget(self.later)
        buttons.addWidget(self.verb)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self.verb.clicked.connect(self.accept)
        self.later.clicked.connect(self.reject)
        self.cancel_all.clicked.connect(self._on_cancel_all)
        self.accepted.connect(self._on_accepted)
        self.cancel_all.set_tip(self.tr("Nothing more of this drop is added; what was added already stays"))
        self.later.set_tip(self.tr("The other files go on; this one waits in the list at the foot of the window"))

    def _choice_words(self) -> tuple[str, str, str]:
        question = self.question
        version = self.tr("&Version {number} of this document").format(number=question.number)
        if not question.offers_version:
            version = self.tr("A new &version (another file of this drop may be it)")
        title = self.fontMetrics().elidedText(question.own_title, Qt.TextElideMode.ElideMiddle, WIDTH - 260)
        own = self.tr("A document of its &own: “{title}”").format(title=_shown(title))
        return own, version, self.tr("&Skip this file")

    def _for_all_words(self, others: int) -> str:
        if others == 1:
            return self.tr("The same for the other file that waits")
        return self.tr("The same for the {count} other files that wait").format(count=formatting.number(others))

    def _whose(self, center: str) -> str:
        sample = self.question.sample
        if sample is None:
            text = self.tr("{center} has a document of this title that belongs to no sample.")
            return text.format(center=center)
        text = self.tr("The sample {name} ({barcode}) has a document of this title.")
        return text.format(name=sample.name, barcode=sample.barcode)

    def _side(self, title: str, facts: Sequence[Fact]) -> Card:
        card = Card(margin=12, gap=8)
        card.body.addWidget(heading(title, 3))
        shown = Facts()
        shown.set(facts)
        card.body.addWidget(shown)
        card.body.addStretch(1)
        return card

    def _document_facts(self) -> list[Fact]:
        document, sample = self.question.document, self.question.sample
        facts: list[Fact] = [
            (self.tr("Title"), document.title),
            (self.tr("Sample"), self.tr("none") if sample is None else f"{sample.name} · {sample.barcode}"),
            (self.tr("Version"), formatting.number(document.latest_number)),
            (self.tr("Size"), formatting.size(document.size), formatting.exact_size(document.size)),
            (
                self.tr("Changed"),
                formatting.when_and_who(document.updated_at, document.updated_by),
                formatting.exact_date(document.updated_at),
            ),
        ]
        if len(self.question.existing) > 1:
            count = formatting.number(len(self.question.existing))
            facts.append((self.tr("Note"), self.tr("{count} have this title; this is the newest.").format(count=count)))
        return facts

    def _file_facts(self) -> list[Fact]:
        question = self.question
        facts: list[Fact] = [
            (self.tr("File"), question.path.name, str(question.path)),
            (self.tr("Folder"), str(question.path.parent)),
        ]
        if question.sources.knows_size:
            facts.append((self.tr("Size"), formatting.size(question.size), formatting.exact_size(question.size)))
        changed = question.changed_at
        facts.append((self.tr("Changed"), formatting.short_date(changed), formatting.exact_date(changed)))
        return facts

    def _on_accepted(self) -> None:
        self.answered.emit(Answer(CHOICES[self.choices.checkedId()], self.for_all.isChecked()))

    def _on_cancel_all(self) -> None:
        self.all_cancelled.emit()
        self.reject()


def _shown(title: str) -> str:
    """A title on a radio button, where an ampersand would underline a letter."""
    return title.replace("&", "&&")
