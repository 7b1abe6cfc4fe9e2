"""What all lists share: records read from columns, pages from a key on in any order, capped counts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Executable,
    FromClause,
    Row,
    Select,
    Text,
    cast,
    collate,
    func,
    literal,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from desktop_app.db.models import PersonRow
from desktop_app.domain.paging import COUNT_CAP, Count, Page, PageKey, Part, check_page
from desktop_app.domain.sorting import Field, Sort
from desktop_app.message import Message

Record = TypeVar("Record")


@dataclass(frozen=True)
class Order:
    """What a list is sorted by, in the one direction or the other."""

    column: ColumnElement[Any]
    through: TypeEngine[Any] | None = None
    """Where the client takes a value for a text, because it has none that is the same: what it is cast back to."""

    @property
    def key(self) -> ColumnElement[Any]:
        """A row's value as the client keeps it."""
        return self.column if self.through is None else cast(self.column, Text)

    def at(self, value: object) -> Any:
        """A value that the client kept."""
        return value if self.through is None else cast(literal(value, Text), self.through)


@dataclass(frozen=True)
class Listing(Generic[Record, Field]):
    """How one kind of record is read: the column of each of its fields, and what a list of them is sorted by.

    Names and counts from other tables are scalar subqueries, never joins: PostgreSQL works them out for the rows of a
    page only, whereas for a word that most rows have it joined them all before it sorted (17 s at 300,000 samples,
    measured).
    """

    record: type[Record]
    table: FromClause
    columns: Mapping[str, ColumnElement[Any]]
    sorts: Mapping[Field, ColumnElement[Any]]
    made: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    """For fields that are not yet what the column's value is, such as enums."""

    def __post_init__(self) -> None:
        if missing := {each.name for each in fields(self.record)} ^ set(self.columns):  # type: ignore[arg-type]
            raise ValueError(
                Message("{kind} has other fields: {sorted}", kind=self.record.__name__, sorted=sorted(missing))
            )

    @cached_property
    def query(self) -> Select[Any]:
        """All of them. Made once: building it takes longer than PostgreSQL needs to answer it."""
        return select(*self.columns.values()).select_from(self.table)

    def read(self, row: Row[Any]) -> Record:
        """The record of a row of ``query``.

        Its fields are set at once: the constructor of a frozen class of 22 fields takes four times as long, a third
        of what a page of a hundred costs (measured).
        """
        record = object.__new__(self.record)
        values = record.__dict__
        values.update(zip(self.columns, row, strict=False))  # a page's rows end with what they are sorted by
        for name, make in self.made.items():
            values[name] = make(values[name])
        return record

    def first(self, session: Session, query: Select[Any], **values: object) -> Record | None:
        """The record that *query* (``self.query`` and a condition) finds with these values of its parameters, or None.

        A query that is kept and given its values is answered in two thirds of the time (measured).
        """
        row = session.execute(query, values).first()
        return None if row is None else self.read(row)

    def page(
        self,
        session: Session,
        conditions: Sequence[ColumnElement[bool]],
        sort: Sort[Field],
        after: PageKey | None,
        limit: int,
        order: Order | None = None,
    ) -> Page[Record]:
        """Those that meet the conditions, in the order of *sort*, at most *limit*, after the key.

        *order* is what *sort* means where it is none of ``sorts``; so in all that follows.
        """
        check_page(after, limit)
        order, row_id = order or self._order(sort), self.columns["id"]
        query = self.query.add_columns(order.key).where(*conditions)
        if after is not None:
            # A row comparison, because the index answers it; the same written with OR it does not.
            here, there = tuple_(order.column, row_id), tuple_(order.at(after.value), after.id)
            query = query.where(here < there if sort.descending else here > there)
        keys = self._keys(sort, order)
        # One row more than asked for tells whether there is a next page.
        rows = session.execute(query.order_by(*keys).limit(limit + 1)).all()
        shown = tuple(self.read(row) for row in rows[:limit])
        if len(rows) <= limit or not shown:
            return Page(shown, None)
        return Page(shown, PageKey(rows[limit - 1][-1], shown[-1].id))  # type: ignore[attr-defined]

    def part(
        self,
        session: Session,
        conditions: Sequence[ColumnElement[bool]],
        sort: Sort[Field],
        part: Part,
        order: Order | None = None,
    ) -> tuple[Record, ...]:
        """Those at these places of the order, fewer where the list ends; always in the order itself.

        From the end they are read in the opposite order, so that the last page of a million rows costs what the first
        one does. The rows that are skipped are counted by their keys alone: names and counts are worked out for what
        is shown only.
        """
        turned = sort.turned(part.from_end)
        after = self._key(session, conditions, turned, part.skip, order) if part.skip else None
        if part.skip and after is None:
            return ()
        rows = self.page(session, conditions, turned, after, part.limit, order).rows
        return rows[::-1] if part.from_end else rows

    def every(
        self,
        session: Session,
        conditions: Sequence[ColumnElement[bool]],
        sort: Sort[Field],
        at_once: int,
        order: Order | None = None,
    ) -> Iterator[Record]:
        """All that meet the conditions, read *at_once* by *at_once* from a cursor of the server: of one moment."""
        query = self.query.where(*conditions).order_by(*self._keys(sort, order or self._order(sort)))
        found = session.execute(query, execution_options={"stream_results": True, "max_row_buffer": at_once})
        for rows in found.partitions(at_once):
            yield from map(self.read, rows)

    def _order(self, sort: Sort[Field]) -> Order:
        return Order(self.sorts[sort.field])

    def _keys(self, sort: Sort[Field], order: Order) -> Sequence[ColumnElement[Any]]:
        row_id = self.columns["id"]
        return (order.column.desc(), row_id.desc()) if sort.descending else (order.column, row_id)

    def _key(
        self,
        session: Session,
        conditions: Sequence[ColumnElement[bool]],
        sort: Sort[Field],
        number: int,
        order: Order | None,
    ) -> PageKey | None:
        """The key of the row with this number, the first being 1; None where the list is shorter."""
        order = order or self._order(sort)
        query = select(order.key, self.columns["id"]).select_from(self.table).where(*conditions)
        query = query.order_by(*self._keys(sort, order))
        row = session.execute(query.offset(number - 1).limit(1)).first()
        return None if row is None else PageKey(row[0], row[1])


