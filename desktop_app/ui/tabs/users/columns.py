"""What the list of users shows."""

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.records import User
from desktop_app.domain.sorting import UserField
from desktop_app.ui.models.columns import Column
from desktop_app.ui.models.date_columns import date_column
from desktop_app.ui.text import formatting


def _tr(text: str) -> str:
    return QCoreApplication.translate("users", text)


def _centers(row: User) -> str:
    return ", ".join(formatting.place(each, with_role=len(row.memberships) > 1) for each in row.memberships)


def user_columns() -> tuple[Column[User], ...]:
    """User name first; what is shown only on demand at the end."""
    return (
        Column(_tr("User name"), lambda row: row.username, 150, key="username", sort=UserField.USERNAME),
        Column(
            _tr("Name"),
            lambda row: f"{row.first_name} {row.last_name}".strip(),
            0,
            key="name",
            sort=UserField.NAME,
        ),
        Column(
            _tr("Role"),
            lambda row: formatting.role_name(row.standing),
            192,
            badge=lambda row: formatting.role_badge(row.standing) if row.is_active else formatting.inactive_badge(),
            key="role",
        ),
        Column(_tr("Center"), _centers, 190, muted=True, key="center"),
        date_column(
            _tr("Last sign-in"),
            lambda row: row.last_sign_in,
            "last_sign_in",
            UserField.LAST_SIGN_IN,
            never=_tr("Never"),
        ),
        Column(_tr("Email"), lambda row: row.email, 200, muted=True, key="email", extra=True),
        Column(_tr("Phone"), lambda row: row.phone, 128, muted=True, key="phone", extra=True),
        date_column(_tr("Created"), lambda row: row.created_at, "created", UserField.CREATED_AT, extra=True),
        Column(_tr("Id"), lambda row: str(row.id), 284, muted=True, key="id", extra=True),
    )
