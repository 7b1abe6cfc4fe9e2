"""The rows of a sheet as they are read: bounded, with the headings found, blank rows left out."""

from collections.abc import Mapping, Sequence

from desktop_app.domain.sheets import (
    MOST_CHARACTERS,
    MOST_COLUMNS,
    MOST_ROWS,
    Sheet,
    SheetForm,
    column_letters,
    plain_heading,
)
from desktop_app.errors import RefusedError
from desktop_app.message import Message

BEYOND = Message("This stands outside of the columns that have a heading.")


class CollectedRows:
    """Takes row after row; RefusedError where it is more than comes in at once.

    The first row has the headings, unless they are known without one.
    """

    def __init__(self, headings: tuple[str, ...] | None = None) -> None:
        self._headings = headings
        self._rows: list[tuple[str, ...]] = []
        self._numbers: list[int] = []
        self._unreadable: dict[tuple[int, int], Message] = {}
        self._characters = 0

    def add(self, number: int, cells: Sequence[str], unreadable: Mapping[int, Message]) -> None:
        """One row with the number that the spreadsheet shows; *unreadable* says of places what they hold instead."""
        if not any(cells) and not unreadable:
            return
        if len(cells) > MOST_COLUMNS:
            raise RefusedError("The sheet has more than {most} columns.", most=MOST_COLUMNS)
        self._characters += sum(map(len, cells))
        require_size(len(self._rows) + 1, self._characters)
        if self._headings is None:
            self._headings = _headings(cells, unreadable)
            return
        width = len(self._headings)
        row = tuple(cells[:width]) + ("",) * (width - len(cells))
        for place, why in unreadable.items():
            self._unreadable[number, min(place, width)] = why
        if any(cells[width:]):
            self._unreadable[number, width] = BEYOND
        self._rows.append(row)
        self._numbers.append(number)

    def sheet(self, form: SheetForm) -> Sheet:
        """All of it; RefusedError where there is not even a row of headings."""
        if self._headings is None:
            raise RefusedError("The sheet is empty: its first row must say what stands in each column.")
        return Sheet(self._headings, self._rows, tuple(self._numbers), form, self._unreadable)


def require_size(rows: int, characters: int) -> None:
    """RefusedError where so much is more than comes in at once."""
    if rows > MOST_ROWS or characters > MOST_CHARACTERS:
        raise RefusedError(
            "The sheet is too large to come in at once: at most {most} rows. Divide it, and take one part after the "
            "other.",
            most=MOST_ROWS,
        )


def _headings(cells: Sequence[str], unreadable: Mapping[int, Message]) -> tuple[str, ...]:
    if unreadable:
        place, why = next(iter(unreadable.items()))
        raise RefusedError("Heading of column {column}: {why}", column=column_letters(place), why=why)
    width = max(place for place, cell in enumerate(cells) if cell.strip()) + 1 if any(map(str.strip, cells)) else 0
    # A column without a heading is called as the spreadsheet calls it.
    headings = tuple(cell.strip() or column_letters(place) for place, cell in enumerate(cells[:width]))
    seen: set[str] = set()
    for heading in headings:
        same = plain_heading(heading) or heading
        if same in seen:
            raise RefusedError("Two columns have the heading {heading}.", heading=heading)
        seen.add(same)
    return headings
