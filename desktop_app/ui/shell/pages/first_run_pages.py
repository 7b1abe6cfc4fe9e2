"""The pages of the first start that ask: where, and who."""

from collections.abc import Mapping
from enum import Enum, auto

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from desktop_app.domain.drafts import UserDraft
from desktop_app.domain.rights import Role
from desktop_app.domain.text_rules import PASSWORD_LENGTH, clean, line_problem, normal_username, password_problem
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.field import Field, Fields
from desktop_app.ui.widgets.file_choice import choose_folder
from desktop_app.ui.widgets.password_field import PasswordField
from desktop_app.ui.widgets.styling import column, muted, row


class Place(Enum):
    """Where an installation lives."""

    BUILT_IN = auto()
    OWN = auto()
    DEMO = auto()


class AskingPage(QWidget):
    """A page of fields, whose problems stand under them."""

    accepted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields = Fields((), dict)

    def problems(self) -> dict[str, str]:
        """For the page: field name to sentence."""
        return {}

    def check(self) -> dict[str, str]:
        """Show the problems and return them."""
        self._fields.check()
        return self.problems()

    def show_problems(self, problems: Mapping[str, str]) -> dict[str, str]:
        """Put these under their fields and return the others."""
        return self._fields.show(problems)


class PlacePage(AskingPage):
    """Built-in server, the lab's own one, or the demo."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._asked: dict[Place, QVBoxLayout] = {}
        self._dsn_line = QLineEdit()
        self._dsn = Field(
            "dsn",
            self.tr("&Connection of a database superuser"),
            self._dsn_line,
            self.tr("Such as postgresql://postgres@db.example.org/postgres; used once, kept nowhere."),
        )
        self._dsn_password = PasswordField("dsn_password", self.tr("&Password of the superuser"))
        self._store_line = QLineEdit()
        self._store = Field(
            "store",
            self.tr("&Folder for documents"),
            self._store_line,
            self.tr("For several computers: a folder on a share that all of them see under this path."),
        )
        self._fields = Fields((self._dsn, self._dsn_password, self._store), self.problems)
        self._build()
        self.choose(Place.BUILT_IN)

    @property
    def place(self) -> Place:
        """What is ticked."""
        return list(Place)[self._group.checkedId()]

    @property
    def dsn(self) -> str:
        """The superuser's connection."""
        return clean(self._dsn.value)

    @property
    def dsn_password(self) -> str:
        """Its password."""
        return str(self._dsn_password.value)

    @property
    def store(self) -> str:
        """The store's folder; empty for the usual place."""
        return clean(self._store.value)

    def choose(self, place: Place) -> None:
        """Tick a choice."""
        self._group.button(list(Place).index(place)).setChecked(True)
        self._on_place()

    def problems(self) -> dict[str, str]:
        """Only the lab's own server needs an answer."""
        if self.place is not Place.OWN:
            return {}
        found = {}
        if not self.dsn:
            found["dsn"] = self.tr("Type how the server is reached.")
        if not self.store:
            found["store"] = self.tr("Choose the folder that all computers share.")
        return found

    def _build(self) -> None:
        layout = column(self, gap=12)
        for at, (title, text) in enumerate(
            (
                (
                    self.tr("On &this computer"),
                    self.tr(
                        "With the built-in server. Nothing to install; the way to a server of your own stays open."
                    ),
                ),
                (
                    self.tr("On our &own PostgreSQL server"),
                    self.tr("For a lab with several computers: PostgreSQL 15 or newer, and a shared folder."),
                ),
                (
                    self.tr("Just show me the &demo"),
                    self.tr("Two invented centers with people, samples and documents, ready in half a minute."),
                ),
            )
        ):
            button = QRadioButton(title)
            # Beside it for the eyes, and said with it to whoever cannot see it.
            button.setAccessibleDescription(text)
            button.toggled.connect(lambda _on: self._on_place())
            self._group.addButton(button, at)
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            note = muted(text, caption=True)
            note.setContentsMargins(24, 0, 0, 4)
            layout.addWidget(note)
            asked = column(gap=12)
            asked.setContentsMargins(24, 0, 0, 8)
            self._asked[list(Place)[at]] = asked
            layout.addLayout(asked)
        for field in (self._dsn, self._dsn_password):
            self._asked[Place.OWN].addWidget(field)
        browse = Button(self.tr("C&hoose…"), "folder-open")
        browse.clicked.connect(self._on_browse)
        self._store.put_beside(browse)
        layout.addStretch(1)
        for line_edit in (self._dsn_line, self._dsn_password.line, self._store_line):
            line_edit.returnPressed.connect(self.accepted)

    def _on_place(self) -> None:
        if self._group.checkedId() < 0:
            return
        own = self.place is Place.OWN
        self._dsn.setVisible(own)
        self._dsn_password.setVisible(own)
        self._store.setVisible(self.place is not Place.DEMO)
        self._store_line.setPlaceholderText("" if own else self.tr("A folder on this computer, made for you"))
        # Every question stands under the choice that it belongs to.
        self._asked[Place.OWN if own else Place.BUILT_IN].addWidget(self._store)
        self.changed.emit()

    def _on_browse(self) -> None:
        choose_folder(self, self.tr("Folder for documents"), lambda path: self._store_line.setText(str(path)))


