"""Sheets of samples in and out: shown before, all or nothing, as typed, undone as one; out and in without a change."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import openpyxl
import pytest

from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.fields import FieldDraft, FieldKind
from desktop_app.domain.filters import AuditFilter, SampleFilter
from desktop_app.domain.lifecycle import Step
from desktop_app.domain.sheets import SheetOptions
from desktop_app.errors import Cancelled, LabkeepError, RefusedError
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.lab import Lab
from desktop_app.services.sheets.planned_import import ImportResult
from desktop_app.services.sheets.sample_import import SampleImport
from desktop_app.services.sheets.sheet_file import read_sheet
from tests.services.conftest import World

ROWS = [
    ["Barcode", "Name", "Type", "Description", "Collected at", "Volume", "Freezer"],
    ["{0}-007", "Tube 007", "blood", " two  spaces ", "2026-11-21 14:30", "1,5", "F3"],
    ["{0}-1E5", "1E5", "Urine", "=1+1", "21.11.2026", "2", "0012"],
    ["{0}-9007199254740993", "Ümit ğş 😀", "tissue", "'quoted", "", "", ""],
]


@pytest.fixture(scope="module")
def volumes(world: World) -> None:
    with world.lab("a.admin").center("alpha") as admin:
        admin.fields.create(FieldDraft(name="Volume", kind=FieldKind.NUMBER, unit="mL"))


@pytest.fixture
def work(newcomer: Lab, volumes: None) -> Iterator[CenterServices]:
    with newcomer.center("alpha") as opened:
        yield opened


def sheet(path: Path, rows: Sequence[Sequence[str]], stem: str) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([[cell.replace("{0}", stem) for cell in row] for row in rows])
    return path


def planned(work: CenterServices, path: Path, *, update: bool = False) -> SampleImport:
    mapping = {"Freezer": "metadata.freezer"}
    found = read_sheet(path)
    return work.imports.plan(found, mapping if "Freezer" in found.headings else {}, update=update)


def brought(work: CenterServices, path: Path, *, update: bool = False, skip_bad: bool = False) -> ImportResult:
    return work.imports.apply(planned(work, path, update=update), skip_bad=skip_bad)


def said(result: SampleImport | ImportResult) -> list[tuple[int, str, str]]:
    return [(each.row, each.column, str(each.problem)) for each in result.problems]


def test_a_sheet_comes_in_as_typed_and_is_undone_as_one(world: World, work: CenterServices, tmp_path: Path) -> None:
    stem = world.unused("in")
    path = sheet(tmp_path / "in.csv", ROWS, stem)
    plan = planned(work, path)
    assert (len(plan.new), len(plan.changed), plan.problems) == (3, 0, ())
    assert work.samples.unknown([f"{stem}-007"]), "nothing is in yet"
    result = work.imports.apply(plan)
    assert (result.created, result.updated, result.unchanged) == (3, 0, 0)
    first, second, third = (work.samples.get(row[0].replace("{0}", stem)) for row in ROWS[1:])
    assert first.description == " two  spaces "
    assert first.metadata == {"Volume": 1.5, "freezer": "F3"}
    assert first.collected_at is not None
    assert (second.name, second.description, second.sample_type) == ("1E5", "=1+1", "urine")
    assert second.metadata == {"Volume": 2, "freezer": "0012"}
    assert (third.name, third.description, third.metadata) == ("Ümit ğş 😀", "'quoted", {})
    with world.lab("a.admin").center("alpha") as admin:
        assert {entry.link for entry in admin.audit.list(AuditFilter(row_id=first.id))} == {result.plan}
    assert work.imports.apply(plan).created == 3, "done twice it is done once"
    assert planned(work, path, update=True).unchanged == 3

    assert result.plan is not None
    undo = work.plans.plan_undo(result.plan)
    assert len(work.plans.apply(undo).changed) == 3
    assert len(work.samples.unknown([row[0].replace("{0}", stem) for row in ROWS[1:]])) == 3
    assert brought(work, path).created == 3, "the same sheet comes in again"
    with world.lab("a.admin").center("alpha") as admin:
        verdict = admin.audit.verify()
        assert (verdict.fault, verdict.changed) == (None, ())


def test_what_is_wrong_is_said_by_row_and_column_and_keeps_all_out(
    world: World, work: CenterServices, tmp_path: Path
) -> None:
    stem = world.unused("bad")
    taken = work.samples.create(SampleDraft(name="There", sample_type="blood", barcode=f"{stem}-there"))
    rows = [
        ["Barcode", "Name", "Type", "Collected at", "Volume", "Responsible"],
        [f"{stem}-1", "Good", "blood", "", "1.5", ""],
        [f"{stem}-2", "", "blood", "", "", ""],
        [f"{stem}-3", "No type", "moon dust", "", "", ""],
        [f"{stem}-4", "Day or month", "blood", "03/04/2026", "", ""],
        [f"{stem}-5", "No number", "blood", "", "much", ""],
        [f"{stem}-11", "Twice", "blood", "", "", ""],
        [taken.barcode, "There already", "blood", "", "", ""],
        [f"{stem}-8", "Who", "blood", "", "", "nobody.here"],
        [f"{stem}-9", "NUL\x00", "blood", "", "", ""],
        [f"{stem}-11", "Neither of two", "blood", "", "", ""],
    ]
    path = sheet(tmp_path / "bad.csv", rows, stem)
    plan = planned(work, path)
    assert {(row, column) for row, column, _ in said(plan)} == {
        (3, "Name"),
        (4, "Type"),
        (5, "Collected at"),
        (6, "Volume"),
        (7, "Barcode"),
        (8, "Barcode"),
        (9, "Responsible"),
        (10, "Name"),
        (11, "Barcode"),
    }
    assert (7, "Barcode", "Row 11 has this barcode, too.") in said(plan)
    assert (11, "Barcode", "Row 7 has this barcode, too.") in said(plan)
    assert (6, "Volume", "Volume must be a number.") in said(plan)
    refused = work.imports.apply(plan)
    assert (refused.plan, refused.created) == (None, 0)
    assert work.samples.unknown([f"{stem}-1"]) == (f"{stem}-1",)
    result = work.imports.apply(plan, skip_bad=True)
    assert (result.created, len(result.problems)) == (1, len(plan.problems))
    assert work.samples.get(f"{stem}-1").name == "Good"


def test_samples_that_are_there_are_changed_by_barcode(world: World, work: CenterServices, tmp_path: Path) -> None:
    stem = world.unused("upd")
    path = sheet(tmp_path / "a.csv", ROWS, stem)
    brought(work, path)
    archived = work.samples.get(f"{stem}-9007199254740993")
    with world.lab("a.admin").center("alpha") as admin:
        for step in (Step.PROCESS, Step.COMPLETE, Step.ARCHIVE):
            archived = admin.samples.step(admin.samples.get(archived.id), step)
    rows = [list(row) for row in ROWS]
    rows[1][6], rows[1][5], rows[2][1], rows[3][1] = "", "2", "Renamed", "Renamed, too"
    plan = planned(work, sheet(tmp_path / "b.csv", rows, stem), update=True)
    assert [dict(each.after) for each in plan.changed] == [{"metadata": {"Volume": 2}}, {"name": "Renamed"}]
    assert said(plan) == [(4, "Barcode", "An archived sample is read-only.")]
    meanwhile = work.samples.get(f"{stem}-1E5")
    work.samples.update(meanwhile, SampleDraft(name="Mine", sample_type="blood"))
    nothing = work.imports.apply(SampleImport(**(vars(plan) | {"problems": ()})))
    assert nothing.plan is None, "all or nothing, also for what happens between looking and doing"
    assert said(nothing) == [(3, "Barcode", "Somebody changed this sample meanwhile.")]
    result = work.imports.apply(plan, skip_bad=True)
    assert (result.updated, len(result.problems)) == (1, 2)
    assert work.samples.get(f"{stem}-007").metadata == {"Volume": 2}
    assert work.samples.get(meanwhile.id).name == "Mine"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_goes_out_comes_in_again_without_a_change(
    world: World, work: CenterServices, tmp_path: Path, kind: str
) -> None:
    stem = world.unused(f"out{kind}")
    texts = ["=1+1", "+90 212", "-1", "@x", "'=1", "''", "\ttab", "a\r\nb\n", "x" * 9_000, "😀 שלום", "_x0041_", "<b>&"]
    for place, text in enumerate(texts):
        metadata = {"freezer": text.strip() or "x", "Volume": place / 2, "box": [place], "frozen": True}
        draft = SampleDraft(name=f"{place}", sample_type="blood", barcode=f"{stem}-{place:03}", metadata=metadata)
        work.samples.create(SampleDraft(**(vars(draft) | {"description": text, "results": text})))
    target = tmp_path / f"out.{kind}"
    columns = ["barcode", "name", "sample_type", "description", "results", "collected_at", "user_id", "status"]
    metadata_columns = ["metadata.freezer", "Volume", "metadata.box", "metadata.frozen"]
    told: list[tuple[int, int]] = []
    found = work.exports.write(
        target,
        SampleFilter(search=stem),
        columns=columns + metadata_columns,
        report=lambda done, total: told.append((done, total)),
    )
    assert (found.rows, told[-1]) == (len(texts), (len(texts), len(texts)))
    told.clear()
    sheet = read_sheet(target)
    again = work.imports.plan(sheet, update=True, report=lambda done, total: told.append((done, total)))
    assert (again.unchanged, again.changed, said(again)) == (len(texts), [], [])
    total = len(sheet.rows)
    assert (told[0], told[-1]) == ((0, total), (total, total)), "told, and stopped, before the barcodes are looked up"
    if kind == "xlsx":
        cells = list(openpyxl.load_workbook(target).active.iter_rows(values_only=True))
        assert cells[0][:3] == ("Barcode", "Name", "Type")
        assert {cell for row in cells for cell in row if isinstance(cell, str) and cell.startswith("=")} == set()


def test_an_openpyxl_workbook_is_read_as_it_is_shown(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["Barcode", "Name", "Amount", "Formula"])
    page.append(["007", "1E5", 0.1, "=1+1"])
    page.append([100000000000, 12345678901234567, 1e-7, None])
    book.save(tmp_path / "book.xlsx")
    read = read_sheet(tmp_path / "book.xlsx")
    assert read.rows[0][:3] == ("007", "1E5", "0.1")
    assert read.rows[1][0] == "100000000000"
    assert read.rows[1][2] == "0.0000001"
    whys = {place: str(why) for place, why in read.unreadable.items()}
    assert "never computed" in whys[2, 3]
    assert "so many digits" in whys[3, 1]


@pytest.mark.parametrize(
    ("content", "encoding", "separator"),
    [
        ("Barcode;Name\nç1;Şişli\n".encode(), "utf-8", ";"),
        ("Barcode,Name\nç1,Şişli\n".encode("utf-8-sig"), "utf-8", ","),
        ("Barcode\tName\nç1\tŞişli\n".encode("utf-16"), "utf-16", "\t"),
        ("Barcode;Name\nç1;Şişli\n".encode("cp1254"), "windows-1254", ";"),
    ],
)
def test_encoding_and_separator_are_recognised_and_told(
    tmp_path: Path, content: bytes, encoding: str, separator: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    read = read_sheet(path)
    assert (read.form.encoding, read.form.separator) == (encoding, separator)
    assert read.rows == [("ç1", "Şişli")]


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"PK\x03\x04junk", bytes.fromhex("D0CF11E0A1B11AE1"), b'Barcode,Name\n"x,y', b"A,a\n1,2\n"],
)
def test_what_is_no_sheet_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(RefusedError):
        read_sheet(path, SheetOptions())


def test_a_cancelled_import_or_export_leaves_nothing(world: World, work: CenterServices, tmp_path: Path) -> None:
    stem = world.unused("cut")
    plan = planned(work, sheet(tmp_path / "in.csv", ROWS, stem))

    def stop(_done: int, _total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        work.imports.apply(plan, report=stop)
    assert len(work.samples.unknown([f"{stem}-007"])) == 1
    with pytest.raises(Cancelled):
        work.exports.write(tmp_path / "out.csv", report=stop)
    assert [each.name for each in tmp_path.iterdir()] == ["in.csv"]


def test_a_column_is_named_once_or_the_sheet_could_not_come_in_again(work: CenterServices, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="Two columns are Barcode: name it once"):
        work.exports.write(tmp_path / "out.csv", columns=["barcode", "name", "Barcode"])
    assert not (tmp_path / "out.csv").exists()


def test_a_viewer_brings_nothing_in(world: World, tmp_path: Path) -> None:
    with world.lab("a.viewer").center("alpha") as viewer:
        plan = viewer.imports.plan(read_sheet(sheet(tmp_path / "in.csv", ROWS[:2], world.unused("v"))))
        with pytest.raises(LabkeepError):
            viewer.imports.apply(plan)


def test_a_made_sample_that_is_on_a_work_list_by_now_stays(world: World, work: CenterServices, tmp_path: Path) -> None:
    result = brought(work, sheet(tmp_path / "in.csv", ROWS[:3], stem := world.unused("listed")))
    listed = work.work_lists.create(world.unused("Today"))
    work.work_lists.add(listed.id, [work.samples.get(f"{stem}-007").id])
    assert result.plan is not None
    undo = work.plans.plan_undo(result.plan)
    assert [str(each.why) for each in undo.left_alone] == ["It is on a work list by now."]
    assert len(work.plans.apply(undo).changed) == 1
    assert work.samples.get(f"{stem}-007").name == "Tube 007"


def test_what_an_undo_removed_stays_away_where_its_barcode_is_another_s(
    world: World, work: CenterServices, tmp_path: Path
) -> None:
    path = sheet(tmp_path / "in.csv", ROWS[:3], world.unused("back"))
    result = brought(work, path)
    assert result.plan is not None
    undo = work.plans.plan_undo(result.plan)
    work.plans.apply(undo)
    assert brought(work, path).created == 2
    again = work.plans.plan_undo(undo.id)
    assert again.changes == ()
    assert {str(each.why) for each in again.left_alone} == {"Another sample has its barcode of then."}


def test_a_made_sample_that_has_documents_by_now_stays(world: World, work: CenterServices, tmp_path: Path) -> None:
    stem = world.unused("docs")
    result = brought(work, sheet(tmp_path / "in.csv", ROWS[:3], stem))
    kept = work.samples.get(f"{stem}-007")
    (tmp_path / "finding.txt").write_text("finding")
    assert work.documents.add([tmp_path / "finding.txt"], sample_id=kept.id).saved
    assert result.plan is not None
    undo = work.plans.plan_undo(result.plan)
    assert [str(each.why) for each in undo.left_alone] == ["It has documents by now."]
    assert len(work.plans.apply(undo).changed) == 1
    assert work.samples.get(kept.id).id == kept.id
    # And the undo is a plan that is undone: what it removed is there again, as it was.
    assert len(work.plans.apply(work.plans.plan_undo(undo.id)).changed) == 1
    assert work.samples.get(f"{stem}-1E5").description == "=1+1"