def alphabetical(text: ColumnElement[str]) -> ColumnElement[str]:
    """The text as people look for it: "a" beside "A", "ç" after every "c…"; see docs/decisions/sorting.md.

    Written as in the indexes samples_alphabetical and documents_alphabetical; constants, not parameters, as there.
    The dot is not written as U&'\\0307', which the server refuses to whose login sets standard_conforming_strings off.
    """
    plain = func.lower(collate(func.normalize(text, literal_column("NFD")), "C"))
    dotless = func.replace(plain, literal_column("'ı'"), literal_column("'i'"))
    return func.replace(dotless, literal_column("'i\u0307'"), literal_column("'i'"))


def bytewise(text: ColumnElement[str]) -> ColumnElement[str]:
    """The text in the order of its characters' numbers: for barcodes and other codes."""
    return collate(text, "C")


def person_name(condition: ColumnElement[bool], otherwise: ColumnElement[str] | None = None) -> ColumnElement[Any]:
    """The name to show for the center's person that meets the condition; for nobody *otherwise* (a login)."""
    people = PersonRow.__table__.c
    names = func.coalesce(func.nullif(people.display_name, literal_column("''")), people.username)
    found = select(names).where(condition).scalar_subquery()
    return found if otherwise is None else func.coalesce(found, otherwise)


def login_name(login: ColumnElement[str]) -> ColumnElement[Any]:
    """The name to show for a login that acted in the center, or the login itself."""
    return person_name(PersonRow.__table__.c.login == login, login)


def capped_count(
    session: Session,
    table: FromClause,
    conditions: Sequence[ColumnElement[bool]],
    without_index: Sequence[ColumnElement[bool]] = (),
    cap: int = COUNT_CAP,
) -> Count:
    """How many rows meet the conditions, counted no further than the cap.

    *without_index* are the same ones without trigrams. For a word that very many rows have, PostgreSQL rightly leaves
    the index alone, but then works out the trigrams of all that it counts (1.5 s for 10,000, measured).
    """
    rows = select(literal(1)).select_from(table)
    if without_index and _estimate(session, rows.where(*conditions)) > COUNT_CAP:
        conditions = without_index
    some = rows.where(*conditions).limit(cap + 1).subquery()
    number = session.execute(select(func.count()).select_from(some)).scalar_one()
    return Count(min(number, cap), capped=number > cap)


class _Explain(Executable, ClauseElement):
    """EXPLAIN of a query, which SQLAlchemy has no words for."""

    inherit_cache = False

    def __init__(self, query: Select[Any]) -> None:
        self.query = query


@compiles(_Explain)
def _compile_explain(element: _Explain, compiler: SQLCompiler, **options: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.query, **options)}"


def _estimate(session: Session, query: Select[Any]) -> int:
    """How many rows the planner expects; costs about a millisecond."""
    plan = session.execute(_Explain(query)).scalar_one()
    return int(plan[0]["Plan"]["Plan Rows"])
