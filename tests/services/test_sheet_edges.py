"""Cells and workbooks at the edge of what can be: one and true, halves of characters, endless digits, endless texts."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pytest

from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.fields import DefinedField, FieldDraft, FieldKind
from desktop_app.domain.rights import Role
from desktop_app.domain.sheets import Sheet
from desktop_app.errors import RefusedError
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.sheets import xlsx_file
from desktop_app.services.sheets.cell_values import field_value
from desktop_app.services.sheets.sample_rows import _is_same
from desktop_app.services.sheets.sheet_file import read_sheet, written_sheet
from desktop_app.services.sheets.xlsx_file import unescaped
from desktop_app.services.sheets.xlsx_numbers import number_text
from tests.services.conftest import World


@pytest.fixture
def work(world: World) -> Iterator[CenterServices]:
    with world.enter(world.person(Role.USER, "alpha")) as lab, lab.center("alpha") as opened:
        yield opened


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [({"a": 1}, {"a": True}, False), ({"a": 1}, {"a": 1.0}, True), ({"a": 1}, {"b": 1}, False), ("x", "x", True)],
)
def test_one_is_not_true(one: Any, other: Any, is_same: bool) -> None:
    assert _is_same(one, other) is is_same


def test_a_number_of_endless_digits_is_none() -> None:
    field = DefinedField(id=uuid4(), key="volume", name="Volume", kind=FieldKind.NUMBER)
    assert str(field_value(field, "9" * 5_000, decimal_comma=False)) == "Volume must be a number."


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("9007199254740992", "9007199254740992"),
        ("9007199254740993", None),
        ("12345678901234567", None),
        ("9" * 400, None),
    ],
)
def test_a_number_that_a_spreadsheet_cannot_keep_is_none(raw: str, text: str | None) -> None:
    assert number_text(raw) == text


def test_half_of_a_character_stays_the_escape_that_it_is() -> None:
    assert unescaped("_xD800_ _xdfff_ _x0041_") == "_xD800_ _xdfff_ A"


def test_a_barcode_that_no_server_could_hold_is_a_problem_of_its_row(work: CenterServices) -> None:
    rows: list[tuple[str, ...]] = [("a\x00b", "Tube", "blood"), ("c" * 10_000, "Tube", "blood")]
    plan = work.imports.plan(Sheet(("Barcode", "Name", "Type"), rows, (2, 3)))
    assert [(each.row, each.column) for each in plan.problems] == [(2, "Barcode"), (3, "Barcode")]
    plan = work.imports.plan(Sheet(("Barcode", "Name", "Type"), [("x-1", "Tube", "mud")], (2,)))
    assert [(each.column, each.value) for each in plan.problems] == [("Type", "mud")], "what stands in the bad cell"


def test_the_shared_texts_of_a_workbook_are_told_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "book.xlsx"
    openpyxl.Workbook().save(tmp_path / "empty.xlsx")
    cells = "".join(f'<c t="s"><v>{place}</v></c>' for place in range(2))
    sheet = f"<worksheet><sheetData><row>{cells}</row><row>{cells}</row></sheetData></worksheet>"
    shared = f"<sst><si><t>Barcode</t></si><si><t>{'x' * 30_000}</t></si></sst>"
    with zipfile.ZipFile(tmp_path / "empty.xlsx") as empty, zipfile.ZipFile(path, "w") as archive:
        for name in empty.namelist():
            archive.writestr(name, sheet if "sheet1" in name else empty.read(name))
        archive.writestr("xl/sharedStrings.xml", shared)
    texts, total = len(shared), len(shared) + len(sheet)
    told: list[tuple[int, int]] = []
    read_sheet(path, report=lambda done, of: told.append((done, of)))
    assert (texts, total) in told
    assert told == sorted(told)
    assert told[-1] == (total, total)
    monkeypatch.setattr(xlsx_file, "MOST_CHARACTERS", 20_000)
    with pytest.raises(RefusedError, match="grows beyond"):
        read_sheet(path)


@pytest.mark.parametrize(
    ("part", "whole", "broken"),
    [
        ("xl/workbook.xml", ' r:id="rId1"', ""),
        ("xl/workbook.xml", "UTF-8", "UTF-99"),
        ("xl/worksheets/sheet1.xml", "<row>", '<row><c t="s"><v>0</v></c>'),
        ("xl/worksheets/sheet1.xml", "<row>", '<row><c t="s"><v>-1</v></c>'),
        ("xl/worksheets/sheet1.xml", "<row>", '<row r="0">'),
        ("xl/worksheets/sheet1.xml", "<row>", '<row><c r="XFE1"><v>1</v></c>'),
    ],
)
def test_a_workbook_that_contradicts_itself_is_refused(tmp_path: Path, part: str, whole: str, broken: str) -> None:
    with written_sheet(tmp_path / "whole.xlsx", "S", 2, overwrite=False) as writer:
        writer.write(["Barcode", "Name"])
        writer.write(["B-1", "Tube"])
    path = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(tmp_path / "whole.xlsx") as archive, zipfile.ZipFile(path, "w") as made:
        for name in archive.namelist():
            text = archive.read(name).decode("utf-8")
            assert name != part or whole in text, text
            made.writestr(name, text.replace(whole, broken, 1) if name == part else text)
    with pytest.raises(RefusedError, match="no whole XLSX workbook"):
        read_sheet(path)


def test_what_an_undo_took_away_comes_back_though_a_field_is_needed_since(world: World, work: CenterServices) -> None:
    stem = world.unused("back")
    sheet = Sheet(("Barcode", "Name", "Type"), [(stem, "Tube", "saliva")], (2,))
    result = work.imports.apply(work.imports.plan(sheet))
    assert result.plan is not None
    undo = work.plans.plan_undo(result.plan)
    assert work.plans.apply(undo).changed
    with world.lab("a.admin").center("alpha") as admin:
        field = admin.fields.create(
            FieldDraft(name=world.unused("Needed"), kind=FieldKind.TEXT, required=True, sample_types=("saliva",))
        )
        try:
            assert len(work.plans.apply(work.plans.plan_undo(undo.id)).changed) == 1
            assert work.samples.get(stem).metadata == {}
            assert SampleDraft.of(work.samples.get(stem)).name == "Tube"
        finally:
            admin.fields.set_active(field, active=False)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("short.xlsx", b"\x00\x01\x02"),
        ("odd.xlsx", b"A\0B\0\0\xd8"),
        ("lost in a crash.xlsx", bytes(4096)),
        ("report.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</a, b>>\nendobj\n"),
        ("plain.pdf", b"%PDF-1.4\n1 0 obj\n"),
        ("picture.csv", bytes.fromhex("89504E470D0A1A0A0000000D49484452000001")),
        ("bytes.csv", bytes(range(256)) * 4),
    ],
)
def test_what_is_neither_text_nor_a_workbook_is_called_so(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RefusedError, match="neither text nor an XLSX workbook"):
        read_sheet(path)


@pytest.mark.parametrize("content", [b"PK\x03", b"PK\x03\x04" + b"\0" * 60])
def test_a_part_of_a_workbook_is_called_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "part.xlsx"
    path.write_bytes(content)
    with pytest.raises(RefusedError, match="no whole XLSX workbook"):
        read_sheet(path)


def test_a_text_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    """Instruments call their tables .xls, and some write a form feed or a NUL into them."""
    path = tmp_path / "counts.xls"
    path.write_bytes("Barcode\tName\nA\x001\tÖ\f\n".encode())
    assert [tuple(row) for row in read_sheet(path).rows] == [("A\x001", "Ö\f")]
    path.write_bytes("Barcode\tName\nA1\tÖ\f\n".encode("windows-1252"))
    assert [tuple(row) for row in read_sheet(path).rows] == [("A1", "Ö\f")]


def test_a_wrong_byte_in_a_marked_text_is_no_other_kind_of_file(tmp_path: Path) -> None:
    path = tmp_path / "marked.csv"
    path.write_bytes(b"\xef\xbb\xbfBarcode,Name\nA1,\xff\n")
    with pytest.raises(RefusedError, match="no text in utf-8;"):
        read_sheet(path)
