"""What the lists of documents and of their versions show."""

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.records import Document, Version
from desktop_app.domain.sorting import DocumentField
from desktop_app.ui.models.columns import Column
from desktop_app.ui.models.date_columns import date_column
from desktop_app.ui.text import formatting

_ICONS = {
    "image": "file-image",
    "text/csv": "file-spreadsheet",
    "text/tab-separated-values": "file-spreadsheet",
    "text": "file-text",
    "application/pdf": "file-pdf",
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("documents", text)


def icon_of(mime_type: str) -> str:
    """The icon for a kind of file."""
    return _ICONS.get(mime_type) or _ICONS.get(mime_type.partition("/")[0], "file")


def document_columns() -> tuple[Column[Document], ...]:
    """Title first; the rest is narrow; what is shown only on demand at the end."""
    return (
        Column(
            _tr("Title"),
            lambda row: row.title,
            0,
            icon=lambda row: icon_of(row.mime_type),
            key="title",
            sort=DocumentField.TITLE,
        ),
        Column(_tr("Sample"), lambda row: row.sample_barcode, 124, muted=True, key="sample"),
        Column(
            _tr("Size"),
            lambda row: formatting.size(row.size),
            96,
            tip=lambda row: formatting.exact_size(row.size),
            right=True,
            key="size",
        ),
        Column(_tr("Version"), lambda row: str(row.latest_number), 76, right=True, key="version"),
        date_column(_tr("Added"), lambda row: row.created_at, "added", DocumentField.CREATED_AT),
        Column(
            _tr("By"),
            lambda row: formatting.who(row.created_by),
            108,
            muted=True,
            badge=lambda row: None if row.is_active else formatting.inactive_badge(),
            key="by",
        ),
        Column(_tr("Type"), lambda row: row.document_type, 108, muted=True, key="type", extra=True),
        Column(_tr("Tags"), lambda row: ", ".join(row.tags), 140, muted=True, key="tags", extra=True),
        Column(_tr("File name"), lambda row: row.file_name, 180, muted=True, key="file_name", extra=True),
        date_column(_tr("Updated"), lambda row: row.updated_at, "updated", DocumentField.UPDATED_AT, extra=True),
        Column(
            _tr("Updated by"), lambda row: formatting.who(row.updated_by), 128, muted=True, key="updated_by", extra=True
        ),
        Column(_tr("Id"), lambda row: str(row.id), 284, muted=True, key="id", extra=True),
    )


def version_columns() -> tuple[Column[Version], ...]:
    """Newest first."""
    return (
        Column("", lambda row: str(row.number), 44, right=True),
        Column(
            _tr("Saved"),
            lambda row: formatting.short_date(row.created_at),
            0,
            tip=lambda row: f"{formatting.exact_date(row.created_at)}\n{row.file_name}",
        ),
        Column(_tr("By"), lambda row: formatting.who(row.created_by), 110, muted=True),
        Column(
            _tr("Size"),
            lambda row: formatting.size(row.size),
            84,
            tip=lambda row: formatting.exact_size(row.size),
            right=True,
        ),
    )
