"""What the list of samples shows, and the short list of a sample's documents."""

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.records import Document, Sample
from desktop_app.ui import wording
from desktop_app.ui.models.columns import Column


def _tr(text: str) -> str:
    return QCoreApplication.translate("samples", text)


def sample_columns() -> tuple[Column[Sample], ...]:
    """Barcode and name first, status as a pill."""
    return (
        Column(_tr("Barcode"), lambda row: row.barcode, 132),
        Column(_tr("Name"), lambda row: row.name, 0),
        Column(_tr("Type"), lambda row: wording.type_name(row.sample_type), 80, muted=True),
        Column(
            _tr("Status"),
            lambda row: wording.status_badge(row.status).text,
            128,
            badge=lambda row: wording.status_badge(row.status) if row.is_active else wording.inactive_badge(),
        ),
        Column(_tr("Responsible"), lambda row: row.user_name, 128, muted=True),
        Column(
            _tr("Created"),
            lambda row: wording.short_date(row.created_at),
            150,
            tip=lambda row: wording.exact_date(row.created_at),
            muted=True,
        ),
    )


def attached_columns() -> tuple[Column[Document], ...]:
    """Title and size."""
    return (
        Column(_tr("Title"), lambda row: row.title, 0, icon=lambda _row: "file-text"),
        Column(
            _tr("Size"),
            lambda row: wording.size(row.size),
            90,
            tip=lambda row: wording.exact_size(row.size),
            right=True,
        ),
    )
