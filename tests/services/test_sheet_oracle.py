"""Sheets with planted faults go in, are changed by another program, go in again and are undone: after each the center
has what a list kept here says, which knows nothing of the services.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.fields import FieldDraft, FieldKind
from desktop_app.domain.rights import Role
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.sheets.sample_import import ImportResult
from desktop_app.services.sheets.sheet_file import read_sheet
from tests.services.conftest import World

PLAIN = ["Barcode", "Name", "Type", "Description", "Collected at", "Responsible", "Collected place", "Results"]
OWN = {"amount": "number", "fixation": "choice", "drawn": "date", "consent": "yes-no", "note": "text", "needed": "text"}
HEADINGS = [*PLAIN, *(f"oracle {key}" for key in OWN)]
FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("Name", {"Name": ""}),
    ("Name", {"Name": "n" * 201}),
    ("Name", {"Name": "two\nlines"}),
    ("Type", {"Type": "moon dust"}),
    ("Type", {"Type": ""}),
    ("Barcode", {"Barcode": "{stem}-taken"}),
    ("Barcode", {"Barcode": "b" * 65}),
    ("Barcode", {"Barcode": "{stem}-twin"}),
    ("Barcode", {"Barcode": "{stem}-twin"}),
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
    ("", {"beyond": "stray"}),
]
ESCAPED: list[tuple[str, dict[str, Any]]] = [
    ("Name", {"Name": "NUL_x0000_"}),
    ("Name", {"Name": "bell_x0007_"}),
    ("Results", {"Results": "NUL_x0000_"}),
]


@dataclass
class Oracle:
    """What the sheet says, and what the center is to have."""

    stem: str
    rows: list[list[Any]] = field(default_factory=list)
    wrong: set[tuple[int, str]] = field(default_factory=set)
    samples: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def good(self, number: int) -> dict[str, Any]:
        return {
            "Barcode": f"{self.stem}-{number:05}",
            "Name": f"00{number}",
            "Type": "Blood",
            "Description": f"  {number} ",
            "oracle amount": number / 4,
            "oracle fixation": "Formalin",
            "oracle drawn": "21.11.2026",
            "oracle consent": "yes",
            "oracle note": f"1E{number}",
        }

    def add(self, number: int, fault: tuple[str, dict[str, Any]] | None) -> None:
        cells = self.good(number)
        if fault is None:
            amount, drawn = number / 4, "2026-11-21"
            metadata = {
                "amount": amount,
                "fixation": "formalin",
                "drawn": drawn,
                "consent": True,
                "note": cells["oracle note"],
            }
            self.samples[cells["Barcode"]] = (cells["Name"], "blood", cells["Description"], metadata)
        else:
            planted = {
                name: cell.replace("{stem}", self.stem) if isinstance(cell, str) else cell
                for name, cell in fault[1].items()
            }
            if fault[0] == "oracle needed":
                cells.pop("oracle needed", None)
            cells |= planted
            self.wrong.add((len(self.rows) + 2, fault[0]))
        self.rows.append([cells.get(name) for name in [*HEADINGS, "beyond"]])


@pytest.fixture(scope="module")
def fields(world: World) -> Iterator[None]:
    with world.lab("a.admin").center("alpha") as admin:
        made = [
            admin.fields.create(
                FieldDraft(
                    name=f"oracle {key}",
                    kind=FieldKind(kind),
                    choices=("formalin", "none") if kind == "choice" else (),
                    required=key == "needed",
                    sample_types=("saliva",) if key == "needed" else (),
                ),
                key=key,
            )
            for key, kind in OWN.items()
        ]
        yield
        for each in made:
            admin.fields.set_active(each, active=False)


@pytest.fixture
def work(world: World, fields: None) -> Iterator[CenterServices]:
    with world.enter(world.person(Role.USER, "alpha")) as lab, lab.center("alpha") as opened:
        yield opened


def written(path: Path, oracle: Oracle) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(HEADINGS)
    for row in oracle.rows:
        page.append(row)
    book.save(path)
    return path


def goes_in(work: CenterServices, path: Path, oracle: Oracle, *, update: bool) -> ImportResult:
    result = work.imports.apply(work.imports.plan(read_sheet(path), update=update), skip_bad=True)
    assert {(each.row, each.column) for each in result.problems} == oracle.wrong
    return result


def assert_is(work: CenterServices, oracle: Oracle) -> None:
    barcodes = [f"{oracle.stem}-{number:05}" for number in range(len(oracle.rows))]
    missing = set(work.samples.unknown([*barcodes, f"{oracle.stem}-twin"]))
    assert missing == {*barcodes, f"{oracle.stem}-twin"} - set(oracle.samples)
    for barcode in list(oracle.samples)[:: max(1, len(oracle.samples) // 100)]:
        found = work.samples.get(barcode)
        now = (found.name, found.sample_type, found.description, dict(found.metadata))
        assert now == oracle.samples[barcode]


def test_a_sheet_of_faults_goes_in_out_and_back_as_the_list_says(
    world: World, work: CenterServices, tmp_path: Path
) -> None:
    oracle = Oracle(world.unused("oracle"))
    work.samples.create(SampleDraft(name="There", sample_type="blood", barcode=f"{oracle.stem}-taken"))
    rows, faults = 400, FAULTS + ESCAPED
    at = {7 + place * (rows // len(faults) - 1): fault for place, fault in enumerate(faults)}
    for number in range(rows):
        oracle.add(number, at.get(number))
    path = written(tmp_path / "in.xlsx", oracle)
    first = goes_in(work, path, oracle, update=False)
    assert first.created == len(oracle.samples)
    assert_is(work, oracle)

    book = openpyxl.load_workbook(path)
    page = book.active
    assert page is not None
    before = dict(oracle.samples)
    for number in range(0, 100, 10):
        barcode = f"{oracle.stem}-{number:05}"
        if barcode in oracle.samples:
            page.cell(number + 2, 2, f"changed {number}")
            oracle.samples[barcode] = (f"changed {number}", *oracle.samples[barcode][1:])
    book.save(path)
    oracle.wrong = {each for each in oracle.wrong if oracle.rows[each[0] - 2][0] != f"{oracle.stem}-taken"}
    work.samples.update(
        work.samples.get(f"{oracle.stem}-taken"), SampleDraft(name="Mine", sample_type="blood", barcode=oracle.stem)
    )
    oracle.samples[f"{oracle.stem}-taken"] = ()
    second = work.imports.apply(work.imports.plan(read_sheet(path), update=True), skip_bad=True)
    del oracle.samples[f"{oracle.stem}-taken"]
    assert {(each.row, each.column) for each in second.problems} == oracle.wrong
    assert (second.created, second.updated) == (1, sum(before[each] != now for each, now in oracle.samples.items()))
    assert_is(work, oracle)

    for result, then in ((second, before), (first, {})):
        assert result.plan is not None
        work.plans.apply(work.plans.plan_undo(result.plan))
        oracle.samples = then
        assert_is(work, oracle)


EXTREMES = [
    "x" * 10_000,
    "😀👩‍🔬",
    "\u202eשלום",
    "\"'`",
    "'; DROP TABLE samples; --",
    "=cmd|' /C calc'!A0",
    "<b>&amp;</b>",
    "N\x00UL",
]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_extreme_texts_are_kept_exactly_or_refused(
    world: World, work: CenterServices, tmp_path: Path, kind: str
) -> None:
    stem, path = world.unused("extreme"), tmp_path / f"x.{kind}"
    names = ["Barcode", "Name", "Type", "Description", "Collected place", "Results", "oracle note"]
    rows: list[list[str]] = []
    for number, extreme in enumerate(EXTREMES):
        for place in range(1, len(names)):
            row = [f"{stem}-{number}-{place}", "Tube", "blood", "", "", "", ""]
            row[place] = extreme
            rows.append(row)
    if kind == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([names, *rows])
    else:
        book = openpyxl.Workbook()
        page = book.active
        assert page is not None
        for row in [names, *rows]:
            page.append([cell.replace("\x00", "_x0000_") for cell in row])
        for cells in page.iter_rows():
            for cell in cells:
                cell.data_type = "s" if cell.data_type == "f" else cell.data_type
        book.save(path)
    result = work.imports.apply(work.imports.plan(read_sheet(path)), skip_bad=True)
    refused = {each.row: str(each.problem) for each in result.problems}
    assert result.created + len(refused) == len(rows)
    for number, row in enumerate(rows, start=2):
        if number in refused:
            assert len(refused[number]) > 10
            assert row[2] != "blood" or "\x00" in "".join(row) or len("".join(row)) > 10_000
            continue
        found = work.samples.get(row[0])
        kept = [found.name, found.description, found.collected_place, found.results, found.metadata.get("note", "")]
        assert kept == [row[1], *row[3:]]
