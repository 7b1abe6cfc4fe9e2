"""What is said of a person beside the list."""

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.records import User
from desktop_app.ui.text import formatting
from desktop_app.ui.widgets.detail import Fact


def user_facts(user: User, *, has_other_places: bool) -> list[Fact]:
    """Places, addresses and dates; *has_other_places*: in centers of other administrators."""
    created = formatting.when_and_who(user.created_at, user.created_by)
    last = formatting.short_date(user.last_sign_in) or _tr("never")
    facts: list[Fact] = [
        *_places(user, has_other_places=has_other_places),
        (_tr("Email"), user.email),
        (_tr("Phone"), user.phone),
        (_tr("Last sign-in"), last, formatting.exact_date(user.last_sign_in)),
        (_tr("Created"), created, formatting.exact_date(user.created_at)),
    ]
    if user.must_change_password:
        facts.append((_tr("Password"), _tr("to be changed at the next sign-in")))
    return facts


def _places(user: User, *, has_other_places: bool) -> list[Fact]:
    if user.is_system_administrator:
        return [(_tr("Center"), _tr("every center"))]
    places: list[Fact] = [(_tr("Center"), formatting.place(each)) for each in user.memberships]
    if has_other_places and len(user.memberships) < 2:
        places.append((_tr("Other centers"), _tr("yes; their administrators decide about those")))
    return places or [(_tr("Center"), _tr("none"))]


def _tr(text: str) -> str:
    return QCoreApplication.translate("UsersTab", text)
