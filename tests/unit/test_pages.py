"""Every row of a list, fetched page after page, and no more than was asked for."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest

from desktop_app.domain.paging import Page, PageKey, pages


def _fetching(total: int, asked: list[int]) -> Callable[[PageKey | None, int], Page[int]]:
    def fetch(after: PageKey | None, size: int) -> Page[int]:
        asked.append(size)
        start = 0 if after is None else after.id.int
        rows = tuple(range(start, min(start + size, total)))
        end = start + len(rows)
        return Page(rows, PageKey(datetime(2026, 1, 1, tzinfo=UTC), UUID(int=end)) if end < total else None)

    return fetch


@pytest.mark.parametrize(
    ("total", "limit", "sizes"),
    [(1_200, 1_000, [500, 500]), (700, 1_000, [500, 500]), (3, 2, [2]), (3, 0, []), (1_200, None, [500, 500, 500])],
)
def test_pages_are_joined_up_to_the_limit(total: int, limit: int | None, sizes: list[int]) -> None:
    asked: list[int] = []
    rows = list(pages(_fetching(total, asked), limit))
    assert rows == list(range(total if limit is None else min(total, limit)))
    assert asked == sizes
