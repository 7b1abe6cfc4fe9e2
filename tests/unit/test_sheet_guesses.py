"""What is guessed of a sheet: decimal commas, encodings, separators, and the days behind a workbook's numbers."""

import pytest

from desktop_app.services.sheets.cell_values import has_decimal_comma
from desktop_app.services.sheets.csv_file import encoding_of, separator_of
from desktop_app.services.sheets.xlsx_numbers import date_text


@pytest.mark.parametrize(
    ("cells", "separator", "comma"),
    [
        (["1,5", "2"], ";", True),
        (["1,5", "2"], ",", True),
        (["1,234"], ";", True),
        (["1,234"], ",", False),
        (["1,234", "2,5"], ",", True),
        (["1.5", "2"], ";", False),
        ([], ";", False),
        (["1,5", "about 2,5"], ";", False),
        (["  1,5 "], ";", True),
    ],
)
def test_a_decimal_comma_is_recognised(cells: list[str], separator: str, comma: bool) -> None:
    assert has_decimal_comma(cells, separator) is comma


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-8", "windows-1252", "windows-1254"])
@pytest.mark.parametrize("rows", [1, 3, 100])
def test_an_encoding_is_recognised_without_a_mark(encoding: str, rows: int) -> None:
    letter = {"windows-1252": "ü", "windows-1254": "ğ"}.get(encoding, "z")
    assert encoding_of((f"Barcode;Name\r\nB-1;Tube {letter}\r\n" * rows).encode(encoding)) == encoding


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a;b;c\n1;2;3\n", ";"),
        ("a,b;c,d\n1,2;3,4\n", ","),
        ("a;b\n1,5;2\n3,5;4\n", ";"),
        ("a\tb\n1,5\t2\n", "\t"),
        ("sep=|\na|b\n", "|"),
        ("SEP=;\na,b;c\n", ";"),
    ],
)
def test_a_separator_is_recognised(text: str, separator: str) -> None:
    assert separator_of(text) == separator


@pytest.mark.parametrize(
    ("raw", "kind", "since_1904", "text"),
    [
        ("1", "date", False, "1900-01-01"),
        ("59", "date", False, "1900-02-28"),
        ("61", "date", False, "1900-03-01"),
        ("1.5", "time", False, "1900-01-01 12:00:00"),
        ("0.5", "time", False, "12:00:00"),
        ("0", "time", False, "00:00:00"),
        ("46347.395833333336", "date", False, "2026-11-21 09:30:00"),
        ("0", "date", True, "1904-01-01"),
        ("-1", "date", False, None),
    ],
)
def test_a_workbooks_number_is_the_day_that_it_shows(raw: str, kind: str, since_1904: bool, text: str | None) -> None:
    """As ECMA-376, 18.17.4.1: the 1900 system has a 29 February that was none."""
    assert date_text(raw, kind, since_1904=since_1904) == text
