"""Filters by fields' values, as conditions that the indexes on metadata answer (docs/decisions/center-fields.md)."""

import json
import struct
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Numeric, Text, and_, case, cast, collate, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from desktop_app.db.fields import list_fields
from desktop_app.db.models import SampleRow
from desktop_app.domain.field_filters import Comparison, FieldCondition, check_number
from desktop_app.domain.fields import DefinedField, FieldKind, is_date, named, number, typed
from desktop_app.errors import InvalidInputError
from desktop_app.message import Message

_METADATA = SampleRow.__table__.c.metadata
_GREATER = {Comparison.GREATER, Comparison.GREATER_OR_EQUAL}


def meets(
    session: Session, conditions: Sequence[FieldCondition], *, by_index: bool = True
) -> list[ColumnElement[bool]]:
    """One condition of SQL for each of *conditions*; without *by_index* ranges are only compared.

    InvalidInputError for a field that the center does not have, and for a value that cannot be compared with it.
    """
    if not conditions:
        return []
    check_number(conditions)
    fields = list_fields(session, include_inactive=True)
    return [_meets(session, fields, each, by_index) for each in conditions]


def _meets(
    session: Session, fields: Sequence[DefinedField], wanted: FieldCondition, by_index: bool
) -> ColumnElement[bool]:
    field = named(fields, wanted.name)
    if field is None:
        return _of_no_field(session, wanted, by_index)
    if wanted.comparison is Comparison.EQUAL:
        return _equals(field.key, _forms(field, wanted.value), by_index)
    greater = wanted.comparison in _GREATER
    if field.kind is FieldKind.NUMBER:
        value = number(wanted.value)
        if value is None:
            raise _wrong(Message("{name} is compared with numbers, such as 2.5: “{value}” is none."), field, wanted)
        terms = [f"{field.key}\nn{term}" for term in range_terms(number_digits(value), greater=greater)]
        return _found(terms, _compared(as_number(field.key), wanted.comparison, value), by_index)
    if field.kind is FieldKind.DATE:
        if not is_date(wanted.value):
            raise _wrong(
                Message("{name} is compared with dates, such as 2026-11-21: “{value}” is none."), field, wanted
            )
        terms = [f"{field.key}\nd{term}" for term in range_terms(date_digits(wanted.value), greater=greater)]
        return _found(terms, _compared(as_date(field.key), wanted.comparison, wanted.value), by_index)
    raise _wrong(
        Message("{name} is neither number nor date: it is equal to a value, such as {name}:{value}."), field, wanted
    )


def _wrong(sentence: Message, field: DefinedField, wanted: FieldCondition) -> InvalidInputError:
    return InvalidInputError({"filter": Message(sentence.template, name=field.name, value=wanted.value)})


def _of_no_field(session: Session, wanted: FieldCondition, by_index: bool) -> ColumnElement[bool]:
    """What stands in metadata without being a field can be looked for; a name that nobody knows is a mistake."""
    if wanted.comparison is Comparison.EQUAL:
        forms = _plain_forms(wanted.value)
        if session.execute(select(select(_METADATA).where(_equals(wanted.name, forms)).exists())).scalar_one():
            return _equals(wanted.name, forms, by_index)
    raise InvalidInputError(
        {
            "filter": Message(
                "The center has no field “{name}”, and no sample has “{value}” under that name.",
                name=wanted.name,
                value=wanted.value,
            )
        }
    )


def _forms(field: DefinedField, text: str) -> list[Any]:
    """The value as the field keeps it, and as somebody may have kept it before it was this field."""
    try:
        value = typed(field, text)
    except ValueError as error:
        if field.kind is FieldKind.NUMBER:
            raise InvalidInputError({"filter": str(error)}) from None
        value = text
    return [value] if value == text else [value, *_plain_forms(text)]


def _plain_forms(text: str) -> list[Any]:
    """What is typed as 37 or true finds the text and also the number or the truth."""
    forms: list[Any] = [text]
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        parsed = None
    if isinstance(parsed, bool) or (isinstance(parsed, int | float) and abs(parsed) <= 1e300):
        forms.append(parsed)
    return forms


def _equals(key: str, forms: Sequence[Any], by_index: bool = True) -> ColumnElement[bool]:
    terms = [f"{key}\n{_term(form)}" for form in forms]
    return _found(terms, or_(*(_METADATA.contains({key: form}) for form in forms)), by_index)


def _term(value: Any) -> str:
    if isinstance(value, bool):
        return f"b{str(value).lower()}"
    return f"s{value[:60]}" if isinstance(value, str) else f"n{number_digits(value)}"


def _compared(column: ColumnElement[Any], comparison: Comparison, value: Any) -> ColumnElement[bool]:
    found: dict[Comparison, ColumnElement[bool]] = {
        Comparison.GREATER: column > value,
        Comparison.GREATER_OR_EQUAL: column >= value,
        Comparison.LESS: column < value,
        Comparison.LESS_OR_EQUAL: column <= value,
    }
    return found[comparison]


def as_number(key: str) -> ColumnElement[Any]:
    """The value where it is a number; casting another one would be an error."""
    value = _METADATA.op("->", return_type=_METADATA.type)(key)
    return case((func.jsonb_typeof(value) == "number", cast(cast(value, Text), Numeric)), else_=None)


def as_date(key: str) -> ColumnElement[Any]:
    """The value where it is a day, as a text that sorts as days do."""
    value = _METADATA.op("->>", return_type=Text())(key)
    return case((value.op("~")("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), collate(value, "C")), else_=None)


def _found(terms: Sequence[str], check: ColumnElement[bool], by_index: bool) -> ColumnElement[bool]:
    # Inside coalesce() the planner has no opinion of it, as with words (db/search.py).
    checked: ColumnElement[bool] = func.coalesce(check, literal(False))
    if not by_index:
        return checked
    return and_(func.public.field_terms(_METADATA).op("&&", is_comparison=True)(cast(terms, ARRAY(Text))), checked)


def range_terms(digits: str, *, greater: bool) -> list[str]:
    """The beginnings of hexadecimal digits that sort after these (or before), and these themselves."""
    found = [digits]
    for place, digit in enumerate(digits):
        here = int(digit, 16)
        found += [f"{digits[:place]}{other:x}" for other in (range(here + 1, 16) if greater else range(here))]
    return found


def number_digits(value: float) -> str:
    """The same as in public.field_terms() in the database."""
    nearest = 0.0 if abs(value) < 1e-300 else abs(float(value))
    bits = int.from_bytes(struct.pack(">d", nearest), "big") >> 43
    bits = min(max(bits - 507_392, 0), 32_767)
    return f"{32_767 - bits if value < 0 else 32_768 + bits:04x}"


def date_digits(text: str) -> str:
    """The same as in public.field_terms() in the database."""
    day = date.fromisoformat(text)
    return f"{((day.year - 1800) * 372 + day.month * 31 + day.day) >> 2:04x}"
