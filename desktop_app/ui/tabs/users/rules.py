"""What the person at work may do with another person, and if not, why: for the buttons; the services decide."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.records import User
from desktop_app.domain.rights import Verb, may
from desktop_app.ui.text import formatting
from desktop_app.ui.widgets.actions import Allowed

if TYPE_CHECKING:
    from desktop_app.services.session.lab import Lab


class UserRules:
    """Asked each time: one's own role may be changed while the window is open."""

    def __init__(self, lab: "Lab") -> None:
        self._lab = lab

    def may(self, verb: Verb) -> Allowed:
        """Whether it may be done somewhere, whatever center is open."""
        standing = self._lab.user.standing
        return may(standing, verb), formatting.why_not(standing, verb)

    def make(self, *, center_is_open: bool) -> Allowed:
        """Make somebody."""
        if self._lab.user.is_system_administrator or center_is_open:
            return self.may(Verb.MANAGE_USERS)
        return False, _tr("Choose a center first.")

    def administer(self, user: User) -> Allowed:
        """What concerns the person as a whole, and not one membership."""
        if not self._lab.users.may_administer(user):
            return False, _tr("Only a system administrator may do this: the person has other centers, too.")
        return self.may(Verb.MANAGE_USERS)

    def end(self, user: User) -> Allowed:
        """End the account, or bring it back."""
        return self._not_myself(user) or self.administer(user)

    def reset(self, user: User) -> Allowed:
        """Make a new first password."""
        return self._not_myself(user) or _not_inactive(user) or self.administer(user)

    def change_role(self, user: User) -> Allowed:
        """Give another role in a center."""
        return self._not_a_system_administrator(user) or self._place(user, Verb.MANAGE_USERS)

    def join(self, user: User) -> Allowed:
        """Give a place in another center."""
        return self._not_a_system_administrator(user) or self._place(user, Verb.MOVE_USERS)

    def leave(self, user: User) -> Allowed:
        """End one membership."""
        return self._place(user, Verb.MANAGE_USERS)

    def move(self, user: User) -> Allowed:
        """Give another center instead of this one."""
        return self._place(user, Verb.MOVE_USERS)

    def _place(self, user: User, verb: Verb) -> Allowed:
        return self._not_myself(user) or _not_inactive(user) or self.may(verb)

    def _not_myself(self, user: User) -> Allowed | None:
        own = user.id == self._lab.user.id
        return (False, _tr("Nobody changes his own role or ends his own account.")) if own else None

    def _not_a_system_administrator(self, user: User) -> Allowed | None:
        if user.is_system_administrator and user.id != self._lab.user.id:
            return False, _tr("A system administrator has no role in a center; move the person.")
        return None


def _not_inactive(user: User) -> Allowed | None:
    return None if user.is_active else (False, _tr("Restore the person first."))


def _tr(text: str) -> str:
    return QCoreApplication.translate("UsersTab", text)
