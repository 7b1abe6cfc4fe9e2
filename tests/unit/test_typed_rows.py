"""Rows of a grid: what spreadsheets put on the clipboard is read, headings are recognised, and a sheet comes of it."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.fields import DefinedField, FieldKind
from desktop_app.domain.formulas import pasted_table
from desktop_app.domain.records import ListedType
from desktop_app.domain.sheets import MOST_ROWS
from desktop_app.errors import RefusedError
from desktop_app.services.sheets.typed_rows import GridColumns, pasted_rows


def field(key: str, name: str = "", *, is_active: bool = True) -> DefinedField:
    return DefinedField(id=uuid4(), key=key, name=name or key, kind=FieldKind.TEXT, is_active=is_active)


COLUMNS = GridColumns((field("freezer", "Freezer"), field("old", "Old", is_active=False)))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("A\tB\r\n1\t2\r\n", [("A", "B"), ("1", "2")]),
        ("0012\t1E5\t 1,5 \n", [("0012", "1E5", " 1,5 ")]),
        ('"two\nlines"\tx\r\n"tab\there"\t"in ""it"" and"\n', [("two\nlines", "x"), ("tab\there", 'in "it" and')]),
        ('"urgent"\t5" pipe\t"half\n', [('"urgent"', '5" pipe', '"half')]),
        ('"a" and "b"\tx', [('"a" and "b"', "x")]),
        ("\t\tx\n\n\ty", [("", "", "x"), ("",), ("", "y")]),
        ("'=1+1\t'+4\t'quoted\t=2", [("=1+1", "+4", "'quoted", "=2")]),
        ('"""\n', [('"""',)]),
        ("a\r\rb", [("a",), ("",), ("b",)]),
        ("", [("",)]),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_copied_is_read(text: str, rows: list[tuple[str, ...]]) -> None:
    assert pasted_rows(text) == rows


def test_what_was_copied_here_is_read_as_it_was() -> None:
    rows = [("=1", "'-x", "two\nlines"), ('say "x"', "tab\t", "0012"), ("", "'a", "\r\n")]
    assert pasted_rows(pasted_table(rows)) == rows


@given(st.text(alphabet="ab\t\r\n =,", max_size=12))
def test_what_has_no_marks_is_read_as_what_has_some(text: str) -> None:
    """It takes a shorter way."""
    assert pasted_rows(f'"""x"""\n{text}')[1:] == (pasted_rows(text) if text else [])


def test_more_than_comes_in_at_once_is_refused() -> None:
    with pytest.raises(RefusedError, match="too large to come in at once"):
        pasted_rows("x\n" * (MOST_ROWS + 1))


def test_the_grid_has_what_a_new_sample_has() -> None:
    assert COLUMNS.headings[:4] == ("Barcode", "Type", "Name", "Freezer")
    assert "Old" not in COLUMNS.headings
    assert set(COLUMNS.headings[4:]) == {"Description", "Responsible", "Collected at", "Collected place", "Results"}


def test_what_a_column_takes_is_told() -> None:
    types = (
        ListedType(code="blood", name="Blood", is_active=True, position=1),
        ListedType(code="urine", name="Urine", is_active=True, position=2),
    )
    box = DefinedField(id=uuid4(), key="box", name="Box", kind=FieldKind.CHOICE, choices=("B1", "B2"))
    frozen = DefinedField(id=uuid4(), key="frozen", name="Frozen", kind=FieldKind.YES_NO)
    assert GridColumns((field("freezer"), box, frozen)).offers(types) == {
        1: ("Blood", "Urine"),
        4: ("B1", "B2"),
        5: ("yes", "no"),
    }


def test_rows_are_a_sheet_by_their_numbers() -> None:
    sheet = COLUMNS.sheet([("", ""), ("B-1", "blood"), (), ("", "", "Serum")])
    assert sheet.headings == COLUMNS.headings
    assert sheet.numbers == (2, 4)
    assert [row[:3] for row in sheet.rows] == [("B-1", "blood", ""), ("", "", "Serum")]
    assert all(len(row) == len(sheet.headings) for row in sheet.rows)
    assert COLUMNS.mapping["Freezer"] == "metadata.freezer"


def test_two_fields_that_read_alike_have_columns_of_their_own() -> None:
    alike = GridColumns((field("a b"), field("ab")))
    assert {"metadata.a b", "metadata.ab"} <= set(alike.headings)
    assert alike.sheet([("B-1",)]).headings == alike.headings


@pytest.mark.parametrize(
    "first", [("name", "Sample type"), ("Type",), ("Freezer",), ("Name", "Mood", "Tube", "BARCODE")]
)
def test_headings_are_recognised(first: tuple[str, ...]) -> None:
    assert COLUMNS.placed([first, ("x",)], 0).has_headings


@pytest.mark.parametrize(
    "rows",
    [
        [("Name", "Type")],
        [("B-1", "blood"), ("B-2", "blood")],
        [("Sample", "blood"), ("x", "blood")],
        [("", ""), ("B-1", "blood")],
    ],
)
def test_values_are_no_headings(rows: list[tuple[str, ...]]) -> None:
    assert not COLUMNS.placed(rows, 0).has_headings


def test_without_headings_cells_go_on_from_the_current_one() -> None:
    placed = COLUMNS.placed([("blood", "Serum"), ("urine",)], 1)
    assert (placed.columns, placed.rows, placed.left_out) == ((1, 2), (("blood", "Serum"), ("urine",)), ())
    with pytest.raises(RefusedError, match="wider than the table"):
        COLUMNS.placed([("a", "b", "c")], len(COLUMNS.headings) - 2)
    empty_beyond = COLUMNS.placed([("a", "b", "")], len(COLUMNS.headings) - 2)
    assert empty_beyond.columns == (len(COLUMNS.headings) - 2, len(COLUMNS.headings) - 1)


def test_with_headings_cells_go_to_their_columns_and_what_has_none_is_named() -> None:
    placed = COLUMNS.placed([("Name", "Mood", "Barcode", "", "Status"), ("a", "fine", "B-1", "", "pending")], 3)
    assert placed.columns == (2, None, 0, None, None)
    assert placed.rows == (("a", "fine", "B-1", "", "pending"),)
    assert placed.left_out == ("Mood", "Status")
    with pytest.raises(RefusedError, match="Two columns are to be Name"):
        COLUMNS.placed([("Name", "Sample name"), ("a", "b")], 0)
