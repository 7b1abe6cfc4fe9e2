"""Pages of a long list, continued from a key; and parts of it by their places, near its beginning or its end."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from desktop_app.domain.type_checks import check_kinds, is_of_kind
from desktop_app.errors import InvalidInputError
from desktop_app.message import Message

Row = TypeVar("Row")
Key = TypeVar("Key")

DEFAULT_PAGE = 100
CLI_LIMIT = 1_000
COUNT_CAP = 10_000
_FETCHED = 500


@dataclass(frozen=True)
class PageKey:
    """Where the next page begins: after the row with this value and id. It counts in the order it was made in only."""

    value: datetime | str
    """What the list is sorted by, as the database compares it."""
    id: UUID


def check_page(after: PageKey | None, limit: int) -> None:
    """Raise InvalidInputError for what no page can be asked by."""
    if after is not None:
        check_kinds(after)
    if not is_of_kind(limit, int) or limit < 1:
        raise InvalidInputError({"limit": Message("This must be a whole number from 1 on.")})


class Page(NamedTuple, Generic[Row]):
    """Some rows of a list and where the rest begins; ``next`` is None on the last page."""

    rows: tuple[Row, ...]
    next: PageKey | None


def pages(
    fetch: Callable[[Key | None, int], tuple[Sequence[Row], Key | None]], at_most: int | None = None
) -> Iterator[Row]:
    """Every row of a list, or *at_most* so many, fetched page after page by where the last one ended and how many."""
    after: Key | None = None
    left = at_most
    while left is None or left > 0:
        rows, after = fetch(after, _FETCHED if left is None else min(_FETCHED, left))
        yield from rows
        if after is None:
            return
        left = None if left is None else left - len(rows)


@dataclass(frozen=True)
class Part:
    """Some rows of a list by their places, counted from its beginning or from its end.

    Rows are skipped on the server, so it is for places that are near one of the two.
    """

    skip: int = 0
    limit: int = DEFAULT_PAGE
    from_end: bool = False


@dataclass(frozen=True)
class Count:
    """How many rows a filter has: exact up to the cap, else so many and more."""

    number: int
    capped: bool = False


def batches(items: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """The items in lists of so many, the last one perhaps shorter."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
