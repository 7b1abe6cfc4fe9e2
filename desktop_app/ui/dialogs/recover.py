"""A new system administrator from the recovery kit, when nobody can sign in any more."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.domain.profiles import Profile, ServerKind
from desktop_app.domain.text_rules import PASSWORD_LENGTH, clean, normal_username, password_problem, username_problem
from desktop_app.errors import InvalidInputError, LabkeepError
from desktop_app.services.installation.server_dsn import with_password
from desktop_app.services.maintenance.recovery import words_in_file
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.text.message_bus import sentence
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.field import Field, LongText
from desktop_app.ui.widgets.file_choice import choose_file, choose_folder
from desktop_app.ui.widgets.password_field import PasswordField

OF_THE_WORDS = frozenset({"recovery_kit", "mistyped_kit", "other_kit", "replaced_kit"})
"""The codes of what is wrong with the kit itself."""


@dataclass(frozen=True)
class RecoverRequest:
    """What stands in the form."""

    words: str = field(repr=False)
    username: str
    password: str = field(repr=False)
    dsn: str | None = field(repr=False)
    """The database administrator's connection; None for the built-in server."""
    store: Path | None
    """The folder for documents, where this computer knows no profile; None for the usual one."""
    restored: str
    """Why an older state than was seen here is right; empty where it is none."""


Recover = Callable[[RecoverRequest], Any]
"""Runs away from the GUI thread."""


class RecoverDialog(FormDialog):
    """Words or a file of them, the way into a server that is not built in, and who the new administrator is."""

    def __init__(self, jobs: Jobs, profile: Profile | None, recover: Recover, parent: QWidget | None = None) -> None:
        """Without a profile it asks where the installation is, too."""
        text = FormText(
            self.tr("Use the recovery kit"),
            self.tr("Make the administrator"),
            self._intro(profile),
        )
        super().__init__(jobs, text, parent)
        self._recover = recover
        self._is_unknown = profile is None
        self._needs_dsn = profile is not None and profile.server is not ServerKind.BUILT_IN
        self._words_text = LongText(5)
        self._words = Field(
            "words", self.tr("The &33 words"), self._words_text, self.tr("As typed, or scanned from the QR code.")
        )
        self.open_file = Button(self.tr("&Open a file…"), "folder-open")
        self.open_file.clicked.connect(self._on_open_file)
        self._words.put_beside(self.open_file)
        self._dsn = Field(
            "dsn",
            self.tr("&Connection of a database superuser"),
            QLineEdit(),
            self._dsn_help(),
        )
        self._dsn_password = PasswordField("dsn_password", self.tr("Pass&word of the superuser"))
        self._username = Field(
            "username",
            self.tr("&User name of the new administrator"),
            QLineEdit(),
            self.tr("One that nobody had before: letters, digits, . - _"),
        )
        help_text = self.tr("At least {count} characters; a short sentence is best.").format(count=PASSWORD_LENGTH)
        self._password = PasswordField("password", self.tr("&Password"), help_text)
        self._again = PasswordField("again", self.tr("Password &again"))
        self._store_line = QLineEdit()
        self._store = Field(
            "store",
            self.tr("&Folder for documents"),
            self._store_line,
            self.tr("The share that the installation uses; empty for the folder beside the built-in server."),
        )
        browse = Button(self.tr("C&hoose…"), "folder-open")
        browse.clicked.connect(self._on_browse)
        self._store.put_beside(browse)
        self._restored = Field(
            "restored",
            self.tr("&Restored from a backup"),
            QLineEdit(),
            self.tr(
                "Only where Labkeep says that an older state was put back: what was restored, and why. It is signed, "
                "and every workstation accepts it."
            ),
        )
        rows: list[list[Field]] = [[self._words], [self._username], [self._password, self._again], [self._restored]]
        if self._needs_dsn or self._is_unknown:
            rows[1:1] = [[self._dsn], [self._dsn_password]]
        if self._is_unknown:
            rows[3:3] = [[self._store]]
        self.set_form(rows, self.problems, self._collect_work)

    def problems(self) -> dict[str, str]:
        """Field name to sentence; whether the words are right is found out when they are used."""
        found: dict[str, str] = {}
        if not self._words.value.strip():
            found["words"] = self.tr("Type the words, or open the kit's file.")
        if self._needs_dsn and not clean(self._dsn.value):
            found["dsn"] = self.tr("Type how the server is reached.")
        username = normal_username(self._username.value)
        if problem := username_problem(username):
            found["username"] = problem
        if problem := password_problem(self._password.value, username):
            found["password"] = problem
        if self._again.value != self._password.value:
            found["again"] = self.tr("The two are not the same.")
        return found

    def read_file(self, path: Path) -> None:
        """Take the words from a kit's file."""
        self._jobs.write(
            self,
            lambda: words_in_file(path),
            self._words_text.setPlainText,
            lambda error: self._words.show_problem(sentence(error)),
            self.open_file.set_busy,
        )

    def _intro(self, profile: Profile | None) -> str:
        if profile is None:
            return self.tr(
                "For a computer that knows the installation not yet, where nobody can sign in any more: with the kit, "
                "the database and the folder for documents, a new system administrator is made, who opens everything."
            )
        return self.tr(
            "If nobody can sign in to “{installation}” any more: the kit makes a new system administrator, who opens "
            "everything. People, samples and documents stay as they are."
        ).format(installation=profile.display_name)

    def _dsn_help(self) -> str:
        if self._is_unknown:
            return self.tr(
                "Such as postgresql://postgres@db.example.org/postgres; used once, kept nowhere. Empty for the "
                "built-in server of this computer."
            )
        return self.tr("Such as postgresql://postgres@db.example.org/postgres; used once, kept nowhere.")

    def _on_browse(self) -> None:
        choose_folder(self, self.tr("Folder for documents"), lambda path: self._store_line.setText(str(path)))

    def _on_open_file(self) -> None:
        choose_file(self, self.tr("The recovery kit"), self.read_file)

    def _collect_work(self) -> Work:
        dsn, store, recover = clean(self._dsn.value), clean(self._store.value), self._recover
        has_dsn = self._needs_dsn or (self._is_unknown and bool(dsn))
        request = RecoverRequest(
            words=self._words.value,
            username=normal_username(self._username.value),
            password=self._password.value,
            dsn=with_password(dsn, self._dsn_password.value) if has_dsn else None,
            store=Path(store) if self._is_unknown and store else None,
            restored=clean(self._restored.value),
        )

        def work() -> Any:
            try:
                return recover(request)
            except LabkeepError as error:
                if error.code in OF_THE_WORDS:
                    raise InvalidInputError({"words": error.message}) from None
                raise

        return work