class PersonPage(AskingPage):
    """The installation's name and its first system administrator."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name, username, email = QLineEdit(self.tr("Our laboratories")), QLineEdit(), QLineEdit()
        user_help = self.tr("Cannot be changed later: letters, digits, . - _")
        password_help = self.tr("At least {count} characters; a short sentence is best.").format(count=PASSWORD_LENGTH)
        shown = (
            Field(
                "display_name", self.tr("&Name of the installation"), name, self.tr("People see it when they sign in.")
            ),
            Field("username", self.tr("&User name"), username, user_help),
            Field("email", self.tr("&Email"), email),
            PasswordField("password", self.tr("&Password"), password_help),
            PasswordField("again", self.tr("Password &again")),
        )
        self._shown = {field.name: field for field in shown}
        self._lines = {field.name: field.editor for field in shown if isinstance(field.editor, QLineEdit)}
        self._fields = Fields(self._shown.values(), self.problems)
        self._build()

    @property
    def installation(self) -> str:
        """The installation's name."""
        return clean(self._lines["display_name"].text())

    @property
    def password(self) -> str:
        """The chosen password."""
        return self._lines["password"].text()

    def draft(self) -> UserDraft:
        """The administrator to be."""
        return UserDraft(
            username=normal_username(self._lines["username"].text()),
            email=clean(self._lines["email"].text()),
            role=Role.ADMIN,
            center_id=None,
        )

    def problems(self) -> dict[str, str]:
        """Field name to sentence."""
        draft = self.draft()
        found = draft.problems()
        if problem := line_problem(self.installation, longest=80, required=True):
            found["display_name"] = problem
        if problem := password_problem(self.password, draft.username):
            found["password"] = problem
        if self._lines["again"].text() != self.password:
            found["again"] = self.tr("The two are not the same.")
        return found

    def begin(self) -> None:
        """The cursor stands where one goes on."""
        self._lines["username"].setFocus()

    def _build(self) -> None:
        layout = column(self, gap=12)
        layout.addWidget(self._shown["display_name"])
        for left, right in (("username", "email"), ("password", "again")):
            line = row(gap=16)
            line.addWidget(self._shown[left], 1, Qt.AlignmentFlag.AlignTop)
            line.addWidget(self._shown[right], 1, Qt.AlignmentFlag.AlignTop)
            layout.addLayout(line)
        layout.addStretch(1)
        for editor in self._lines.values():
            editor.returnPressed.connect(self.accepted)
