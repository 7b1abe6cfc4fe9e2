"""Rows kept in memory in pages, errors on demand, and for which service a class in memory stands."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar
from uuid import UUID

from desktop_app.domain.paging import Count, Page, PageKey, Part
from desktop_app.domain.records import Record
from desktop_app.domain.sorting import OwnField, Sort
from desktop_app.errors import LabkeepError, NotFoundError

Row = TypeVar("Row", bound=Record)
Some = TypeVar("Some")
Class = TypeVar("Class", bound=type)


@dataclass(frozen=True)
class Comparison:
    """A class in memory and what it stands for; test_fake_services.py compares the two."""

    fake: type
    services: tuple[type, ...]
    handles: frozenset[str]
    """What is on it for the test's own hand and on no service."""
    uncalled: frozenset[str]
    """What the window never asks of the services, though it asks something of this name of other things."""


FAKES: list[Comparison] = []


def stands_for(*services: type, handles: str = "", uncalled: str = "") -> Callable[[Class], Class]:
    """Say of a class which services it stands for."""

    def note(fake: Class) -> Class:
        FAKES.append(Comparison(fake, services, frozenset(handles.split()), frozenset(uncalled.split())))
        return fake

    return note


@dataclass
class Trouble:
    """Errors to be raised by the next call of a name, such as ``samples.list``."""

    errors: dict[str, list[LabkeepError]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    down: LabkeepError | None = None
    """While it is set, every call ends with it."""

    def meet(self, name: str) -> None:
        self.calls.append(name)
        if self.down is not None:
            raise self.down
        if self.errors.get(name):
            raise self.errors[name].pop(0)

    def next(self, name: str, error: LabkeepError) -> None:
        self.errors.setdefault(name, []).append(error)


class Rows(Generic[Row]):
    """Records by id, in pages."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows: dict[UUID, Row] = {row.id: row for row in rows}

    def page(self, fits: Callable[[Row], bool], after: PageKey | None, limit: int, sort: Sort[Any]) -> Page[Row]:
        own = sort.field.key if isinstance(sort.field, OwnField) else None

        def key(row: Row) -> tuple[Any, UUID]:
            return getattr(row, sort.field) if own is None else getattr(row, "metadata", {})[own], row.id

        found = list(filter(fits, self.rows.values()))
        without = [] if own is None else [row for row in found if own not in getattr(row, "metadata", {})]
        rows = sorted((row for row in found if row not in without), key=key, reverse=sort.descending)
        rows += sorted(without, key=lambda row: row.id)
        if after is not None:
            there: Any = (after.value, after.id)
            rows = [row for row in rows if (key(row) < there if sort.descending else key(row) > there)]
        shown = tuple(rows[:limit])
        return Page(shown, PageKey(*key(shown[-1])) if len(rows) > limit else None)

    def part(self, fits: Callable[[Row], bool], part: Part, sort: Sort[Any]) -> tuple[Row, ...]:
        rows = self.page(fits, None, len(self.rows) + 1, sort).rows
        return part_of(rows, part)

    def find(self, ref: str | UUID) -> Row:
        found = self.rows.get(ref) if isinstance(ref, UUID) else None
        if found is None:
            raise NotFoundError("There is no such thing.")
        return found

    def put(self, row: Row) -> Row:
        self.rows[row.id] = row
        return row

    def change(self, row: Row, **changes: Any) -> Row:
        current = self.find(row.id)
        return self.put(replace(current, **changes, row_version=current.row_version + 1))


def part_of(rows: Sequence[Some], part: Part) -> tuple[Some, ...]:
    if part.from_end:
        return tuple(rows[max(0, len(rows) - part.skip - part.limit) : len(rows) - part.skip])
    return tuple(rows[part.skip : part.skip + part.limit])


def capped(number: int, cap: int) -> Count:
    return Count(min(number, cap), capped=number > cap)


def fits_activity(wanted: Any) -> Callable[[Record], bool]:
    if getattr(wanted, "only_inactive", False):
        return lambda row: not row.is_active
    return lambda row: row.is_active or wanted.include_inactive
