"""Cells as values: what a person typed into a spreadsheet, read as a field takes it, or a sentence why not.

Nothing is guessed: a date whose day and month could change places, or a comma that could divide thousands, is no value.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from desktop_app.domain.fields import DefinedField, FieldKind, is_date, misfit
from desktop_app.message import Message

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_LONGEST_NUMBER = 100
_COMMA = re.compile(r"[+-]?\d+,\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3},\d{3}")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T](\d{1,2}:\d{2}(?::\d{2})?))?")
_MIDNIGHT = re.compile(r"[ T]00:00(?::00(?:\.0+)?)?")
_YES = frozenset({"yes", "true", "y", "1"})
_NO = frozenset({"no", "false", "n", "0"})
NO_MOMENT = Message("A date or time such as 2026-11-21 or 2026-11-21 14:30.")


def has_decimal_comma(cells: Iterable[str], separator: str) -> bool:
    """Whether a column of numbers writes 1,5 and not 1.5: some have a comma, none a point, and it is no thousand's."""
    commas = [cell for cell in map(str.strip, cells) if "," in cell]
    if not commas or not all(_COMMA.fullmatch(cell) for cell in commas):
        return False
    # In a file whose cells a comma separates, or a workbook's texts, 1,234 may be a thousand and more.
    return separator == ";" or not all(_THOUSANDS.fullmatch(cell) for cell in commas)


def moment(text: str) -> datetime | Message | None:
    """A moment in UTC; without an offset this computer's time zone is meant. Empty text is none."""
    text = text.strip()
    if not text:
        return None
    if dotted := _DOTTED.fullmatch(text):
        day, month, year, clock = dotted.groups()
        text = f"{year}-{month:0>2}-{day:0>2}" + (f"T{clock:0>5}" if clock else "")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError, OSError):  # the last is Windows' for a year that it has no time zone for
        return NO_MOMENT


def field_value(field: DefinedField, text: str, *, decimal_comma: bool) -> Any:
    """The value of a center's field, or the Message why there is none; empty text is None."""
    if not text.strip():
        return None
    value = _read(field.kind, text, decimal_comma=decimal_comma)
    if value is None and field.kind is FieldKind.CHOICE:
        wanted = text.strip().casefold()
        value = next((choice for choice in field.choices if choice.casefold() == wanted), text)
    wrong = misfit(field, text if value is None else value)
    return value if wrong is None else wrong


def _read(kind: FieldKind, text: str, *, decimal_comma: bool) -> Any:
    plain = text.strip()
    match kind:
        case FieldKind.TEXT:
            return text
        case FieldKind.NUMBER:
            return _number(plain.replace(",", ".") if decimal_comma and _COMMA.fullmatch(plain) else plain)
        case FieldKind.DATE:
            return day(plain)
        case FieldKind.YES_NO:
            return truth(plain)
        case FieldKind.CHOICE:
            return None


def _number(text: str) -> int | float | None:
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    if text.lstrip("+-").isdigit():
        return int(text)
    value = float(text)
    return value if value - value == 0 else None


def truth(text: str) -> bool | None:
    """Yes or no, as it is commonly written; None where it is neither."""
    said = text.strip().casefold()
    return True if said in _YES else False if said in _NO else None


def day(text: str) -> str | None:
    """The day as ISO writes it; None where it is none, or could be another one."""
    text = _MIDNIGHT.sub("", text)
    if dotted := _DOTTED.fullmatch(text):
        day, month, year, _ = dotted.groups()
        text = f"{year}-{month:0>2}-{day:0>2}"
    if not is_date(text):
        return None
    return date.fromisoformat(text).isoformat()
