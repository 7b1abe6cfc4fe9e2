"""The fields that a center defines for its samples: what each of them takes, and what a sample's values lack.

Values lie in the sample's metadata under the field's key, which never changes, so that a renamed field keeps them. A
value that was there before and does not fit any more stays; what is new or changed must fit.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from desktop_app.domain.text_rules import SAMPLE_TYPE, line_problem
from desktop_app.message import Message

LONGEST_NAME = 80
LONGEST_UNIT = 40
LONGEST_TEXT = 2_000
MOST_CHOICES = 200
MOST_FIELDS = 200
LAST = 1_000
"""Where a type or a reason stands that is given no place."""
LARGEST_PLACE = 10 * LAST
BETWEEN = 10
"""So far behind the last one stands what is new, so that something fits in between."""
PROBLEM_OF = "metadata."
"""What a field's problem is named by: this and the field's key."""
_DATE = re.compile(r"(?:1[89]|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}")


class FieldKind(StrEnum):
    """What a field takes."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes-no"


@dataclass(frozen=True, kw_only=True)
class DefinedField:
    """A field of a center's samples."""

    id: UUID
    key: str
    """Under what the value stands in metadata; fixed for life."""
    name: str
    kind: FieldKind
    unit: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    sample_types: tuple[str, ...] = ()
    """Codes of the types that have it; none: all."""
    position: int = LAST
    is_active: bool = True

    def is_of(self, sample_type: str) -> bool:
        """Whether samples of this type have it."""
        return self.is_active and (not self.sample_types or sample_type in self.sample_types)


@dataclass(frozen=True, kw_only=True)
class FieldDraft:
    """A field to be, or its edited properties."""

    name: str
    kind: FieldKind
    unit: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    sample_types: tuple[str, ...] = ()
    position: int | None = None
    """None: after the last one, or where it is already."""

    @classmethod
    def of(cls, field: DefinedField) -> "FieldDraft":
        """What there is to edit of a field."""
        return cls(
            name=field.name,
            kind=field.kind,
            unit=field.unit,
            choices=field.choices,
            required=field.required,
            sample_types=field.sample_types,
            position=field.position,
        )

    def problems(self) -> dict[str, str]:
        """Property to sentence."""
        found = {
            "name": line_problem(self.name, longest=LONGEST_NAME, required=True),
            "unit": line_problem(self.unit, longest=LONGEST_UNIT),
            "choices": self._choices_problem(),
            "sample_types": None
            if all(SAMPLE_TYPE.fullmatch(code) for code in self.sample_types) and len(self.sample_types) <= MOST_CHOICES
            else Message("Choose among the center's sample types."),
            "position": None if self.position is None else place_problem(self.position),
        }
        return {name: problem for name, problem in found.items() if problem}

    def _choices_problem(self) -> str | None:
        if self.kind is not FieldKind.CHOICE:
            return Message("Only a choice has choices.") if self.choices else None
        if not self.choices:
            return Message("A choice needs at least one.")
        if len(self.choices) > MOST_CHOICES:
            return Message("At most {most} choices.", most=MOST_CHOICES)
        if len({each.casefold() for each in self.choices}) < len(self.choices):
            return Message("Each choice once.")
        return next(filter(None, (line_problem(each, longest=200, required=True) for each in self.choices)), None)


def place_problem(position: int) -> Message | None:
    """What is wrong with a place in the order, or None."""
    is_one = 0 <= position <= LARGEST_PLACE
    return None if is_one else Message("From 0 to {largest}.", largest=LARGEST_PLACE)


def next_place(taken: Iterable[int]) -> int:
    """The place after the last of these."""
    return min(max(taken, default=0) + BETWEEN, LARGEST_PLACE)


NEEDED = Message("{name} must be given.")
OF_OTHER_TYPES = Message("{name} is not for samples of this type.")


def misfit(field: DefinedField, value: object) -> Message | None:
    """Why a value that is there does not fit the field, as a sentence, or None; fits_field() in fields.sql agrees."""
    if _fits(field, value):
        return None
    match field.kind:
        case FieldKind.TEXT:
            return Message(
                "{name} must be a text of one line and at most {longest} characters.",
                name=field.name,
                longest=LONGEST_TEXT,
            )
        case FieldKind.NUMBER:
            return Message("{name} must be a number.", name=field.name)
        case FieldKind.DATE:
            return Message("{name} must be a date such as 2026-11-21.", name=field.name)
        case FieldKind.CHOICE:
            return Message("{name} must be one of these: {choices}.", name=field.name, choices=list(field.choices))
        case FieldKind.YES_NO:
            return Message("{name} must be yes or no (true or false).", name=field.name)


def _fits(field: DefinedField, value: object) -> bool:
    match field.kind:
        case FieldKind.TEXT:
            return isinstance(value, str) and line_problem(value, longest=LONGEST_TEXT, required=True) is None
        case FieldKind.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case FieldKind.DATE:
            return isinstance(value, str) and is_date(value)
        case FieldKind.CHOICE:
            return isinstance(value, str) and value in field.choices
        case FieldKind.YES_NO:
            return isinstance(value, bool)


