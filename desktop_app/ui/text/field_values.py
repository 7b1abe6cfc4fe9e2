"""Values of a center's fields as people read and type them."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QLocale

from desktop_app.domain.fields import DefinedField, FieldKind, shown_values
from desktop_app.ui.text import formatting
from desktop_app.ui.text.messages import said


def _tr(text: str) -> str:
    return QCoreApplication.translate("field_values", text)


def kind_name(kind: FieldKind) -> str:
    """What a field takes, in words."""
    return {
        FieldKind.TEXT: _tr("Text"),
        FieldKind.NUMBER: _tr("Number"),
        FieldKind.DATE: _tr("Date"),
        FieldKind.CHOICE: _tr("Choice"),
        FieldKind.YES_NO: _tr("Yes or no"),
    }[kind]


def field_label(field: DefinedField) -> str:
    """Its name and unit, and whether it is required, as a form's label; an ampersand is none of Qt's."""
    name = field.name if not field.unit else f"{field.name} ({field.unit})"
    text = _tr("{name}, required").format(name=name) if field.required else name
    return text.replace("&", "&&")


def typed_text(value: Any) -> str:
    """A saved value as it stands in an editor."""
    if value is None:
        return ""
    return value if isinstance(value, str) else formatting.plain_value(value)


def field_text(field: DefinedField | None, value: Any) -> str:
    """A value as it is read: numbers and days as people here write them."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return typed_text(value)
    if field is None or field.kind is not FieldKind.NUMBER:
        return typed_text(value)
    locale = QLocale()
    return locale.toString(int(value)) if value == int(value) and abs(value) < 2**62 else _decimal(locale, value)


def _decimal(locale: QLocale, value: float) -> str:
    return repr(value).replace(".", locale.decimalPoint()) if "e" not in repr(value) else repr(value)


def field_lines(
    fields: Sequence[DefinedField], sample_type: str, metadata: Mapping[str, Any]
) -> list[tuple[str, str, str]]:
    """Label, words and tooltip of each value of a sample, in the center's order; what does not fit says so."""
    lines = []
    for each in shown_values(fields, sample_type, metadata):
        text = field_text(each.field, each.value)
        if each.unit and each.problem is None:
            text = f"{text} {each.unit}"
        problem = said(each.problem) if each.problem else ""
        name = each.name if each.field else each.name.replace("_", " ")
        lines.append((name, f"{text}\n⚠ {problem}" if problem else text, problem or text))
    return lines
