"""What the record calls its columns and values: the words that people see in forms, lists and inspectors."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from PySide6.QtCore import QCoreApplication, QLocale

from desktop_app.domain.audit import METADATA
from desktop_app.domain.change_plan import PlanAction
from desktop_app.domain.fields import FieldKind
from desktop_app.domain.rights import Role
from desktop_app.ui.text import formatting
from desktop_app.ui.text.field_values import kind_name

NO_NAMES: Mapping[str, str] = {}
ORDER = (
    "username", "barcode", "title", "first_name", "last_name", "display_name", "name", "slug", "sample_type", "kind",
    "status", "role", "user_id", "sample_id", "center_id", "document_type", "tags", "email", "phone", "collected_at",
    "collected_place", "description", METADATA, "results", "rejection_reason", "processing_started_at",
    "processing_completed_at", "file_name", "latest_number", "number", "size",
)  # fmt: skip
"""As in the forms; what is not here comes after it, in the order of the record."""
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


def _tr(text: str) -> str:
    return QCoreApplication.translate("record", text)


def in_order(keys: Iterable[str]) -> list[str]:
    """Columns in the order in which forms ask for them; the database keeps none."""
    places = {key: at for at, key in enumerate(ORDER)}
    return sorted(keys, key=lambda key: places.get(key.partition(".")[0], len(ORDER)))


def label(key: str, names: Mapping[str, str] = NO_NAMES) -> str:
    """A column's name as words, as they stand within a sentence."""
    own = key.removeprefix(f"{METADATA}.")
    if own != key:
        # A field that the center made itself has the name that people gave it.
        return names.get(key, own)
    return _words().get(key, key.replace("_", " "))


def heading(key: str, names: Mapping[str, str] = NO_NAMES) -> str:
    """The same as a heading is written."""
    text = label(key, names)
    return text if key.startswith(f"{METADATA}.") else text[:1].upper() + text[1:]


def _words() -> dict[str, str]:
    return {
        "user_id": _tr("responsible"),
        "is_active": _tr("active"),
        "sample_id": _tr("sample"),
        "latest_number": _tr("version"),
        "workstation": _tr("computer"),
        "seconds_late": _tr("seconds before it was recorded"),
        "center_id": _tr("center"),
        "collected_at": _tr("collected"),
        "collected_place": _tr("collected where"),
        "processing_started_at": _tr("processing since"),
        "processing_completed_at": _tr("completed"),
        "rejection_reason": _tr("rejected because"),
        "file_name": _tr("file"),
        "mime_type": _tr("kind of file"),
        "stored_size": _tr("size as stored"),
        "username": _tr("user name"),
        "display_name": _tr("person's name"),
        "is_system": _tr("system administrator"),
        "must_change_password": _tr("must choose a new password"),
        "member_from": _tr("in the center since"),
        "member_until": _tr("in the center until"),
        "until": _tr("last day"),
        "slug": _tr("short name"),
        "rotation_due": _tr("new key due since"),
        "retired_at": _tr("out of use since"),
        "position": _tr("place in the order"),
        "sample_types": _tr("only for sample types"),
        "key_version": _tr("version of the key"),
        "at": _tr("when"),
        "state": _tr("use"),
        "metadata": _tr("fields of the center"),
        "rows": _tr("records"),
        "undoes": _tr("takes back"),
        "requested_by": _tr("asked for by"),
        "action": _tr("what was done"),
    }


def value_text(key: str, value: Any, names: Mapping[str, str] = NO_NAMES) -> str:
    """A value of a column as people see it elsewhere; one that means nothing to us stays as it is."""
    if isinstance(value, list | tuple) and key == "sample_types":
        return ", ".join(value_text("sample_type", each, names) for each in value)
    if isinstance(value, int) and not isinstance(value, bool) and key in ("size", "stored_size"):
        return formatting.size(value)
    if isinstance(value, str):
        return _text_of(key, value, names)
    return shown(value)


def _text_of(key: str, value: str, names: Mapping[str, str]) -> str:
    match key:
        case "status":
            return formatting.status_text(value)
        case "sample_type":
            return formatting.type_name(value, names.get(f"sample_type.{value}", ""))
        case "role" if value in list(Role):
            return formatting.role_name(Role(value))
        case "kind" if value in list(FieldKind):
            return kind_name(FieldKind(value))
        case "state":
            return {"active": _tr("in use"), "retired": _tr("out of use")}.get(value, value)
        case "action":
            return _actions().get(value, value)
        case "user_id" | "sample_id" | "center_id":
            return names.get(value, value)
    return shown(value)


def _actions() -> dict[str, str]:
    return {
        PlanAction.CREATE: _tr("created"),
        PlanAction.IMPORT: _tr("imported"),
        PlanAction.EDIT: _tr("changed"),
        PlanAction.PROCESS: _tr("processing started"),
        PlanAction.COMPLETE: _tr("completed"),
        PlanAction.REJECT: _tr("rejected"),
        PlanAction.ARCHIVE: _tr("archived"),
        PlanAction.DEACTIVATE: _tr("deactivated"),
        PlanAction.RESTORE: _tr("restored"),
        PlanAction.ATTACH: _tr("attached"),
        PlanAction.UNDO: _tr("taken back"),
    }


def shown(value: Any) -> str:
    """A value of any column, whole."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _tr("yes") if value else _tr("no")
    if isinstance(value, int):
        return QLocale().toString(value)
    if isinstance(value, float):
        return repr(value).replace(".", QLocale().decimalPoint())
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {shown(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(shown(each) for each in value)
    return _moment(str(value))


def _moment(text: str) -> str:
    """A time as people write it; any other text as it is."""
    if not _TIME.match(text):
        return text
    try:
        return formatting.short_date(datetime.fromisoformat(text))
    except ValueError:
        return text
