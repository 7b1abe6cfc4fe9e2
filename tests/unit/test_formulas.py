"""Rows on the clipboard come apart in a spreadsheet as they were, and run nothing."""

import csv

from desktop_app.domain.formulas import pasted_table


def test_cells_come_apart_again_and_none_is_a_formula() -> None:
    copied = pasted_table([["Name", "Note"], ["=A1\tx", 'a "b"\nc'], ["", "plain"]])
    assert list(csv.reader(copied.splitlines(keepends=True), "excel-tab")) == [
        ["Name", "Note"], ["'=A1\tx", 'a "b"\nc'], ["", "plain"]
    ]  # fmt: skip
