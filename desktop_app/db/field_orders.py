"""Orders of samples by the fields that their center defines (docs/decisions/center-fields.md)."""

from typing import Any

from sqlalchemy import ColumnElement, Numeric, Text, case, cast, collate, func, literal, literal_column, null
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from desktop_app.db.field_conditions import as_date, as_number
from desktop_app.db.fields import list_fields
from desktop_app.db.listing import Order, alphabetical
from desktop_app.db.models import SampleRow
from desktop_app.domain.fields import DefinedField, FieldKind, named
from desktop_app.domain.sorting import OwnField, SampleOrder, Sort
from desktop_app.errors import InvalidInputError
from desktop_app.message import Message

_METADATA = SampleRow.__table__.c.metadata


def own_order(session: Session, sort: Sort[SampleOrder]) -> Order | None:
    """What *sort* means where it is by a field of the center, else None; InvalidInputError for one that it has not."""
    if not isinstance(sort.field, OwnField):
        return None
    field = named(list_fields(session, include_inactive=True), sort.field.key)
    if field is None:
        raise InvalidInputError({"sort": Message("The center has no field “{name}” to sort by.", name=sort.field.key)})
    return _order(field, descending=sort.descending)


def _order(field: DefinedField, *, descending: bool) -> Order:
    """What has no fitting value stands after all that have one: each kind has something beyond its last and first."""
    match field.kind:
        case FieldKind.NUMBER:
            # As the database's own number: a float would take great ones for equal, and has not all that stand there.
            beyond: ColumnElement[Any] = literal_column("'-Infinity'::numeric" if descending else "'Infinity'::numeric")
            return Order(func.coalesce(as_number(field.key), beyond), Numeric())
        case FieldKind.DATE:
            days = func.coalesce(as_date(field.key), literal_column("''" if descending else "'~'"))
            return Order(collate(days, "C"))
        case FieldKind.YES_NO:
            truths = _of_kind(field.key, "boolean")
            return Order(collate(func.coalesce(truths, literal_column("''" if descending else "'~'")), "C"))
        case FieldKind.CHOICE:
            return Order(collate(_by_choice(field, descending=descending), "C"))
    texts = alphabetical(_of_kind(field.key, "string"))
    last, others = ("'0'", "'1'") if descending else ("'1'", "'0'")
    # A character before each, because there is none after the last one of Unicode.
    told = func.coalesce(_after(others, texts), literal_column(last))
    return Order(collate(told, "C"))


def _by_choice(field: DefinedField, *, descending: bool) -> ColumnElement[str]:
    """In the order in which the choices are offered; after them texts that are none, and what has no text at all."""
    text = _of_kind(field.key, "string")
    offered = func.array_position(cast(literal(list(field.choices), ARRAY(Text())), ARRAY(Text())), text)
    chosen, others, last = ("'3'", "'2'", "'1'") if descending else ("'1'", "'2'", "'3'")
    return func.coalesce(
        _after(chosen, func.lpad(cast(offered, Text()), 4, "0")),
        _after(others, alphabetical(text)),
        literal_column(last),
    )


def _after(first: str, text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Whatever begins with this stands together; nothing where there is no text."""
    return literal_column(first).op("||", return_type=Text())(text)


def _of_kind(key: str, kind: str) -> ColumnElement[str]:
    """The value as text where JSON has it as this: false stands before true as a text, too."""
    value = _METADATA.op("->", return_type=_METADATA.type)(key)
    return case((func.jsonb_typeof(value) == kind, _METADATA.op("->>", return_type=Text())(key)), else_=null())
