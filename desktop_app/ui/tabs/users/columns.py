"""What the list of users shows."""

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.records import User
from desktop_app.ui import wording
from desktop_app.ui.models.columns import Column


def _tr(text: str) -> str:
    return QCoreApplication.translate("users", text)


def user_columns() -> tuple[Column[User], ...]:
    """User name first."""
    return (
        Column(_tr("User name"), lambda row: row.username, 150),
        Column(_tr("Name"), lambda row: f"{row.first_name} {row.last_name}".strip(), 0),
        Column(
            _tr("Role"),
            lambda row: wording.role_name(row.standing),
            192,
            badge=lambda row: wording.role_badge(row.standing) if row.is_active else wording.inactive_badge(),
        ),
        Column(_tr("Center"), lambda row: row.center_name, 190, muted=True),
        Column(
            _tr("Last sign-in"),
            lambda row: wording.short_date(row.last_sign_in) or _tr("Never"),
            150,
            tip=lambda row: wording.exact_date(row.last_sign_in),
            muted=True,
        ),
    )
