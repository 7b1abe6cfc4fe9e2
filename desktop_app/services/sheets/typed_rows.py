"""Rows that are typed or pasted into a grid of new samples: one more source of a sheet, beside files."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from desktop_app.domain.fields import DefinedField, FieldKind
from desktop_app.domain.formulas import unguarded
from desktop_app.domain.records import ListedType
from desktop_app.domain.sheets import Sheet, SheetForm, column_letters
from desktop_app.errors import RefusedError
from desktop_app.services.sheets.collected_rows import CollectedRows, require_size
from desktop_app.services.sheets.sample_columns import (
    HEADINGS,
    OF_METADATA,
    CenterWords,
    columns_of,
    field_named,
    heading_of,
)

FIRST = ("barcode", "sample_type", "name")
"""What nearly every sample is given stands where nobody has to scroll."""
_CELL = re.compile(r'"((?:[^"]|"")*+)"(?=[\t\r\n]|\Z)|[^\t\r\n]*')


@dataclass(frozen=True)
class Placed:
    """Pasted rows with the column that each of their cells goes to."""

    columns: tuple[int | None, ...]
    """None where there is none for it."""
    rows: tuple[tuple[str, ...], ...]
    """Without the row of headings; not all of the same length."""
    has_headings: bool
    left_out: tuple[str, ...]
    """Headings of columns that hold something and go nowhere."""


@dataclass(frozen=True)
class GridColumns:
    """The columns of a grid of new samples, where a center has these fields."""

    defined: tuple[DefinedField, ...] = ()

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The field of each column, as a sheet's columns come in."""
        own = (f"{OF_METADATA}{each.key}" for each in self.defined if each.is_active)
        return tuple(dict.fromkeys((*FIRST, *own, *HEADINGS)))

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """What stands above each column."""
        return tuple(heading_of(field, self.defined) for field in self.fields)

    @property
    def mapping(self) -> Mapping[str, str]:
        """Which heading is which field."""
        return dict(zip(self.headings, self.fields, strict=True))

    def offers(self, types: tuple[ListedType, ...]) -> dict[int, tuple[str, ...]]:
        """By the place of each column that does not take everything, what it takes; *types* are those in use."""
        words = CenterWords(types, ())
        found = {"sample_type": tuple(words.type_text(each.code) for each in types)}
        for field in self.defined:
            if field.kind in (FieldKind.CHOICE, FieldKind.YES_NO):
                found[f"{OF_METADATA}{field.key}"] = field.choices or ("yes", "no")
        return {at: found[field] for at, field in enumerate(self.fields) if field in found}

    def sheet(self, rows: Iterable[Sequence[str]]) -> Sheet:
        """The rows as they would come of a file, numbered from 1; RefusedError where they are too many at once."""
        collected = CollectedRows(self.headings)
        for number, cells in enumerate(rows, start=1):
            collected.add(number, cells, {})
        return collected.sheet(SheetForm())

    def placed(self, rows: Sequence[tuple[str, ...]], first: int) -> Placed:
        """Where pasted rows go: by their headings if the first row has some, else on from the column *first*.

        RefusedError where cells would lie outside of the grid, or two columns have headings of one field.
        """
        if _begins_with_headings(rows, self.defined):
            return self._by_headings(rows[0], tuple(rows[1:]))
        width = max((at + 1 for row in rows for at, cell in enumerate(row) if cell), default=0)
        room = len(self.fields) - first
        if width > room:
            raise RefusedError(
                "The copied rows are {width} columns wide, and there are {room} from this cell on: they are wider than "
                "the table. Begin further to the left, or copy the row of headings, too.",
                width=width,
                room=room,
            )
        return Placed(tuple(range(first, first + width)), tuple(row[:width] for row in rows), False, ())

    def _by_headings(self, headings: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Placed:
        found = columns_of(headings, {}, self.defined)
        width = max(map(len, (headings, *rows)))
        places = {field: at for at, field in enumerate(self.fields)}
        columns = tuple(places.get(found.get(at, "")) for at in range(width))
        filled = {at for row in rows for at, cell in enumerate(row) if cell}
        names = (*(name.strip() for name in headings), *[""] * (width - len(headings)))
        left_out = (at for at in sorted(filled) if columns[at] is None)
        return Placed(columns, rows, True, tuple(names[at] or column_letters(at) for at in left_out))


def pasted_rows(text: str) -> list[tuple[str, ...]]:
    """The cells of a table on the clipboard, as spreadsheets copy it; RefusedError where it is too large.

    Marks around a cell are taken off only where a tab, a line end or a quotation mark inside of it needs them: a cell
    that says "urgent" is copied by Excel as it is.
    """
    require_size(text.count("\n"), len(text))
    if '"' not in text and "'" not in text:
        return _plain_rows(text)
    rows: list[tuple[str, ...]] = []
    cells: list[str] = []
    at, end = 0, len(text)
    while True:
        found = _CELL.match(text, at)
        # It matches everywhere, if only nothing.
        cell, inner = (found.group(), found.group(1)) if found else ("", None)
        at += len(cell)
        if inner is not None and any(mark in inner for mark in '\t\r\n"'):
            cell = inner.replace('""', '"')
        cells.append(unguarded(cell))
        if at < end and text[at] == "\t":
            at += 1
            continue
        rows.append(tuple(cells))
        cells = []
        at += 2 if text.startswith("\r\n", at) else 1
        if at >= end:
            return rows


def _plain_rows(text: str) -> list[tuple[str, ...]]:
    """The same of a text without marks, ten times as fast: else 50,000 rows stop the window for 0.4 s."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > 1 and not lines[-1]:
        del lines[-1]
    return [tuple(line.split("\t")) for line in lines]


def _begins_with_headings(rows: Sequence[Sequence[str]], defined: Sequence[DefinedField]) -> bool:
    """Whether the first row names fields and no values: all that stands there, or half of it where that is several."""
    if len(rows) < 2:
        return False
    cells = [cell for cell in rows[0] if cell.strip()]
    known = sum(field_named(cell, defined) is not None for cell in cells)
    return known > 0 and (known == len(cells) or (known > 1 and 2 * known >= len(cells)))
