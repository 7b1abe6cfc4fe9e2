"""A table over a long list: it has a row for every record, and reads those that are looked at."""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum, auto
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.paging import COUNT_CAP, Count, Part
from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.models.columns import NO_PARENT, Column, Index, RecordModel
from desktop_app.ui.models.list_source import Reading, Source, read_again
from desktop_app.ui.models.sparse_rows import BLOCK, SparseRows

Row = TypeVar("Row")

AHEAD = 30
"""So many rows above and below what is looked at are read as well."""


class State(Enum):
    """What the list can show."""

    IDLE = auto()
    LOADING = auto()
    READY = auto()
    EMPTY = auto()
    FAILED = auto()


class PagedTable(RecordModel[Row]):
    """Rows of one list. ``state_changed`` tells the view what to show around it.

    The view says by ``look_at`` which rows are in sight; they are read in blocks, from the end that is nearer. A
    record that was just made or asked for, and that is not among the rows which are read, stands above all.
    """

    state_changed = Signal(object)
    failed = Signal(object)
    counted = Signal(object)
    """The :class:`Count` of the list."""
    fetching_changed = Signal(bool)
    """Something is being read, or nothing any more."""

    def __init__(
        self,
        jobs: Jobs,
        columns: Sequence[Column[Row]],
        identity: Callable[[Row], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(columns, identity, parent)
        self._jobs = jobs
        self._source: Source[Row] | None = None
        # What the rows came from; not yet _source while that is read for the first time, and not where it failed.
        self._shown: Source[Row] | None = None
        self._list: SparseRows[Row] = SparseRows(Count(0))
        self._above: Row | None = None
        self._is_brought = False
        self._cap = COUNT_CAP
        self._sight = range(0)
        self._chosen: object = None
        self._reading: set[object] = set()
        self._short: set[Part] = set()
        self._whole: Source[Row] | None = None
        self._state = State.IDLE
        self.is_renewed = True
        """While the model is reset: whether it is another list, and not the same one read again."""

    @property
    def state(self) -> State:
        """What is to be shown now."""
        return self._state

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows that are read."""
        return tuple(row for _at, row in self._loaded())

    @property
    def is_counting(self) -> bool:
        """Whether there are more rows than the model has yet."""
        return "count" in self._reading

    def show(self, source: Source[Row] | None) -> None:
        """Show a list from its beginning, or what is shown of it anew; the old rows stay until then. None: nothing."""
        shown = self._shown
        self._source = source
        if source is None:
            for name in tuple(self._reading):
                self._jobs.forget(self, str(name))
            self._rest(*self._reading)
            self._shown = None
            self._reset(SparseRows(Count(0)), None, renewed=True)
            self._set_state(State.IDLE)
        elif shown is not None and shown.question == source.question:
            self._shown = source
            self.reload()
        else:
            self._read_first(source)

    def reload(self) -> None:
        """Read again what is shown, without moving it."""
        source = self._source
        if source is None or "first" in self._reading:
            return
        if source is not self._shown or self._state is not State.READY:
            self._read_first(source)
            return
        parts, above, cap = self._parts_in_use(), self._above, self._cap
        self._begin("again")
        self._jobs.read(
            self,
            "again",
            lambda: read_again(source, parts, None if above is None else self._identity(above), cap),
            lambda found: self._on_again(source, found),
            lambda error: self._on_failed(error, "again"),
        )

    def look_at(self, first: int, last: int) -> None:
        """The rows that the view has in sight: what is not read of them is read now."""
        self._sight = range(first, last + 1)
        source = self._shown
        if source is None:
            return
        shift = self._shift
        places = range(max(0, first - shift - AHEAD), min(self._list.size, last - shift + AHEAD + 1))
        missing = {self._list.part_of(at): None for at in places if at != self._list.gap and self._list.get(at) is None}
        for part in missing:
            self._read_part(source, part)
        if self._list.gap in places:
            self._count_further(source)

    def read_whole(self) -> bool:
        """Read every row, for what is done with all of them; False where it is not known how many there are."""
        source = self._shown
        if source is None or self._list.count.capped:
            return False
        part = Part(0, max(1, self._list.size))
        if self._whole is not source:
            # What was asked for before the list was asked for anew does not come any more.
            self._reading.discard(part)
        self._whole = source
        self._read_part(source, part)
        return True

    def set_chosen(self, identity: object) -> None:
        """Who is chosen: looked for again when the list is read again."""
        self._chosen = identity

    def upsert(self, record: Row) -> None:
        """Show a record as it is now: in its row, or above all where it is not in the list, so that it is seen."""
        row = self.row_of(self._identity(record))
        if row >= 0:
            self._put(row, record)
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(self._columns) - 1))
        else:
            self._drop_above()
            self.beginInsertRows(NO_PARENT, 0, 0)
            self._above = record
            self.endInsertRows()
            self._is_brought = "first" in self._reading
            if self._state is not State.READY:
                self._set_state(State.READY)
        self.reload()

    def remove(self, identity: object) -> None:
        """Take a row away."""
        row = self.row_of(identity)
        if row < 0:
            return
        if self._above is not None and row == 0:
            self._drop_above()
        else:
            self.beginRemoveRows(NO_PARENT, row, row)
            self._list = self._list.without(row - self._shift)
            self.endRemoveRows()
        if not self.rowCount():
            self._set_state(State.EMPTY)
        self.counted.emit(self._list.count)
        self.reload()

    def row_of(self, identity: object) -> int:
        """The row of a record, or -1; of one that is not read nobody knows."""
        return next((at for at, row in self._loaded() if self._identity(row) == identity), -1)

    def identity_at(self, row: int) -> object:
        """Who stands in a row, or None."""
        record = self._at(row)
        return None if record is None else self._identity(record)

    def record(self, index: Index) -> Row | None:
        """The record at an index, None where it is not read yet."""
        return self._at(index.row()) if index.isValid() else None

    def record_in(self, row: int) -> Row | None:
        """The record in a row, None where it is not read yet."""
        return self._at(row)

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        """How many rows there are, read or not."""
        return 0 if parent.isValid() else self._list.size + self._shift

    @property
    def _shift(self) -> int:
        return 0 if self._above is None else 1

    def _at(self, row: int) -> Row | None:
        if self._above is not None and row == 0:
            return self._above
        return self._list.get(row - self._shift) if self._shift <= row < self.rowCount() else None

    def _put(self, row: int, record: Row) -> None:
        if self._above is not None and row == 0:
            self._above = record
        else:
            self._list.replace(row - self._shift, record)

    def _loaded(self) -> Iterable[tuple[int, Row]]:
        if self._above is not None:
            yield 0, self._above
        for at, row in self._list.items():
            yield at + self._shift, row

    def _drop_above(self) -> None:
        if self._above is not None:
            self.beginRemoveRows(NO_PARENT, 0, 0)
            self._above = None
            self.endRemoveRows()

    def _read_first(self, source: Source[Row]) -> None:
        if not self.rowCount():
            self._set_state(State.LOADING)
        self._is_brought = False
        self._begin("first")
        self._jobs.read(
            self,
            "first",
            lambda: source.part(Part()),
            lambda rows: self._on_first(source, rows),
            lambda error: self._on_failed(error, "first"),
        )

    def _on_first(self, source: Source[Row], rows: Sequence[Row]) -> None:
        same = self._shown is not None and self._shown.question == source.question
        self._shown = source
        self._cap = COUNT_CAP
        self._short.clear()
        above = self._above
        known = above is None or any(self._identity(row) == self._identity(above) for row in rows)
        brought = None if known or not self._is_brought else above
        self._reset(SparseRows.beginning_with(rows), brought, renewed=not same)
        self._rest("first")
        self._set_state(State.READY if self.rowCount() else State.EMPTY)
        if len(rows) < BLOCK or source.count is None:
            self.counted.emit(self._list.count)
        else:
            self._read_count(source, self._cap)

    def _read_count(self, source: Source[Row], cap: int) -> None:
        count = source.count
        if count is None:
            return
        self._begin("count")
        self._jobs.read(
            self,
            "count",
            lambda: count(cap),
            lambda number: self._on_count(source, number, cap),
            lambda error: self._on_failed(error, "count"),
        )

    def _on_count(self, source: Source[Row], count: Count, cap: int) -> None:
        self._rest("count")
        if source is not self._shown:
            return
        self._cap = cap
        longer = count.number + count.capped - self._list.size
        if longer < 0:
            self.reload()
            return
        at = (self._list.gap if self._list.count.capped else self._list.size) + self._shift
        if longer:
            self.beginInsertRows(NO_PARENT, at, at + longer - 1)
        self._list = self._list.resized(count)
        if longer:
            self.endInsertRows()
        self.counted.emit(count)
        self._look_again()

    def _count_further(self, source: Source[Row]) -> None:
        """Somebody looks at the gap: the list grows there."""
        if not self.is_counting:
            self._read_count(source, 2 * self._cap)

    def _read_part(self, source: Source[Row], part: Part) -> None:
        if part in self._reading:
            return
        self._begin(part)
        self._jobs.read(
            self,
            str(part),
            lambda: source.part(part),
            lambda rows: self._on_part(source, part, rows),
            lambda error: self._on_failed(error, part),
        )

    def _on_part(self, source: Source[Row], part: Part, rows: Sequence[Row]) -> None:
        self._rest(part)
        if source is not self._shown:
            return
        self._list.put(part, rows)
        places = self._list.places_of(part)
        if places:
            first, last = places[0] + self._shift, places[-1] + self._shift
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self._columns) - 1))
        if len(rows) < len(places) and part not in self._short:
            # The list has become shorter since it was counted.
            self._short.add(part)
            self.reload()

    def _parts_in_use(self) -> tuple[Part, ...]:
        rows = [*self._sight, self.row_of(self._chosen)] if self._chosen is not None else list(self._sight)
        places = [row - self._shift for row in rows if self._shift <= row < self.rowCount()]
        parts = {self._list.part_of(at): None for at in places if at != self._list.gap}
        return tuple(parts) or (Part(),)

    def _on_again(self, source: Source[Row], found: Reading[Row]) -> None:
        self._rest("again")
        if source is not self._shown:
            return
        fresh: SparseRows[Row] = SparseRows(found.count)
        for part, rows in found.parts.items():
            fresh.put(part, rows)
        above = found.above
        if above is not None and any(self._identity(row) == self._identity(above) for _at, row in fresh.items()):
            above = None
        known = dict(self._list.items())
        moved = fresh.size != self._list.size or (above is None) is not (self._above is None)
        changed = [at for at, row in fresh.items() if known.get(at) != row]
        if moved or any(at in known and self._identity(known[at]) != self._identity(row) for at, row in fresh.items()):
            self._reset(fresh, above, renewed=False)
        else:
            self._list, self._above = fresh, above
            altered = [*([] if above is None else [0]), *(at + self._shift for at in changed)]
            if altered:
                self.dataChanged.emit(self.index(min(altered), 0), self.index(max(altered), len(self._columns) - 1))
        self._set_state(State.READY if self.rowCount() else State.EMPTY)
        self.counted.emit(found.count)
        self._look_again()

    def _look_again(self) -> None:
        if self._sight:
            self.look_at(self._sight[0], self._sight[-1])

    def _on_failed(self, error: LabkeepError, name: object) -> None:
        self._rest(name)
        self._set_state(State.READY if self.rowCount() else State.FAILED)
        self.failed.emit(error)

    def _reset(self, rows: SparseRows[Row], above: Row | None, *, renewed: bool) -> None:
        self.is_renewed = renewed
        self.beginResetModel()
        self._list, self._above = rows, above
        self.endResetModel()

    def _begin(self, name: object) -> None:
        self._reading.add(name)
        if len(self._reading) == 1:
            self.fetching_changed.emit(True)

    def _rest(self, *names: object) -> None:
        if not self._reading.isdisjoint(names):
            self._reading.difference_update(names)
            if not self._reading:
                self.fetching_changed.emit(False)

    def _set_state(self, state: State) -> None:
        self._state = state
        self.state_changed.emit(state)
