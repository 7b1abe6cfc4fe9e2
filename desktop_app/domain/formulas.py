"""Texts in tables for spreadsheet programs, which run what looks like a formula."""

import re
from collections.abc import Iterable

# What begins so, behind any number of apostrophes: else a text that has one of its own would lose it at the way back.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")

_STARTS = frozenset("'=+-@\t\r\n＝＋－＠")
_FALLS_APART = re.compile('[\t\r\n"]')


def guarded(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet would take it for a formula; ``unguarded`` gives it back."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """What was meant by a cell that ``guarded`` wrote."""
    return text[1:] if _GUARDED.match(text) else text


def pasted_table(rows: Iterable[Iterable[str]]) -> str:
    """Rows as spreadsheets paste them: tabs between guarded cells, quoted where a cell would else fall apart."""
    return "\n".join("\t".join(_pasted(cell) for cell in row) for row in rows)


def _pasted(text: str) -> str:
    # Of a million cells nearly all are as they are: two searches, no loop over marks.
    if not text or (text[0] not in _STARTS and not _FALLS_APART.search(text)):
        return text
    cell = guarded(text)
    return '"' + cell.replace('"', '""') + '"' if _FALLS_APART.search(cell) else cell
