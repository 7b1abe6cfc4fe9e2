"""The rows of a long list by their places, some of them read: near the beginning, near the end, wherever one looked."""

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from desktop_app.domain.paging import Count, Part

Row = TypeVar("Row")

BLOCK = 100
"""How many rows are read at once."""


class SparseRows(Generic[Row]):
    """Where the count is capped, half of the places are counted from the beginning and half from the end.

    Between the two is one more place, the gap: nobody knows how many rows are there. Where the count is exact there is
    no gap, and every place is counted from the end that is nearer.
    """

    def __init__(self, count: Count) -> None:
        self.count = count
        self._front: dict[int, Row] = {}
        self._back: dict[int, Row] = {}
        self._front_size = (count.number + 1) // 2

    @classmethod
    def beginning_with(cls, rows: Sequence[Row]) -> "SparseRows[Row]":
        """Only these are known yet."""
        made = cls(Count(len(rows)))
        made._front_size = len(rows)
        made.put(Part(), rows)
        return made

    def resized(self, count: Count) -> "SparseRows[Row]":
        """The same rows where more of them, or fewer, were counted: each keeps its place from its own end."""
        made: SparseRows[Row] = SparseRows(count)
        for at, row in self._front.items():
            made._set(at, row)
        for at, row in self._back.items():
            made._set(made.size - 1 - at, row)
        return made

    @property
    def size(self) -> int:
        """How many places there are, the gap among them."""
        return self.count.number + self.count.capped

    @property
    def gap(self) -> int:
        """The place of the gap, or -1."""
        return self._front_size if self.count.capped else -1

    def get(self, at: int) -> Row | None:
        """The row at a place, if it was read."""
        return self._front.get(at) if at < self._front_size else self._back.get(self.size - 1 - at)

    def part_of(self, at: int) -> Part:
        """What is to be read for the row at a place."""
        from_end = at >= self._front_size
        number = self.size - 1 - at if from_end else at
        return Part(number // BLOCK * BLOCK, BLOCK, from_end)

    def places_of(self, part: Part) -> range:
        """The places that a part is about, from first to last."""
        if part.from_end:
            return range(max(0, self.size - part.skip - part.limit), max(0, self.size - part.skip))
        return range(min(part.skip, self.size), min(part.skip + part.limit, self.size))

    def put(self, part: Part, rows: Sequence[Row]) -> None:
        """These were read for a part. What lies beyond the places that are counted is left out."""
        first = self.size - part.skip - len(rows) if part.from_end else part.skip
        for at, row in enumerate(rows, start=first):
            if not self.count.capped or (at > self.gap if part.from_end else at < self.gap):
                self._set(at, row)

    def replace(self, at: int, row: Row) -> None:
        """Another state of the row at a place."""
        self._set(at, row)

    def without(self, at: int) -> "SparseRows[Row]":
        """The same without the row at a place: those after it move up."""
        made: SparseRows[Row] = SparseRows(Count(self.count.number - 1, self.count.capped))
        for place, row in self.items():
            if place != at:
                made._set(place - (place > at), row)
        return made

    def items(self) -> Iterator[tuple[int, Row]]:
        """Places and rows that were read, in order."""
        yield from sorted(self._front.items())
        for at, row in sorted(self._back.items(), reverse=True):
            yield self.size - 1 - at, row

    def _set(self, at: int, row: Row) -> None:
        if not 0 <= at < self.size or at == self.gap:
            return
        if at < self._front_size:
            self._front[at] = row
        else:
            self._back[self.size - 1 - at] = row
