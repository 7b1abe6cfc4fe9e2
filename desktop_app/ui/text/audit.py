"""Entries of the record as sentences for people: who did what, old and new value, why."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.audit import flat_row
from desktop_app.domain.records import AuditEntry
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text import audit_values, formatting
from desktop_app.ui.text.audit_values import heading, in_order, label, value_text
from desktop_app.ui.text.badges import Badge

__all__ = ["action_badge", "changes", "heading", "label", "shortened", "shown", "summary", "thing"]

LONGEST_VALUE = 80
OPENINGS = ("preview", "open", "export", "sign_in")
_SILENT = {
    "row_version", "updated_at", "updated_by", "created_at", "created_by", "id", "latest_version_id", "statement",
    "document_id", "signature", "entries", "stored_digest", "token", "sealed", "login", "schema_name", "schema_rev",
    "file_id", "statement_number", "key", "identity_id", "kdf",
}  # fmt: skip


def _tr(text: str) -> str:
    return QCoreApplication.translate("record", text)


def thing(entry: AuditEntry) -> str:
    """What the entry is about, such as: sample 20261121-0001."""
    name = entry.label or _name(entry.new) or _name(entry.old)
    words = {
        "samples": _tr("sample"),
        "documents": _tr("document"),
        "document_versions": _tr("version of") if name else _tr("document version"),
        "document_uploads": _tr("upload"),
        "document_keys": _tr("document key"),
        "people": _tr("person"),
        "sample_types": _tr("sample type"),
        "rejection_reasons": _tr("reason for rejection"),
        "fields": _tr("field"),
        "change_plans": _tr("change of several records"),
        "tenant_keys": _tr("key"),
        "key_grants": _tr("key grant"),
        "centers": _tr("center"),
        "users": _tr("user"),
        "memberships": _tr("place of"),
        "identities": _tr("identity"),
        "identity_secrets": _tr("password"),
        "kept_kits": _tr("recovery kit"),
        "audit_log": _tr("record of changes"),
        "trust_log": _tr("trust log"),
    }.get(entry.table_name, entry.table_name.replace("_", " "))
    return f"{words} {name}" if name else words


def action_badge(entry: AuditEntry) -> Badge:
    """The pill of what was done."""
    status = _changed_to(entry, "status")
    if status:
        icons = {"processing": "loader", "completed": "circle-check", "rejected": "circle-x", "archived": "archive"}
        tones = {"completed": Tone.GOOD, "rejected": Tone.DANGER, "processing": Tone.INFO}
        return Badge(formatting.status_text(str(status)), icons.get(status, "clock"), tones.get(status, Tone.NEUTRAL))
    active = _changed_to(entry, "is_active")
    if active is not None:
        return Badge(_tr("Restored"), "rotate-ccw", Tone.GOOD) if active else Badge(_tr("Deactivated"), "circle-slash")
    return {
        "insert": Badge(_tr("Created"), "plus", Tone.GOOD),
        "update": Badge(_tr("Changed"), "pencil", Tone.INFO),
        "delete": Badge(_tr("Deleted"), "x", Tone.DANGER),
        "rotate": Badge(_tr("New key"), "rotate-ccw", Tone.GOOD),
        "erase": Badge(_tr("Erased"), "circle-slash", Tone.DANGER),
        "alarm": Badge(_tr("Alarm"), "triangle-alert", Tone.DANGER),
        "preview": Badge(_tr("Previewed"), "file-text"),
        "open": Badge(_tr("Opened"), "external-link"),
        "export": Badge(_tr("Exported"), "download", Tone.INFO),
        "sign_in": Badge(_tr("Signed in"), "user-round"),
    }.get(entry.operation.lower(), Badge(entry.operation.capitalize(), "info"))


def changes(entry: AuditEntry, longest: int = LONGEST_VALUE) -> list[tuple[str, str, str]]:
    """Field, old value and new value of everything that a person would call a change, as forms have them."""
    old, new = flat_row(entry.old), flat_row(entry.new)
    keys = in_order(key for key in {**new, **old} if key not in _SILENT and old.get(key) != new.get(key))

    def said(key: str, row: Mapping[str, Any]) -> str:
        return shortened(value_text(key, row.get(key), entry.names), longest)

    return [
        (_heading(entry, key), said(key, old), said(key, new))
        for key in keys
        if _says(old.get(key)) or _says(new.get(key))
    ]


def _heading(entry: AuditEntry, key: str) -> str:
    if key == "user_id" and entry.table_name != "samples":
        # Whose it is: only of samples somebody is responsible.
        return _tr("Person")
    return heading(key, entry.names)


def summary(entry: AuditEntry) -> str:
    """One line: what changed from what to what, and why."""
    if entry.is_erased:
        return _tr("what this said was erased")
    if entry.operation.lower() == "update":
        status = _changed_to(entry, "status")
        if status:
            text = f"{value_text('status', (entry.old or {}).get('status'))} → {value_text('status', status)}"
        else:
            text = "; ".join(f"{name}: {old or '—'} → {new or '—'}" for name, old, new in changes(entry))
    else:
        text = _created(entry)
    if entry.reason:
        text = f"{text} — {entry.reason}" if text else entry.reason
    return text


def _created(entry: AuditEntry) -> str:
    """What a new record is called besides what it is listed under, such as the name of a sample."""
    known, new = thing(entry), entry.new or {}
    if entry.operation in OPENINGS:
        return "; ".join(f"{name}: {value}" for name, _old, value in changes(entry) if value)
    said = (shown(new.get(key)) for key in ("name", "file_name", "email"))
    return next((text for text in said if text and text not in known), "")


def shown(value: Any, longest: int = LONGEST_VALUE) -> str:
    """A value as people write it, shortened."""
    return shortened(audit_values.shown(value), longest)


def shortened(text: str, longest: int = LONGEST_VALUE) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _says(value: Any) -> bool:
    return value not in (None, "", [], {})


def _name(row: Mapping[str, Any] | None) -> str:
    if not row:
        return ""
    for key in ("barcode", "title", "display_name", "username", "name", "file_name"):
        if row.get(key):
            return str(row[key])
    return ""


def _changed_to(entry: AuditEntry, key: str) -> Any:
    if not entry.old or not entry.new or entry.old.get(key) == entry.new.get(key):
        return None
    return entry.new.get(key)
