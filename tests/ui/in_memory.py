"""Rows kept in memory in pages, and errors on demand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from desktop_app.domain.paging import Page, PageKey
from desktop_app.domain.records import Record
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
    """Records by id, newest first, in pages."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self.rows: dict[UUID, Any] = {row.id: row for row in rows}

    def page(self, fits: Callable[[Any], bool], after: PageKey | None, limit: int) -> Page[Any]:
        rows = sorted(filter(fits, self.rows.values()), key=lambda row: (row.created_at, row.id), reverse=True)
        if after is not None:
            rows = [row for row in rows if (row.created_at, row.id) < (after.value, after.id)]
        shown = tuple(rows[:limit])
        more = len(rows) > limit
        return Page(shown, PageKey(shown[-1].created_at, shown[-1].id) if more else None)

    def put(self, row: Record) -> Any:
        self.rows[row.id] = row
        return row

    def change(self, row: Any, **changes: Any) -> Any:
        current = self.rows.get(row.id)
        if current is None:
            raise NotFoundError("There is no such thing.")
        return self.put(replace(current, **changes, row_version=current.row_version + 1))


def fits_activity(wanted: Any) -> Callable[[Any], bool]:
    return lambda row: row.is_active or wanted.include_inactive
