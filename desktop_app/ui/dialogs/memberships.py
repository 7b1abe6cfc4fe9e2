"""A person's places: role and last day in a center, a further center, the end of a membership, another center."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from desktop_app.domain.records import Membership, User
from desktop_app.domain.rights import Role
from desktop_app.domain.text_rules import clean
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.dialogs.last_day import day_problems, last_day_field
from desktop_app.ui.dialogs.new_key import new_key_field
from desktop_app.ui.dialogs.reason import reason_field
from desktop_app.ui.dialogs.user import roles
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.text.typed_dates import day_of, typed_day
from desktop_app.ui.widgets.buttons import naming
from desktop_app.ui.widgets.center_choice import CenterChoice
from desktop_app.ui.widgets.field import ChoiceBox, Field

if TYPE_CHECKING:
    from desktop_app.services.session.lab import Lab


def _centers_of(user: User, none: str = "") -> ChoiceBox:
    """The person's centers; with *none*, first an entry of these words that is no center."""
    centers = ((each.center or str(each.center_id), each.center_id) for each in user.memberships)
    return ChoiceBox([*([(none, None)] if none else []), *centers])


class RoleDialog(FormDialog):
    """Another role or last day in one of the person's centers."""

    def __init__(self, jobs: Jobs, lab: "Lab", user: User, parent: QWidget | None = None) -> None:
        text = FormText(
            self.tr("Change the role of {name}").format(name=user.display_name),
            self.tr("Change role"),
            self.tr("It holds from the next step the person takes, also in a window that is open."),
        )
        super().__init__(jobs, text, parent)
        self._users, self._user = lab.users, user
        self._center = Field("center_id", self.tr("&Center"), _centers_of(user))
        self._role = Field("role", self.tr("&Role"), roles())
        self._until = last_day_field()
        self._reason = reason_field()
        self._center.editor.setEnabled(len(user.memberships) > 1)
        self._center.edited.connect(self._show_place)
        self._show_place()
        self.set_form([[self._center, self._role], [self._until], [self._reason]], self.problems, self._collect_work)

    def problems(self) -> dict[str, str]:
        """Only the day is typed."""
        return day_problems(self._until.value)

    def _place(self) -> Membership | None:
        return self._user.membership(self._center.value)

    def _show_place(self) -> None:
        place = self._place()
        if place is not None:
            self._role.set_value(place.role)
            self._until.set_value(typed_day(place.until))

    def _collect_work(self) -> Work:
        users, user, place = self._users, self._user, self._place()
        center, role, until = self._center.value, self._role.value, day_of(self._until.value)
        reason = clean(self._reason.value)
        if place is not None and place.until == until:
            return lambda: users.change_role(user.id, role, center, reason)
        return lambda: users.join(user.id, center, role, until, reason)


class _OtherCenterDialog(FormDialog):
    """A center that is not the person's yet, with a role and a last day there."""

    def __init__(self, jobs: Jobs, lab: "Lab", user: User, text: FormText, parent: QWidget | None) -> None:
        super().__init__(jobs, text, parent)
        self._box = CenterChoice(jobs, lab.centers)
        self._center = Field("center_id", self.tr("&Center"), self._box)
        self._role = Field("role", self.tr("&Role"), roles())
        self._role.set_value(user.role or Role.USER)
        self._until = last_day_field()
        self._users, self._user = lab.users, user


class JoinDialog(_OtherCenterDialog):
    """A further center, beside those the person has."""

    def __init__(self, jobs: Jobs, lab: "Lab", user: User, parent: QWidget | None = None) -> None:
        text = FormText(
            self.tr("Add {name} to another center").format(name=user.display_name),
            self.tr("Add to center"),
            self.tr(
                "Login and password stay one. From then on only system administrators reset, rename and deactivate the"
                " person; each center's administrators decide about the place in their own center."
            ),
        )
        super().__init__(jobs, lab, user, text, parent)
        self._box.setPlaceholderText(self.tr("Choose"))
        self.set_form([[self._center, self._role], [self._until]], self.problems, self._collect_work)

    def problems(self) -> dict[str, str]:
        """A center that is new to the person must be chosen."""
        found = day_problems(self._until.value)
        if self._center.value is None:
            return found | {"center_id": self.tr("Choose a center.")}
        if self._user.membership(self._center.value) is not None:
            return found | {"center_id": self.tr("The person is there already.")}
        return found

    def _collect_work(self) -> Work:
        users, user, center, role = self._users, self._user, self._center.value, self._role.value
        until = day_of(self._until.value)
        return lambda: users.join(user.id, center, role, until)


class LeaveDialog(FormDialog):
    """The end of one membership of several."""

    def __init__(self, jobs: Jobs, lab: "Lab", user: User, parent: QWidget | None = None) -> None:
        text = FormText(
            self.tr("End a membership of {name}").format(name=user.display_name),
            naming(self.tr("End membership of {name}"), user.username),
            self.tr("The center is closed to the person at once. What was copied before cannot be taken back."),
            danger=True,
        )
        super().__init__(jobs, text, parent)
        self._users, self._user = lab.users, user
        # Of several none is the likely one.
        several = len(user.memberships) > 1
        self._center = Field("center_id", self.tr("&Center"), _centers_of(user, self.tr("Choose") if several else ""))
        self._center.editor.setEnabled(several)
        self._new_key, self._reason = new_key_field(), reason_field()
        self.set_form([[self._center], [self._reason], [self._new_key]], self.problems, self._collect_work)

    def problems(self) -> dict[str, str]:
        """A center must be chosen."""
        return {} if self._center.value is not None else {"center_id": self.tr("Choose a center.")}

    def _collect_work(self) -> Work:
        users, user, center, reason = self._users, self._user, self._center.value, clean(self._reason.value)
        new_key = self._new_key.value
        return lambda: users.leave(user.id, center, reason, new_keys=new_key)


class MoveDialog(_OtherCenterDialog):
    """From the only center to another one, or to none."""

    def __init__(self, jobs: Jobs, lab: "Lab", user: User, parent: QWidget | None = None) -> None:
        text = FormText(
            self.tr("Move {name} to another center").format(name=user.display_name),
            self.tr("Move user"),
            self.tr(
                "Login and open sessions of the old center end at once. What was copied before cannot be taken back."
            ),
        )
        super().__init__(jobs, lab, user, text, parent)
        self._box.offer([(user.center_name or self.tr("None: a system administrator"), user.center_id)])
        if user.center_id is not None:
            self._box.offer_always(self.tr("None: a system administrator"), None)
        self._new_key, self._reason = new_key_field(), reason_field()
        self.set_form([[self._center, self._role], [self._reason], [self._new_key]], self.problems, self._collect_work)

    def problems(self) -> dict[str, str]:
        """Another center must be chosen, and only an administrator can be without one."""
        if self._center.value == self._user.center_id:
            return {"center_id": self.tr("The person is there already.")}
        if self._center.value is None and self._role.value is not Role.ADMIN:
            return {"role": self.tr("A system administrator has the role administrator.")}
        return {}

    def _collect_work(self) -> Work:
        users, user, center, role = self._users, self._user, self._center.value, self._role.value
        reason, new_key = clean(self._reason.value), self._new_key.value
        return lambda: users.change_center(user.id, center, role, reason=reason, new_keys=new_key)
