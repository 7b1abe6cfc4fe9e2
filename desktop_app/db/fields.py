"""The fields that a center defines for its samples."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, ScalarSelect, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desktop_app.db.errors import database_errors
from desktop_app.db.models import FieldRow
from desktop_app.domain.fields import BETWEEN, LARGEST_PLACE, DefinedField, FieldDraft, FieldKind
from desktop_app.errors import NotFoundError

_ROWS = FieldRow.__table__
_IN_ORDER = select(_ROWS).order_by(_ROWS.c.position, _ROWS.c.name)


def next_place(positions: ColumnElement[int]) -> ScalarSelect[Any]:
    """The place after the last row of a table whose places these are, rows out of use included."""
    return select(func.least(func.coalesce(func.max(positions), 0) + BETWEEN, LARGEST_PLACE)).scalar_subquery()


_NEXT_PLACE = next_place(_ROWS.c.position)


def list_fields(session: Session, *, include_inactive: bool = False) -> tuple[DefinedField, ...]:
    """The fields in the center's order."""
    found = (_read(row) for row in session.execute(_IN_ORDER))
    return tuple(each for each in found if include_inactive or each.is_active)


def add_field(session: Session, field_id: UUID, key: str, draft: FieldDraft) -> DefinedField:
    """A further field; InvalidInputError for a name that another has or had."""
    values = {"position": _NEXT_PLACE, **_values(draft), "id": field_id, "key": key}
    return _read(session.execute(insert(FieldRow).values(values).returning(*_ROWS.c)).one())


def change_field(session: Session, field_id: UUID, **changes: Any) -> DefinedField:
    """Other values of the named columns; NotFoundError."""
    statement = update(FieldRow).where(_ROWS.c.id == field_id).values(**changes).returning(*_ROWS.c)
    done = session.execute(statement).first()
    if done is None:
        raise NotFoundError("There is no such field.")
    return _read(done)


def locked_fields(session: Session) -> tuple[DefinedField, ...]:
    """All fields, which nobody else changes until the transaction ends."""
    return tuple(_read(row) for row in session.execute(_IN_ORDER.with_for_update()))


def put_field(session: Session, field: DefinedField, before: DefinedField | None) -> None:
    """One field as it shall be: a new one, or *before* changed. InvalidInputError; the transaction is over then."""
    values = _values(FieldDraft.of(field)) | {"is_active": field.is_active}
    with database_errors():
        if before is None:
            session.execute(insert(FieldRow).values(values | {"id": field.id, "key": field.key}))
            return
        old = _values(FieldDraft.of(before)) | {"is_active": before.is_active}
        changes = {name: value for name, value in values.items() if value != old[name]}
        session.execute(update(FieldRow).where(_ROWS.c.id == field.id).values(**changes))


def changed_columns(before: FieldDraft, after: FieldDraft) -> dict[str, Any]:
    """The columns in which a field shall become another: what somebody else changed in others meanwhile stays."""
    old, new = _values(before), _values(after)
    return {name: value for name, value in new.items() if value != old.get(name)}


def _values(draft: FieldDraft) -> dict[str, Any]:
    values = {
        "name": draft.name,
        "kind": draft.kind.value,
        "unit": draft.unit,
        "choices": list(draft.choices),
        "required": draft.required,
        "sample_types": list(draft.sample_types),
        "position": draft.position,
    }
    return {name: value for name, value in values.items() if value is not None}


def _read(row: Row[Any]) -> DefinedField:
    return DefinedField(
        id=row.id,
        key=row.key,
        name=row.name,
        kind=FieldKind(row.kind),
        unit=row.unit,
        choices=tuple(row.choices),
        required=row.required,
        sample_types=tuple(row.sample_types),
        position=row.position,
        is_active=row.is_active,
    )
