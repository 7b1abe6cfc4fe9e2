"""Texts in tables for spreadsheet programs, which run what looks like a formula."""

import re

# What begins so, behind any number of apostrophes: else a text that has one of its own would lose it at the way back.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")


def guarded(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet would take it for a formula; ``unguarded`` gives it back."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """What was meant by a cell that ``guarded`` wrote."""
    return text[1:] if _GUARDED.match(text) else text
