"""Making and editing a user."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.domain.drafts import UserDetails, UserDraft
from desktop_app.domain.records import User
from desktop_app.domain.rights import Role
from desktop_app.domain.text_rules import clean, normal_username
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.dialogs.last_day import day_problems, last_day_field
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.text import formatting
from desktop_app.ui.text.typed_dates import day_of
from desktop_app.ui.widgets.center_choice import CenterChoice
from desktop_app.ui.widgets.field import ChoiceBox, Field

if TYPE_CHECKING:
    from desktop_app.services.session.lab import Lab


@dataclass(frozen=True)
class Home:
    """The center that a person is made for, where there is no choice."""

    center_id: UUID
    name: str


def roles() -> ChoiceBox:
    """The roles there are."""
    return ChoiceBox((formatting.role_name(each), each) for each in Role)


class UserDialog(FormDialog):
    """A new person, or an existing one's names, email and phone."""

    def __init__(
        self, jobs: Jobs, lab: "Lab", home: Home | None, user: User | None = None, parent: QWidget | None = None
    ) -> None:
        intro = self.tr("A first password is made and shown once; the person chooses another one at the first sign-in.")
        text = (
            FormText(self.tr("New user"), self.tr("Create user"), intro)
            if user is None
            else FormText(self.tr("Edit user"), self.tr("Save"))
        )
        super().__init__(jobs, text, parent)
        self._lab = lab
        self._user: User | None = None
        self._box = CenterChoice(jobs, lab.centers)
        self._make_fields()
        rows = [[self._username, self._email], [self._first, self._last], [self._phone]]
        if user is None:
            rows += [[self._center, self._role], [self._until]]
            self._offer_centers(home)
        else:
            self.adopt(user, UserDetails.of(user))
            self._username.set_locked(self.tr("User names are fixed for life."))
        self.set_form(rows, self.problems, self._collect_work)

    def adopt(self, record: User, draft: UserDetails) -> None:
        """Edit this person, beginning with this draft."""
        self._user = record
        self._username.set_value(draft.username)
        self._email.set_value(draft.email)
        self._first.set_value(draft.first_name)
        self._last.set_value(draft.last_name)
        self._phone.set_value(draft.phone)

    def problems(self) -> dict[str, str]:
        """What is wrong with the fields."""
        if self._user is not None:
            return self.draft().problems()
        return self.new_draft().problems() | day_problems(self._until.value)

    def draft(self) -> UserDetails:
        """What stands in the fields."""
        return UserDetails(
            username=normal_username(self._username.value),
            email=clean(self._email.value),
            first_name=clean(self._first.value),
            last_name=clean(self._last.value),
            phone=clean(self._phone.value),
        )

    def new_draft(self) -> UserDraft:
        """The same with the first place."""
        until = day_of(self._until.value)
        return UserDraft(**vars(self.draft()), role=self._role.value, center_id=self._center.value, until=until)

    def _make_fields(self) -> None:
        self._username = Field(
            "username",
            self.tr("&User name"),
            QLineEdit(),
            self.tr("Cannot be changed later: letters, digits, . - _"),
        )
        self._email = Field("email", self.tr("&Email"), QLineEdit())
        self._first = Field("first_name", self.tr("&First name"), QLineEdit())
        self._last = Field("last_name", self.tr("&Last name"), QLineEdit())
        self._phone = Field("phone", self.tr("&Phone"), QLineEdit())
        self._role = Field("role", self.tr("&Role"), roles())
        self._role.set_value(Role.USER)
        self._center = Field("center_id", self.tr("&Center"), self._box)
        self._until = last_day_field()

    def _offer_centers(self, home: Home | None) -> None:
        if home is not None:
            self._box.offer([(home.name, home.center_id)])
        if self._lab.user.is_system_administrator:
            self._box.offer_always(self.tr("None: a system administrator"), None)
            self._center.edited.connect(self._on_center)
        else:
            self._box.setEnabled(False)

    def _on_center(self) -> None:
        if self._center.value is None:
            self._role.set_value(Role.ADMIN)
            self.fields.show_touched()

    def _collect_work(self) -> Work:
        user, users = self._user, self._lab.users
        if user is None:
            new = self.new_draft()
            return lambda: users.create(new)
        draft = self.draft()
        return lambda: users.edit(user, draft)
