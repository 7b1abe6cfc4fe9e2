"""The recovery kit: words shown once, to be printed, saved or written down; then three of them are asked back."""

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QStackedWidget, QWidget

from desktop_app.errors import LabkeepError
from desktop_app.services.maintenance.recovery import KitText, asked_places, write_kit
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text.message_bus import sentence
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.field import Field
from desktop_app.ui.widgets.file_choice import choose_target
from desktop_app.ui.widgets.printing import print_text
from desktop_app.ui.widgets.styling import clear, column, muted, row

WORDS_PER_LINE = 4
WORDS, ASKED = range(2)


class KitPage(QWidget):
    """Numbered words with the ways to keep them; and behind them the question that shows that they are kept."""

    changed = Signal()
    accepted = Signal()
    """Enter where all three words are right."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._kit: KitText | None = None
        self._asked: dict[int, Field] = {}
        self.banner = Banner(closable=False)
        self._words = QGridLayout()
        self._words.setHorizontalSpacing(24)
        self._words.setVerticalSpacing(8)
        self._fields = row(gap=16)
        self._fingerprint = muted(caption=True)
        self._fingerprint.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.print = Button(self.tr("&Print…"), "printer")
        self.print.clicked.connect(self._on_print)
        self.save = Button(self.tr("&Save as a file…"), "save")
        self.save.clicked.connect(self._on_save)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._build_words())
        self._stack.addWidget(self._build_asked())
        layout = column(self, gap=12)
        layout.addWidget(self._stack)
        layout.addWidget(self.banner)

    @property
    def holds_words(self) -> bool:
        """Whether words are here that would be lost with the page."""
        return self._kit is not None

    @property
    def is_asking(self) -> bool:
        """Whether the words are out of sight and three of them are asked."""
        return self._stack.currentIndex() == ASKED

    @property
    def is_kept(self) -> bool:
        """Whether all three were typed as they are."""
        kit = self._kit
        return (
            kit is not None
            and self.is_asking
            and all(kit.is_word(place, field.value) for place, field in self._asked.items())
        )

    def show_kit(self, kit: KitText) -> None:
        """Show the words of an installation."""
        self.clear()
        self._kit = kit
        for at, word in enumerate(kit.words):
            number = muted(f"{at + 1}", caption=True)
            number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            label = PlainLabel(word)
            label.setProperty("mono", "true")
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            line, place = at // WORDS_PER_LINE, at % WORDS_PER_LINE
            self._words.addWidget(number, line, 2 * place)
            self._words.addWidget(label, line, 2 * place + 1)
            self._words.setColumnStretch(2 * place + 1, 1)
        self._fingerprint.setText(self.tr("Fingerprint: {words}").format(words=kit.fingerprint))

    def ask_back(self) -> None:
        """Put the words out of sight and ask for three of them."""
        kit = self._kit
        if kit is None:
            return
        self.banner.clear()
        clear(self._fields)
        self._asked = {}
        for place in asked_places(len(kit.words)):
            line = QLineEdit()
            line.textChanged.connect(lambda _text: self.changed.emit())
            line.returnPressed.connect(self._on_enter)
            self._asked[place] = Field(f"word_{place}", self.tr("Word {number}").format(number=place), line)
            self._fields.addWidget(self._asked[place], 1, Qt.AlignmentFlag.AlignTop)
        self._stack.setCurrentIndex(ASKED)
        first = next(iter(self._asked.values())).editor
        # It is shown in the next turn only, and what is not shown takes no focus.
        QTimer.singleShot(0, first, first.setFocus)
        self.changed.emit()

    def show_words(self) -> None:
        """Let the person look again; other words are asked then."""
        self._stack.setCurrentIndex(WORDS)
        self.changed.emit()

    def clear(self) -> None:
        """Forget the words."""
        clear(self._words)
        clear(self._fields)
        self._asked = {}
        self._kit = None
        self._stack.setCurrentIndex(WORDS)
        self.banner.clear()

    def save_to(self, path: Path) -> None:
        """Write the kit into a new file that only this person can read."""
        kit = self._kit
        if kit is not None:
            self._jobs.write(self, lambda: write_kit(kit, path), self._on_written, self._on_failed, self.save.set_busy)

    def _build_words(self) -> QWidget:
        ground = QFrame()
        ground.setProperty("well", "true")
        column(ground, margin=16).addLayout(self._words)
        page = QWidget()
        layout = column(page, gap=12)
        layout.addWidget(ground)
        line = row()
        line.addWidget(self._fingerprint, 1)
        line.addWidget(self.print)
        line.addWidget(self.save)
        layout.addLayout(line)
        layout.addStretch(1)
        return page

    def _build_asked(self) -> QWidget:
        page = QWidget()
        layout = column(page, gap=12)
        layout.addWidget(muted(self.tr("Type these three words from what you wrote down, printed or saved.")))
        layout.addLayout(self._fields)
        layout.addStretch(1)
        return page

    def _on_enter(self) -> None:
        if self.is_kept:
            self.accepted.emit()
        else:
            self.focusNextChild()

    def _on_print(self) -> None:
        kit = self._kit
        if kit is not None:
            print_text(self, self.tr("Labkeep recovery kit"), kit.page, kit.qr_rows(), self._on_printed)

    def _on_printed(self, taken: bool) -> None:
        if taken:
            self.banner.say(self.tr("Sent to the printer. Look that the page is whole before you go on."), Tone.INFO)
        else:
            self.banner.say(self.tr("The printer did not take the page. Save a file, or write the words down."))

    def _on_save(self) -> None:
        name = self._kit.installation if self._kit is not None else ""
        choose_target(self, self.tr("Save the recovery kit"), f"labkeep-recovery-kit {name}.txt", self.save_to)

    def _on_written(self, path: Path) -> None:
        text = self.tr("Written to {path}. Move it off this computer: who has it can open everything.")
        self.banner.say(text.format(path=path), Tone.WARNING)

    def _on_failed(self, error: LabkeepError) -> None:
        self.banner.say(sentence(error))
