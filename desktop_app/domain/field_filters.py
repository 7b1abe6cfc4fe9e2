"""Filters by the values of fields, as people type them: ``freezer:F3``, ``volume_ml>2``, ``"Thawed on">=2026-11-21``.

They stay text until the database's side knows the center's fields: so they can be kept, and are what was typed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from desktop_app.domain.text_rules import line_problem, search_problem
from desktop_app.errors import InvalidInputError
from desktop_app.message import Message

MOST_CONDITIONS = 30


class Comparison(StrEnum):
    """How a field's value is compared."""

    EQUAL = "="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="


# What stands in quotes is taken as it is; a quote inside them is written twice, as in SQL and in spreadsheets' files.
_QUOTED = r'"(?:[^"]|"")*"'
_TYPED = rf'(?P<name>{_QUOTED}|[^\s":=<>]+)(?P<sign>>=|<=|[:=<>])(?P<value>{_QUOTED}|[^\s"]*)'
_CONDITION = re.compile(_TYPED)
_PART = re.compile(rf"(?:{_TYPED}|{_QUOTED})(?!\S)|\S+")
_PLAIN = re.compile(r'[^\s":=<>]+')


@dataclass(frozen=True)
class FieldCondition:
    """One field's value, compared with what was typed."""

    name: str
    """The field's name or key."""
    comparison: Comparison
    value: str

    @classmethod
    def parse(cls, text: str) -> "FieldCondition":
        """A condition from its text, in which the value may have spaces; InvalidInputError if it is none."""
        found = _CONDITION.fullmatch(text.strip()) or _loose(text.strip())
        if found is None:
            raise InvalidInputError(
                {"filter": Message("A filter is a field, a sign and a value, such as freezer:F3 or volume_ml>2.")}
            )
        return _condition(found)

    @property
    def text(self) -> str:
        """As it can be typed again, also in the search field."""
        sign = ":" if self.comparison is Comparison.EQUAL else self.comparison.value
        return f"{_quoted(self.name)}{sign}{_quoted(self.value)}"


def _condition(found: re.Match[str]) -> FieldCondition:
    name, value = _unquoted(found["name"]), _unquoted(found["value"])
    if problem := line_problem(name, longest=200, required=True) or line_problem(value, longest=2_000):
        raise InvalidInputError({"filter": problem})
    return FieldCondition(name, Comparison("=" if found["sign"] == ":" else found["sign"]), value)


def split_search(text: str) -> tuple[str, tuple[FieldCondition, ...]]:
    """What was typed into a search field, as words to look for and conditions on fields.

    What stands in quotes altogether is words, also where it looks like a condition. InvalidInputError.
    """
    if problem := search_problem(text):
        raise InvalidInputError({"search": problem})
    words: list[str] = []
    conditions: list[FieldCondition] = []
    for part in _PART.finditer(text):
        if part["value"]:
            conditions.append(_condition(part))
        else:
            words.append(_unquoted(part[0]))
    check_number(conditions)
    return " ".join(words), tuple(conditions)


def search_text(words: str, conditions: Sequence[FieldCondition]) -> str:
    """What split_search() takes apart into these: a word that looks like a condition comes into quotes."""
    said = (f'"{word}"' if _CONDITION.fullmatch(word) and '"' not in word else word for word in words.split())
    return " ".join([*said, *(each.text for each in conditions)])


def check_number(conditions: Sequence[FieldCondition]) -> None:
    """InvalidInputError for more conditions than anybody has."""
    if len(conditions) > MOST_CONDITIONS:
        raise InvalidInputError({"filter": Message("At most {most} filters at a time.", most=MOST_CONDITIONS)})


_LOOSE = re.compile(rf"(?P<name>{_QUOTED}|[^\":=<>]+?)\s*(?P<sign>>=|<=|[:=<>])\s*(?P<value>.*)", re.DOTALL)


def _loose(text: str) -> re.Match[str] | None:
    """Where nothing else stands beside it, names and values need no quotes for their spaces."""
    return _LOOSE.fullmatch(text)


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] == '"' and re.fullmatch(_QUOTED, text):
        return text[1:-1].replace('""', '"')
    return text


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else '"' + text.replace('"', '""') + '"'
