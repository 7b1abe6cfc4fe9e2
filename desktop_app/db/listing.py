"""What lists of a center share: pages from a key on, capped counts, the names of who made a row."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from desktop_app.db.models import DocumentRow, PersonRow, SampleRow
from desktop_app.domain.paging import COUNT_CAP, Count, Page, PageKey

Record = TypeVar("Record")

creator = aliased(PersonRow, name="creator")
updater = aliased(PersonRow, name="updater")


def display_name(
    person: Any, login: InstrumentedAttribute[str] | ColumnElement[str] | None = None
) -> ColumnElement[str]:
    """The name to show for a joined person; without such a person the login that acted."""
    names: list[Any] = [func.nullif(person.display_name, ""), person.user_name]
    return func.coalesce(*names, login if login is not None else "")


def page_of(
    session: Session,
    query: Select[Any],
    table: type[SampleRow] | type[DocumentRow],
    after: PageKey | None,
    limit: int,
    record: Callable[[Any], Record],
) -> Page[Record]:
    """The rows of *query* newest first, at most *limit*, after the key: a row comparison that the index answers."""
    if after is not None:
        query = query.where(tuple_(table.created_at, table.id) < tuple_(after.created_at, after.id))
    # One row more than asked for tells whether there is a next page.
    query = query.order_by(table.created_at.desc(), table.id.desc()).limit(limit + 1)
    rows: Sequence[Any] = session.execute(query).all()
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(
        rows=tuple(record(row) for row in shown),
        next=PageKey(shown[-1].created_at, shown[-1].id) if more and shown else None,
    )


def capped_count(session: Session, query: Select[Any]) -> Count:
    """How many rows the query has, counted no further than the cap."""
    some = query.with_only_columns(literal(1), maintain_column_froms=True).order_by(None).limit(COUNT_CAP + 1).subquery()
    number = session.execute(select(func.count()).select_from(some)).scalar_one()
    return Count(min(number, COUNT_CAP), capped=number > COUNT_CAP)
