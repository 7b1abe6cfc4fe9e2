"""Rows on the clipboard come apart in a spreadsheet as they were, and run nothing."""

import csv

import pytest

from desktop_app.domain.formulas import guarded, pasted_table


def test_cells_come_apart_again_and_none_is_a_formula() -> None:
    copied = pasted_table([["Name", "Note"], ["=A1\tx", 'a "b"\nc'], ["", "plain"]])
    assert list(csv.reader(copied.splitlines(keepends=True), "excel-tab")) == [
        ["Name", "Note"], ["'=A1\tx", 'a "b"\nc'], ["", "plain"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", "a", "=1", "'=1", "'a", "-", "＝1", "a\tb", "a\nb", "\r", 'a"b', '"', '="x"', "'\n", "00"]
)
def test_every_cell_is_guarded_and_kept_together(text: str) -> None:
    said = guarded(text)
    marked = any(mark in said for mark in '\t\r\n"')
    assert pasted_table([[text]]) == ('"' + said.replace('"', '""') + '"' if marked else said)
