"""Sheets with planted faults go in, are changed by another program, go in again and are undone: after each the center
has what a list kept here says, which knows nothing of the services.
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.fields import FieldDraft, FieldKind
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.rights import Role
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.sheets.planned_import import ImportResult
from desktop_app.services.sheets.sheet_file import read_sheet
from tests.services.conftest import World
from tests.services.sheet_oracle import (
    ESCAPED,
    FAULTS,
    HEADINGS,
    OWN,
    PLAIN,
    TWIN,
    Known,
    Oracle,
    assert_is,
    first_sheet,
    others,
    row_of,
    written,
)
from tests.services.spreadsheet_program import CSV, needs_libreoffice, saved_by_libreoffice


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


def goes_in(work: CenterServices, path: Path, oracle: Oracle, *, update: bool) -> ImportResult:
    result = work.imports.apply(work.imports.plan(read_sheet(path), update=update), skip_bad=True)
    assert {(each.row, each.column) for each in result.problems} == oracle.wrong
    return result


def test_a_sheet_of_faults_goes_in_out_and_back_as_the_list_says(
    world: World, work: CenterServices, tmp_path: Path
) -> None:
    oracle = Oracle(world.unused("oracle"))
    taken = f"{oracle.stem}-taken0"
    work.samples.create(SampleDraft(name="There", sample_type="blood", barcode=taken))
    oracle.samples[taken] = Known("There")
    rows, faults = 400, FAULTS + ESCAPED
    at = {7 + place * (rows // len(faults) - 1): fault for place, fault in enumerate(faults)}
    for number in range(rows):
        oracle.add(number, at.get(number))
    path, aside = written(tmp_path / "in.xlsx", oracle), others(world, oracle)
    first = goes_in(work, path, oracle, update=False)
    assert first.created == len(oracle.samples) - 1
    assert_is(world, oracle)

    book = openpyxl.load_workbook(path)
    page = first_sheet(book)
    before = dict(oracle.samples)
    for number in range(0, 100, 10):
        if oracle.barcode(number) in oracle.samples:
            page.cell(number + 2, 2, f"changed {number}")
            oracle.change(number, name=f"changed {number}")
    book.save(path)
    changed = sum(before[each] != now for each, now in oracle.samples.items())
    # The row that was refused because its barcode is taken: as an update it changes that sample.
    (number,) = (number for number, row in enumerate(oracle.rows) if row[0] == taken)
    oracle.wrong.discard((number + 2, "Barcode"))
    oracle.samples[taken] = oracle.known(number)
    second = goes_in(work, path, oracle, update=True)
    assert (second.created, second.updated) == (0, changed + 1)
    assert_is(world, oracle)

    for result, then in ((second, before), (first, {taken: Known("There")})):
        assert result.plan is not None
        work.plans.apply(work.plans.plan_undo(result.plan))
        oracle.samples = then
        assert_is(world, oracle)
    assert others(world, oracle) == aside


ROWS, COPIES = 20_000, 2


def planted(oracle: Oracle) -> dict[int, tuple[str, dict[str, Any]]]:
    """50 faults of 25 kinds, spread over the sheet; the twins are two by themselves."""
    faults = [
        (copy, fault) for copy in range(COPIES) for fault in FAULTS if not copy or fault[1].get("Barcode") != TWIN
    ]
    at = {11 + place * (ROWS // len(faults)): each for place, each in enumerate(faults)}
    for number in range(ROWS):
        copy, fault = at.get(number, (0, None))
        oracle.add(number, fault, copy)
    return {number: fault for number, (_copy, fault) in at.items()}


def mended_and_changed(path: Path, oracle: Oracle, faults: Iterable[int], target: Path) -> int:
    """What a person does in a spreadsheet: puts the faults right, and changes every 16th row; how many of those."""
    book = openpyxl.load_workbook(path)
    page = first_sheet(book)
    for number in faults:
        for place, cell in enumerate(row_of(oracle.cells(number)), start=1):
            page.cell(number + 2, place).value = cell
        oracle.samples[oracle.barcode(number)] = oracle.known(number)
    places = {name: place for place, name in enumerate(HEADINGS, start=1)}
    changed = [number for number in range(3, ROWS, 16) if number not in faults]
    for number in changed:
        row = number + 2
        match number % 5:
            case 0:
                page.cell(row, places["Name"], f"0{number}E5")
                oracle.change(number, name=f"0{number}E5")
            case 1:
                # Worked out by the program that saves it.
                page.cell(row, places["Results"], f'="1E"&{number}&" = "&A{row}')
                oracle.change(number, results=f"1E{number} = {oracle.barcode(number)}")
            case 2:
                page.cell(row, places["oracle amount"], f"={number}/8")
                oracle.change_field(number, "amount", number / 8)
            case 3:
                page.cell(row, places["oracle drawn"], date(2026, 2, 28))
                page.cell(row, places["oracle fixation"]).value = None
                oracle.change_field(number, "drawn", "2026-02-28")
                oracle.change_field(number, "fixation", None)
            case _:
                page.cell(row, places["Collected place"], f" Ward {number} ")
                page.cell(row, places["Type"], "uRiNe")
                oracle.change(number, place=f"Ward {number}", sample_type="urine")
    book.save(target)
    return len(changed)


@pytest.mark.full
def test_twenty_thousand_rows_are_brought_in_changed_in_a_spreadsheet_and_undone_as_the_list_says(
    world: World, work: CenterServices, tmp_path: Path
) -> None:
    needs_libreoffice()
    oracle = Oracle(world.unused("large"))
    taken = {f"{oracle.stem}-taken{copy}": Known("There") for copy in range(COPIES)}
    for barcode in taken:
        work.samples.create(SampleDraft(name="There", sample_type="blood", barcode=barcode))
    faults = planted(oracle)
    assert (len(faults), len({str(fault) for fault in faults.values()})) == (50, 25)
    path, aside = written(tmp_path / "in.xlsx", oracle), others(world, oracle)

    whole = dict(oracle.samples)
    refused = work.imports.apply(work.imports.plan(read_sheet(path)))
    assert (refused.plan, refused.created) == (None, 0)
    assert {(each.row, each.column) for each in refused.problems} == oracle.wrong
    assert len(refused.problems) == len(faults)
    oracle.samples = dict(taken)
    assert_is(world, oracle)

    first = goes_in(work, path, oracle, update=False)
    oracle.samples = whole | taken
    assert (first.created, first.updated) == (ROWS - len(faults), 0)
    assert_is(world, oracle)

    before, changes = dict(oracle.samples), tmp_path / "changed.xlsx"
    number = mended_and_changed(path, oracle, faults, changes)
    oracle.wrong = set()
    second = goes_in(work, saved_by_libreoffice(changes), oracle, update=True)
    assert (second.created, second.updated) == (len(faults), number)
    assert second.unchanged == ROWS - len(faults) - number
    assert_is(world, oracle)
    out_and_in_again(work, oracle, tmp_path)
    assert_is(world, oracle)

    for result, then in ((second, before), (first, taken)):
        assert result.plan is not None
        undo = work.plans.plan_undo(result.plan)
        assert undo.left_alone == ()
        work.plans.apply(undo)
        oracle.samples = dict(then)
        assert_is(world, oracle)
    assert others(world, oracle) == aside
    with world.lab("a.admin").center("alpha") as admin:
        assert admin.audit.verify().is_sound


def out_and_in_again(work: CenterServices, oracle: Oracle, folder: Path) -> None:
    """What is written out, and saved by another program, comes in without a change."""
    target = folder / "out.xlsx"
    columns = ["barcode", "name", "sample_type", "description", "collected_place", "results", *HEADINGS[len(PLAIN) :]]
    assert work.exports.write(target, SampleFilter(search=f"{oracle.stem}-"), columns=columns).rows == len(
        oracle.samples
    )
    for path in (target, saved_by_libreoffice(target), saved_by_libreoffice(target, CSV)):
        again = work.imports.plan(read_sheet(path), update=True)
        assert (again.unchanged, again.new, again.changed, again.problems) == (len(oracle.samples), [], [], ())


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
