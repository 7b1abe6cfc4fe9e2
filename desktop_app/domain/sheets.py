"""Sheets of a spreadsheet as text: what was read of one, and what is wrong in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from desktop_app.domain.long_lists import let_go
from desktop_app.message import Message

MOST_ROWS = 250_000
"""So many rows come in at once: all of them are one change."""
MOST_COLUMNS = 1_000
MOST_CHARACTERS = 256 * 1024 * 1024
"""Of all cells together."""


@dataclass(frozen=True)
class SheetOptions:
    """How a file is to be read where it does not tell itself; empty is what it tells."""

    sheet: str = ""
    separator: str = ""
    encoding: str = ""


@dataclass(frozen=True)
class SheetForm:
    """How a file was read."""

    sheet: str = ""
    sheets: tuple[str, ...] = ()
    """All that a workbook has."""
    encoding: str = ""
    separator: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet: its headings, and below them rows of as many cells, all of them text as it was typed."""

    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numbers: tuple[int, ...]
    """The number that the spreadsheet shows beside each row."""
    form: SheetForm = SheetForm()
    unreadable: Mapping[tuple[int, int], Message] = field(default_factory=dict)
    """By number of the row and place of the column: what a cell holds instead of a text."""

    def let_go(self) -> None:
        """Nobody needs the rows any more; for a worker."""
        let_go(self.rows)


@dataclass(frozen=True)
class SheetFields:
    """What the columns of a sheet may come in as."""

    offered: tuple[tuple[str, str], ...]
    """Each field, and what a sheet calls it."""
    named: tuple[str, ...]
    """The field that the heading of each column names; empty where it names none that comes in."""


class SheetProblem(NamedTuple):
    """Why a row does not come in, said of one of its cells."""

    row: int
    column: str
    value: str
    problem: Message


def column_letters(place: int) -> str:
    """What a spreadsheet calls the column at this place, the first being 0: A, B, …, AA."""
    letters = ""
    place += 1
    while place:
        place, digit = divmod(place - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def plain_heading(text: str) -> str:
    """A heading as it is compared: letters and digits alone, in small letters."""
    return "".join(character for character in text.casefold() if character.isalnum())
