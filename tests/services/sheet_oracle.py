"""What a center is to have after sheets with planted faults: kept beside from what they say, and compared by SQL.

Nothing of the services is asked: neither what is expected nor what is there comes from them.
"""

import json
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet
from psycopg2 import sql

from tests.services.conftest import ROOT, World

PLAIN = ["Barcode", "Name", "Type", "Description", "Collected at", "Responsible", "Collected place", "Results"]
OWN = {"amount": "number", "fixation": "choice", "drawn": "date", "consent": "yes-no", "note": "text", "needed": "text"}
HEADINGS = [*PLAIN, *(f"oracle {key}" for key in OWN)]
BEYOND = "beyond"
"""A cell right of the last heading."""
TWIN = "{stem}-twin"
FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("Name", {"Name": ""}),
    ("Name", {"Name": "n" * 201}),
    ("Name", {"Name": "two\nlines"}),
    ("Type", {"Type": "moon dust"}),
    ("Type", {"Type": ""}),
    ("Barcode", {"Barcode": "{stem}-taken{copy}"}),
    ("Barcode", {"Barcode": "{copy}" + "b" * 64}),
    ("Barcode", {"Barcode": TWIN}),
    ("Barcode", {"Barcode": TWIN}),
    ("Description", {"Description": "d" * 10_001}),
    ("Description", {"Description": "=1/0"}),
    ("Collected at", {"Collected at": "03/04/2026"}),
    ("Collected at", {"Collected at": "1700-01-01"}),
    ("Collected at", {"Collected at": "2026-02-30"}),
    ("Responsible", {"Responsible": "nobody.here"}),
    ("Collected place", {"Collected place": "p" * 201}),
    ("Results", {"Results": "r" * 20_001}),
    ("oracle amount", {"oracle amount": "two"}),
    ("oracle amount", {"oracle amount": "1,234"}),
    ("oracle amount", {"oracle amount": 12_345_678_901_234_567}),
    ("oracle fixation", {"oracle fixation": "vinegar"}),
    ("oracle drawn", {"oracle drawn": "21/11/2026"}),
    ("oracle consent", {"oracle consent": "perhaps"}),
    ("oracle note", {"oracle note": "t" * 2_001}),
    ("oracle needed", {"Type": "Saliva"}),
    ("", {BEYOND: "stray"}),
]
"""The column that is named, and the cells of the row that are wrong; the twins are one kind."""
ESCAPED: list[tuple[str, dict[str, Any]]] = [
    ("Name", {"Name": "NUL_x0000_"}),
    ("Name", {"Name": "bell_x0007_"}),
    ("Results", {"Results": "NUL_x0000_"}),
]


@dataclass(frozen=True)
class Known:
    """A sample as it is to be."""

    name: str
    description: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    sample_type: str = "blood"
    place: str = ""
    results: str = ""


@dataclass
class Oracle:
    """What the sheet says, and what the center is to have."""

    stem: str
    rows: list[list[Any]] = field(default_factory=list)
    wrong: set[tuple[int, str]] = field(default_factory=set)
    """Row and column of each fault."""
    samples: dict[str, Known] = field(default_factory=dict)

    def cells(self, number: int) -> dict[str, Any]:
        """A row without a fault."""
        return {
            "Barcode": self.barcode(number),
            "Name": f"00{number}",
            "Type": "Blood",
            "Description": f"  {number} ",
            "oracle amount": number / 4,
            "oracle fixation": "Formalin",
            "oracle drawn": "21.11.2026",
            "oracle consent": "yes",
            "oracle note": f"1E{number}",
        }

    def barcode(self, number: int) -> str:
        return f"{self.stem}-{number:05}"

    def known(self, number: int) -> Known:
        """The sample of such a row."""
        metadata = {"amount": number / 4, "fixation": "formalin", "drawn": "2026-11-21", "consent": True}
        return Known(f"00{number}", f"  {number} ", metadata | {"note": f"1E{number}"})

    def add(self, number: int, fault: tuple[str, dict[str, Any]] | None, copy: int = 0) -> None:
        """One row more; with a fault it becomes no sample."""
        cells = self.cells(number)
        if fault is None:
            self.samples[self.barcode(number)] = self.known(number)
        else:
            said = {"{stem}": self.stem, "{copy}": str(copy)}
            for name, cell in fault[1].items():
                for mark, value in said.items():
                    cell = cell.replace(mark, value) if isinstance(cell, str) else cell
                cells[name] = cell
            self.wrong.add((len(self.rows) + 2, fault[0]))
        self.rows.append(row_of(cells))

    def change(self, number: int, **values: Any) -> None:
        """The sample of that row is to be another."""
        self.samples[self.barcode(number)] = replace(self.samples[self.barcode(number)], **values)

    def change_field(self, number: int, key: str, value: Any) -> None:
        """One of its own fields is to be another; None for nothing."""
        metadata = {**self.samples[self.barcode(number)].metadata, key: value}
        self.change(number, metadata={name: each for name, each in metadata.items() if each is not None})


def row_of(cells: dict[str, Any]) -> list[Any]:
    """Cells by heading in the order of the sheet."""
    return [cells.get(name) for name in [*HEADINGS, BEYOND]]


def written(path: Path, oracle: Oracle) -> Path:
    """The sheet as a workbook."""
    book = openpyxl.Workbook()
    page = first_sheet(book)
    for row in (HEADINGS, *oracle.rows):
        page.append(row)
    book.save(path)
    return path


def first_sheet(book: openpyxl.Workbook) -> Worksheet:
    page = book.active
    assert page is not None
    return page


_THERE = """
    SELECT barcode, name, description, metadata::text, sample_type, collected_place, results, status, is_active
    FROM {}.samples WHERE starts_with(barcode, %s)
"""
_OTHERS = """
    SELECT count(*), coalesce(sum(hashtextextended(s::text, 0)), 0)::text FROM {}.samples s
    WHERE NOT starts_with(barcode, %s)
"""


def ask(world: World, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Alpha's rows as the database's administrator finds them; ``{}`` is its schema."""
    schema = sql.Identifier(world.lab(ROOT).centers.get("alpha").schema_name)
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(schema), values)
        return list(cursor.fetchall())


def others(world: World, oracle: Oracle) -> list[tuple[Any, ...]]:
    """Number and digest of all samples that the oracle knows nothing of."""
    return ask(world, _OTHERS, oracle.stem)


def assert_is(world: World, oracle: Oracle) -> None:
    """The center has exactly the oracle's samples, in every value."""
    found = {
        barcode: (Known(name, description, json.loads(metadata), *words), status, is_active)
        for barcode, name, description, metadata, *words, status, is_active in ask(world, _THERE, f"{oracle.stem}-")
    }
    wanted = {barcode: (known, "pending", True) for barcode, known in oracle.samples.items()}
    wrong = {each: (found.get(each), wanted.get(each)) for each in found.keys() | wanted.keys()}
    wrong = {each: both for each, both in wrong.items() if both[0] != both[1]}
    assert not wrong, (len(wrong), dict(sorted(wrong.items())[:3]))
