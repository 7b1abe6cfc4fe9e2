"""The recovery kit: words shown once, to be written down, printed or saved."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QLabel, QWidget

from desktop_app.errors import LabkeepError, RefusedError
from desktop_app.paths import replace_private_file
from desktop_app.ui.jobs import Jobs
from desktop_app.ui.messages import sentence
from desktop_app.ui.theme import Tone
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.file_choice import choose_target
from desktop_app.ui.widgets.styling import clear, column, muted, row

WORDS_PER_LINE = 4


class KitPage(QWidget):
    """Numbered words, the fingerprint, a way to a file, and the tick without which nobody goes on."""

    changed = Signal()

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._text = ""
        self._name = ""
        self.banner = Banner(closable=False)
        self._words = QGridLayout()
        self._words.setHorizontalSpacing(20)
        self._words.setVerticalSpacing(6)
        self._fingerprint = muted(caption=True)
        self._fingerprint.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.save = Button(self.tr("&Save as a file…"), "save")
        self.save.clicked.connect(self._on_save)
        self.kept = QCheckBox(self.tr("The kit is &written down or saved, and will be locked away"))
        self.kept.toggled.connect(lambda _on: self.changed.emit())
        ground = QFrame()
        ground.setProperty("well", "true")
        inside = column(ground, margin=16)
        inside.addLayout(self._words)
        line = row()
        line.addWidget(self._fingerprint, 1)
        line.addWidget(self.save)
        layout = column(self, gap=12)
        layout.addWidget(ground)
        layout.addLayout(line)
        layout.addWidget(self.banner)
        layout.addWidget(self.kept)

    @property
    def is_kept(self) -> bool:
        """Whether the person says that it is safe."""
        return self.kept.isChecked()

    def show_kit(self, name: str, words: Sequence[str], text: str, fingerprint: str) -> None:
        """Show the words of an installation."""
        self.clear()
        self._name, self._text = name, text
        for at, word in enumerate(words):
            number = muted(f"{at + 1}", caption=True)
            number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            label = QLabel(word)
            label.setProperty("mono", "true")
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            line, place = at // WORDS_PER_LINE, at % WORDS_PER_LINE
            self._words.addWidget(number, line, 2 * place)
            self._words.addWidget(label, line, 2 * place + 1)
            self._words.setColumnStretch(2 * place + 1, 1)
        self._fingerprint.setText(self.tr("Fingerprint: {words}").format(words=fingerprint))

    def clear(self) -> None:
        """Forget the words."""
        clear(self._words)
        self._text = ""
        self.kept.setChecked(False)
        self.banner.clear()

    def save_to(self, path: Path) -> None:
        """Write the kit into a file that only this person can read."""
        text = self._text

        def write() -> Path:
            try:
                replace_private_file(path, text.encode())
            except OSError as error:
                raise RefusedError(f"The kit could not be written to {path}: {error.strerror}.") from error
            return path

        self._jobs.write(self, write, self._on_written, self._on_failed, self.save.set_busy)

    def _on_save(self) -> None:
        choose_target(self, self.tr("Save the recovery kit"), f"labkeep-recovery-kit {self._name}.txt", self.save_to)

    def _on_written(self, path: Path) -> None:
        text = self.tr("Written to {path}. Move it off this computer: who has it can open everything.")
        self.banner.say(text.format(path=path), Tone.WARNING)

    def _on_failed(self, error: LabkeepError) -> None:
        self.banner.say(sentence(error))
