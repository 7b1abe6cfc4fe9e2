"""A new system administrator from the recovery kit, when nobody can sign in any more."""

from collections.abc import Callable
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
from desktop_app.ui.widgets.file_choice import choose_file
from desktop_app.ui.widgets.password_field import PasswordField

OF_THE_WORDS = frozenset({"recovery_kit", "mistyped_kit", "other_kit", "replaced_kit"})
"""The codes of what is wrong with the kit itself."""
Recover = Callable[[str, str, str, str | None], Any]
"""Gets words, user name, password and the database administrator's DSN; runs away from the GUI thread."""


class RecoverDialog(FormDialog):
    """Words or a file of them, the way into a server that is not built in, and who the new administrator is."""

    def __init__(self, jobs: Jobs, profile: Profile, recover: Recover, parent: QWidget | None = None) -> None:
        text = FormText(
            self.tr("Use the recovery kit"),
            self.tr("Make the administrator"),
            self.tr(
                "If nobody can sign in to “{installation}” any more: the kit makes a new system administrator, who "
                "opens everything. People, samples and documents stay as they are."
            ).format(installation=profile.display_name),
        )
        super().__init__(jobs, text, parent)
        self._recover = recover
        self._is_own_server = profile.server is not ServerKind.BUILT_IN
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
            self.tr("Such as postgresql://postgres@db.example.org/postgres; used once, kept nowhere."),
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
        rows: list[list[Field]] = [[self._words], [self._username], [self._password, self._again]]
        if self._is_own_server:
            rows[1:1] = [[self._dsn], [self._dsn_password]]
        self.set_form(rows, self.problems, self._collect_work)

    def problems(self) -> dict[str, str]:
        """Field name to sentence; whether the words are right is found out when they are used."""
        found: dict[str, str] = {}
        if not self._words.value.strip():
            found["words"] = self.tr("Type the words, or open the kit's file.")
        if self._is_own_server and not clean(self._dsn.value):
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

    def _on_open_file(self) -> None:
        choose_file(self, self.tr("The recovery kit"), self.read_file)

    def _collect_work(self) -> Work:
        words, username, password = self._words.value, normal_username(self._username.value), self._password.value
        dsn, dsn_password, recover = clean(self._dsn.value), self._dsn_password.value, self._recover
        is_own_server = self._is_own_server

        def work() -> Any:
            try:
                return recover(words, username, password, with_password(dsn, dsn_password) if is_own_server else None)
            except LabkeepError as error:
                if error.code in OF_THE_WORDS:
                    raise InvalidInputError({"words": error.message}) from None
                raise

        return work
