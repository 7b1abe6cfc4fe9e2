"""The people of the session's center, as the center itself remembers them."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desktop_app.db.models import PersonRow
from desktop_app.domain.records import Person


def find_person(session: Session, user_id: UUID) -> Person | None:
    """Who this is or was in the center."""
    row = session.get(PersonRow, user_id)
    return None if row is None else _person(row)


def list_people(session: Session, include_former: bool = False) -> list[Person]:
    """Members by name; on demand also those who have left."""
    shown = func.lower(func.coalesce(func.nullif(PersonRow.display_name, ""), PersonRow.username))
    query = select(PersonRow).order_by(shown, PersonRow.username)
    if not include_former:
        query = query.where(PersonRow.member_until.is_(None))
    return [_person(row) for row in session.scalars(query)]


def _person(row: PersonRow) -> Person:
    return Person(
        id=row.id,
        login=row.login,
        username=row.username,
        display_name=row.display_name or row.username,
        member_from=row.member_from,
        member_until=row.member_until,
        is_system=row.is_system,
    )
