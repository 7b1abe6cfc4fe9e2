"""What the list of the record's entries shows."""

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.records import AuditEntry
from desktop_app.ui.models.columns import Column
from desktop_app.ui.models.date_columns import date_column
from desktop_app.ui.text import audit, formatting


def _tr(text: str) -> str:
    return QCoreApplication.translate("activity", text)


def entry_columns() -> tuple[Column[AuditEntry], ...]:
    """When, who, what, and what changed; the record has one order only."""
    return (
        date_column(_tr("When"), lambda row: row.at, "when"),
        Column(_tr("Who"), lambda row: formatting.who(row.who), 116, tip=lambda row: row.login, key="who"),
        Column(_tr("Did"), lambda row: audit.action_badge(row).text, 124, badge=audit.action_badge, key="did"),
        Column(_tr("What"), audit.thing, 220, key="what"),
        Column(_tr("Change"), audit.summary, 0, muted=True, key="change"),
        Column(_tr("Reason"), lambda row: row.reason, 180, muted=True, key="reason", extra=True),
        Column(_tr("Entry"), lambda row: formatting.number(row.seq), 80, right=True, muted=True, key="seq", extra=True),
    )
