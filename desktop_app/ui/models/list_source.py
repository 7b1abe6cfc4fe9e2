"""Where a list comes from, and how what is shown of it is read again."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from desktop_app.domain.paging import Count, Part
from desktop_app.errors import NotFoundError
from desktop_app.ui.models.sparse_rows import BLOCK

Row = TypeVar("Row")


@dataclass(frozen=True)
class Source(Generic[Row]):
    """Where a list comes from. What it calls runs away from the GUI thread."""

    question: object
    """Which list it is: filter and order. The same question again reads what is shown anew, in its place."""
    part: Callable[[Part], Sequence[Row]]
    """The rows at these places, in the order of the list."""
    count: Callable[[int], Count] | None = None
    """How many there are, counted up to the cap it is given; None where ``part`` brings all of them at once."""
    again: Callable[[Any], Row] | None = None
    """One record by its identity, for one that stands above the list."""


@dataclass(frozen=True)
class Reading(Generic[Row]):
    """What is shown, read again."""

    count: Count
    parts: dict[Part, Sequence[Row]]
    above: Row | None


def read_again(source: Source[Row], parts: Iterable[Part], above: object, cap: int) -> Reading[Row]:
    """Read these parts of a list again, its count, and the record that stands above it by its identity."""
    found = {part: source.part(part) for part in (parts if source.count else (Part(),))}
    first = found.get(Part(), ())
    is_whole = source.count is None or 0 < len(first) < BLOCK or (Part() in found and not first)
    count = Count(len(first)) if source.count is None or is_whole else source.count(cap)
    record = None
    if above is not None and source.again is not None:
        try:
            record = source.again(above)
        except NotFoundError:
            record = None
    return Reading(count, found, record)
