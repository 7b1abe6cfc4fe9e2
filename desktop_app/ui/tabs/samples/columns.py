"""What the list of samples shows, and the short list of a sample's documents."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.fields import DefinedField, FieldKind, misfit
from desktop_app.domain.records import Document, Sample
from desktop_app.domain.sorting import OwnField, SampleField
from desktop_app.ui.models.columns import Column
from desktop_app.ui.models.date_columns import date_column
from desktop_app.ui.models.list_layout import COMING
from desktop_app.ui.text import formatting
from desktop_app.ui.text.field_values import field_text
from desktop_app.ui.text.messages import said


def _tr(text: str) -> str:
    return QCoreApplication.translate("samples", text)


def sample_columns() -> tuple[Column[Sample], ...]:
    """Barcode and name first, status as a pill; what is shown only on demand at the end."""
    return (
        Column(_tr("Barcode"), lambda row: row.barcode, 132, key="barcode", sort=SampleField.BARCODE),
        Column(_tr("Name"), lambda row: row.name, 0, key="name", sort=SampleField.NAME),
        Column(
            _tr("Type"), lambda row: formatting.type_name(row.sample_type, row.type_name), 80, muted=True, key="type"
        ),
        Column(
            _tr("Status"),
            lambda row: formatting.status_badge(row.status).text,
            128,
            badge=lambda row: formatting.status_badge(row.status) if row.is_active else formatting.inactive_badge(),
            key="status",
        ),
        Column(_tr("Responsible"), lambda row: row.responsible_name, 128, muted=True, key="responsible"),
        date_column(_tr("Created"), lambda row: row.created_at, "created", SampleField.CREATED_AT),
        date_column(_tr("Updated"), lambda row: row.updated_at, "updated", SampleField.UPDATED_AT, extra=True),
        Column(
            _tr("Created by"), lambda row: formatting.who(row.created_by), 128, muted=True, key="created_by", extra=True
        ),
        date_column(_tr("Collected"), lambda row: row.collected_at, "collected", extra=True),
        Column(_tr("Place"), lambda row: row.collected_place, 128, muted=True, key="place", extra=True),
        Column(
            _tr("Documents"),
            lambda row: formatting.number(row.documents),
            116,
            right=True,
            muted=True,
            key="documents",
            extra=True,
        ),
        Column(_tr("Id"), lambda row: str(row.id), 284, muted=True, key="id", extra=True),
    )


def field_columns(fields: Sequence[DefinedField]) -> tuple[Column[Sample], ...]:
    """One for each of the center's fields, on demand; a value that does not fit says so."""
    return tuple(_field_column(field) for field in fields)


def _field_column(field: DefinedField) -> Column[Sample]:
    def text(row: Sample) -> str:
        if field.key not in row.metadata:
            return ""
        value = row.metadata[field.key]
        return field_text(field, value) if misfit(field, value) is None else f"⚠ {field_text(field, value)}"

    def tip(row: Sample) -> str:
        wrong = misfit(field, row.metadata[field.key]) if field.key in row.metadata else None
        return said(wrong) if wrong else text(row)

    return Column(
        f"{field.name} ({field.unit})" if field.unit else field.name,
        text,
        112,
        tip=tip,
        right=field.kind is FieldKind.NUMBER,
        muted=True,
        key=f"{COMING}{field.key}",
        sort=OwnField.of(field.key),
        newest_first=field.kind is FieldKind.DATE,
        extra=True,
    )


def attached_columns() -> tuple[Column[Document], ...]:
    """Title and size."""
    return (
        Column(_tr("Title"), lambda row: row.title, 0, icon=lambda _row: "file-text"),
        Column(
            _tr("Size"),
            lambda row: formatting.size(row.size),
            90,
            tip=lambda row: formatting.exact_size(row.size),
            right=True,
        ),
    )