def is_date(text: str) -> bool:
    """Whether this is a day as it is kept: 2026-11-21, from the year 1800 to 2199."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Values:
    """A sample's type and metadata: what its fields are checked by."""

    sample_type: str
    metadata: Mapping[str, Any]


def value_problems(fields: Iterable[DefinedField], now: Values, before: Values | None = None) -> dict[str, str]:
    """What is wrong with a sample's values, by :data:`PROBLEM_OF` and the field's key.

    *before* is what is saved already: only what is new or another than there is looked at.
    """
    found = {field.key: _problem(field, now, before) for field in fields if field.is_active}
    return {f"{PROBLEM_OF}{key}": problem for key, problem in found.items() if problem}


def _problem(field: DefinedField, now: Values, before: Values | None) -> Message | None:
    is_there = field.key in now.metadata
    if not is_there:
        had = before is not None and field.is_of(before.sample_type) and field.key not in before.metadata
        is_needed = field.required and field.is_of(now.sample_type) and not had
        return Message(NEEDED.template, name=field.name) if is_needed else None
    value = now.metadata[field.key]
    if before is not None and field.key in before.metadata and same(before.metadata[field.key], value):
        return None
    if not field.is_of(now.sample_type):
        return Message(OF_OTHER_TYPES.template, name=field.name)
    return misfit(field, value)


def same(one: object, other: object) -> bool:
    """Whether two values of metadata are one: to Python 1 is True, to JSON it is not."""
    return one == other and isinstance(one, bool) is isinstance(other, bool)


@dataclass(frozen=True)
class ShownValue:
    """A value of a sample as it is shown: in the fields' order, with what is wrong with it."""

    key: str
    name: str
    unit: str
    value: Any
    field: DefinedField | None
    """None where the center has no such field in use."""
    problem: Message | None = None


def shown_values(
    fields: Sequence[DefinedField], sample_type: str, metadata: Mapping[str, Any]
) -> tuple[ShownValue, ...]:
    """All of a sample's metadata: the fields of its type first, in the center's order, then what else is there."""
    known = {field.key: field for field in fields if field.is_active}
    own = [field for field in known.values() if field.is_of(sample_type) and field.key in metadata]
    found = [
        ShownValue(
            each.key,
            each.name,
            each.unit,
            metadata[each.key],
            each,
            misfit(each, metadata[each.key]),
        )
        for each in own
    ]
    shown = {each.key for each in own}
    for key, value in metadata.items():
        if key not in shown:
            field = known.get(key)
            problem = None if field is None else Message(OF_OTHER_TYPES.template, name=field.name)
            name, unit = (key, "") if field is None else (field.name, field.unit)
            found.append(ShownValue(key, name, unit, value, field, problem))
    return tuple(found)


def named(fields: Iterable[DefinedField], name: str) -> DefinedField | None:
    """The field that people call so, in any letter case, or whose key this is; one in use before one that is not."""
    wanted = name.casefold()
    found = [field for field in fields if wanted in (field.name.casefold(), field.key.casefold())]
    found.sort(key=lambda field: (not field.is_active, name not in (field.name, field.key)))
    return found[0] if found else None


_LONGEST_CELL = 100_000
_TRUTHS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def typed(field: DefinedField, text: str) -> Any:
    """The value that somebody typed for a field, as JSON keeps it; ValueError with a sentence where it does not fit.

    A number may have a decimal comma; yes and no are written so, or true and false; a choice in any letter case.
    """
    value: Any = text.strip()
    match field.kind:
        case FieldKind.NUMBER:
            value = number(value)
        case FieldKind.YES_NO:
            value = _TRUTHS.get(value.casefold())
        case FieldKind.CHOICE:
            value = next((each for each in field.choices if each.casefold() == value.casefold()), value)
    if problem := misfit(field, value):
        raise ValueError(problem)
    return value


_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,3})?")


def number(text: str) -> int | float | None:
    """A number as people type it, with point or comma for its decimals; None if it is none, or larger than is kept."""
    if len(text) > 100 or not _NUMBER.fullmatch(text):
        return None
    plain = text.replace(",", ".")
    value = float(plain)
    if abs(value) > 1e300:
        return None
    # 12345678901234567890 is an integer that a float would round.
    return int(plain) if re.fullmatch(r"[+-]?[0-9]+", plain) else value


def choices_of(text: str) -> tuple[str, ...]:
    """Choices written in one line, with commas between them and quotes around one that has a comma."""
    line = " ".join(text.splitlines())
    if len(line) > _LONGEST_CELL:  # more than all choices of a field together; csv raises an error of its own
        return (line,)
    cells = next(csv.reader([line], skipinitialspace=True), [])
    return tuple(cell.strip() for cell in cells if cell.strip())


def choices_text(choices: Iterable[str]) -> str:
    """Choices as one line, of which :func:`choices_of` makes them again."""
    return ", ".join('"{}"'.format(each.replace('"', '""')) if set(each) & set(',"') else each for each in choices)
