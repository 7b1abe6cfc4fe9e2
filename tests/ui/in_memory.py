"""Rows kept in memory in pages, and errors on demand."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from desktop_app.domain.paging import Count, Page, PageKey, Part
from desktop_app.domain.records import Record
from desktop_app.domain.sorting import Sort
from desktop_app.errors import LabkeepError, NotFoundError


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


class Rows:
    """Records by id, in pages."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self.rows: dict[UUID, Any] = {row.id: row for row in rows}

    def page(self, fits: Callable[[Any], bool], after: PageKey | None, limit: int, sort: Sort[Any]) -> Page[Any]:
        def key(row: Any) -> tuple[Any, UUID]:
            return getattr(row, sort.field.value), row.id

        rows = sorted(filter(fits, self.rows.values()), key=key, reverse=sort.descending)
        if after is not None:
            there: Any = (after.value, after.id)
            rows = [row for row in rows if (key(row) < there if sort.descending else key(row) > there)]
        shown = tuple(rows[:limit])
        return Page(shown, PageKey(*key(shown[-1])) if len(rows) > limit else None)

    def part(self, fits: Callable[[Any], bool], part: Part, sort: Sort[Any]) -> tuple[Any, ...]:
        rows = self.page(fits, None, len(self.rows) + 1, sort).rows
        return part_of(rows, part)

    def put(self, row: Record) -> Any:
        self.rows[row.id] = row
        return row

    def change(self, row: Any, **changes: Any) -> Any:
        current = self.rows.get(row.id)
        if current is None:
            raise NotFoundError("There is no such thing.")
        return self.put(replace(current, **changes, row_version=current.row_version + 1))


def part_of(rows: Sequence[Any], part: Part) -> tuple[Any, ...]:
    if part.from_end:
        return tuple(rows[max(0, len(rows) - part.skip - part.limit) : len(rows) - part.skip])
    return tuple(rows[part.skip : part.skip + part.limit])


def capped(number: int, cap: int) -> Count:
    return Count(min(number, cap), capped=number > cap)


def fits_activity(wanted: Any) -> Callable[[Any], bool]:
    return lambda row: row.is_active or wanted.include_inactive
