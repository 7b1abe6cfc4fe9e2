"""The center's own words: sample types and rejection reasons."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desktop_app.db.fields import next_place
from desktop_app.db.models import RejectionReasonRow, SampleTypeRow
from desktop_app.domain.records import ListedType, RejectionReason
from desktop_app.errors import NotFoundError

_TYPES = SampleTypeRow.__table__
_REASONS = RejectionReasonRow.__table__


def sample_types(session: Session, *, include_inactive: bool = False) -> tuple[ListedType, ...]:
    """The types in the center's order."""
    rows = session.execute(select(_TYPES).order_by(_TYPES.c.position, _TYPES.c.name))
    found = (ListedType(**row) for row in rows.mappings())
    return tuple(each for each in found if include_inactive or each.is_active)


def rejection_reasons(session: Session, *, include_inactive: bool = False) -> tuple[RejectionReason, ...]:
    """The reasons in the center's order."""
    rows = session.execute(select(_REASONS).order_by(_REASONS.c.position, _REASONS.c.name))
    found = (RejectionReason(**row) for row in rows.mappings())
    return tuple(each for each in found if include_inactive or each.is_active)


def add_sample_type(session: Session, code: str, name: str, position: int | None) -> ListedType:
    """A further type, the last where its place is None; ConflictError for a code that is there."""
    place = next_place(_TYPES.c.position) if position is None else position
    adding = insert(SampleTypeRow).values(code=code, name=name, position=place)
    return ListedType(**session.execute(adding.returning(*_TYPES.c)).mappings().one())


def add_rejection_reason(session: Session, reason_id: UUID, name: str, position: int | None) -> RejectionReason:
    """A further reason, the last where its place is None; ConflictError for one that is there."""
    place = next_place(_REASONS.c.position) if position is None else position
    adding = insert(RejectionReasonRow).values(id=reason_id, name=name, position=place)
    return RejectionReason(**session.execute(adding.returning(*_REASONS.c)).mappings().one())


def change_sample_type(session: Session, changed: ListedType) -> None:
    """Another name or place, or out of use; NotFoundError."""
    values = {"name": changed.name, "position": changed.position, "is_active": changed.is_active}
    named = update(SampleTypeRow).where(_TYPES.c.code == changed.code)
    done = session.execute(named.values(values).returning(_TYPES.c.code))
    if done.first() is None:
        raise NotFoundError("There is no such sample type.")


def change_rejection_reason(session: Session, changed: RejectionReason) -> None:
    """Another name or place, or out of use; NotFoundError."""
    values = {"name": changed.name, "position": changed.position, "is_active": changed.is_active}
    named = update(RejectionReasonRow).where(_REASONS.c.id == changed.id)
    done = session.execute(named.values(values).returning(_REASONS.c.id))
    if done.first() is None:
        raise NotFoundError("There is no such reason.")
