"""What the list of centers shows."""

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.records import Center
from desktop_app.domain.sorting import CenterField
from desktop_app.ui.models.columns import Column
from desktop_app.ui.models.date_columns import date_column
from desktop_app.ui.text import formatting


def _tr(text: str) -> str:
    return QCoreApplication.translate("centers", text)


def center_columns() -> tuple[Column[Center], ...]:
    """Name first; what is shown only on demand at the end."""
    return (
        Column(_tr("Name"), lambda row: row.name, 0, key="name", sort=CenterField.NAME),
        Column(_tr("Short name"), lambda row: row.slug, 150, muted=True, key="slug", sort=CenterField.SLUG),
        Column(
            _tr("State"),
            lambda row: _tr("Active") if row.is_active else _tr("Deactivated"),
            110,
            badge=lambda row: formatting.active_badge() if row.is_active else formatting.inactive_badge(),
            key="state",
        ),
        date_column(_tr("Created"), lambda row: row.created_at, "created", CenterField.CREATED_AT),
        Column(_tr("Description"), lambda row: row.description, 240, muted=True, key="description", extra=True),
        Column(_tr("Created by"), lambda row: formatting.who(row.created_by), 128, muted=True, key="by", extra=True),
        Column(_tr("Id"), lambda row: str(row.id), 284, muted=True, key="id", extra=True),
    )
