"""Set up another computer: the profile to take there, what to do, and the words to compare on two screens."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from desktop_app.domain.profiles import PROFILE_SUFFIX, Profile
from desktop_app.errors import InvalidInputError, LabkeepError
from desktop_app.services.installation.profile_sharing import Reached
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text.message_bus import sentence, tone_of
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.dialog_size import fit_to_screen
from desktop_app.ui.widgets.dialog_title import entitle, title_heading
from desktop_app.ui.widgets.field import Field
from desktop_app.ui.widgets.file_choice import choose_target
from desktop_app.ui.widgets.styling import column, heading, muted, row, scrolling

if TYPE_CHECKING:
    from desktop_app.services.installation.profile_sharing import ProfileSharing

WIDTH, HEIGHT = 560, 590


class AnotherComputerDialog(QDialog):
    """Stays open after saving: the words are needed once the other computer has the profile."""

    def __init__(
        self, jobs: Jobs, profile: Profile, sharing: "Callable[[], ProfileSharing]", parent: QWidget | None = None
    ) -> None:
        """*sharing* may load what it needs, and is asked in jobs."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        entitle(self, self.tr("Set up another computer"))
        self._jobs = jobs
        self._profile = profile
        self._sharing = sharing
        self.banner = Banner(closable=False)
        self._host, self._store = QLineEdit(profile.host or ""), QLineEdit(str(profile.store))
        self._fields = {
            "host": Field(
                "host",
                self.tr("&Server, as the other computer reaches it"),
                self._host,
                self.tr("This computer itself is meant by “localhost” or a path: give its name in the network.")
                if profile.is_local
                else "",
            ),
            "store": Field("store", self.tr("&Folder for documents, as the other computer reaches it"), self._store),
        }
        self.words = PlainLabel("…")
        self.words.setProperty("mono", "true")
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.save = Button(self.tr("Save the profile…"), "download", Kind.PRIMARY)
        self.save.clicked.connect(self._on_save)
        self._build()
        jobs.read(self, "words", lambda: sharing().root_words(profile), self.words.setText, self._on_failed)

    def save_to(self, path: Path) -> None:
        """Write the profile; a name without its ending gets it."""
        if not path.name.casefold().endswith(PROFILE_SUFFIX):
            path = path.with_name(path.name + PROFILE_SUFFIX)
        reached = Reached(host=self._host.text().strip(), store=self._store.text().strip())
        for field in self._fields.values():
            field.show_problem("")
        self._jobs.write(
            self,
            lambda: self._sharing().export(self._profile, path, reached, overwrite=True),
            lambda _profile: self._on_saved(path),
            self._on_failed,
            self.save.set_busy,
        )

    def _build(self) -> None:
        inside = QWidget()
        body = column(inside, gap=12)
        body.setContentsMargins(0, 0, 0, 0)
        for number, text in enumerate(self._steps(), 1):
            body.addWidget(heading(self.tr("Step {number}").format(number=number), 3))
            body.addWidget(muted(text))
            if number == 1:
                for field in self._fields.values():
                    body.addWidget(field)
        body.addWidget(self.words)
        body.addStretch(1)
        done = Button(self.tr("Close"))
        done.clicked.connect(self.accept)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(done)
        buttons.addWidget(self.save)
        layout = column(self, margin=24, gap=12)
        layout.addWidget(title_heading(self))
        layout.addWidget(self.banner)
        layout.addWidget(scrolling(inside), 1)
        layout.addLayout(buttons)
        fit_to_screen(self, WIDTH, HEIGHT)

    def _steps(self) -> tuple[str, ...]:
        return (
            self.tr(
                "Save the profile, and take it to the other computer: on a stick, by mail, on the share. It says where "
                "server and documents are, and holds no secret."
            ),
            self.tr("Install Labkeep there, and open the file: with a double click, or by “I have a profile file”."),
            self.tr(
                "Before anybody signs in there, compare these words on both screens. Other words are another "
                "installation: then nobody types a password, and you ask where that file was."
            ),
        )

    def _on_save(self) -> None:
        name = self._profile.display_name + PROFILE_SUFFIX
        choose_target(self, self.tr("Save the profile"), name, self.save_to)

    def _on_saved(self, path: Path) -> None:
        self.banner.say(self.tr("The profile is in {path}.").format(path=path), Tone.GOOD)

    def _on_failed(self, error: LabkeepError) -> None:
        rest = dict(error.problems) if isinstance(error, InvalidInputError) else {}
        for name, field in self._fields.items():
            field.show_problem(rest.pop(name, ""))
        if rest or not isinstance(error, InvalidInputError):
            self.banner.say(sentence(error), tone_of(error))
