"""The rows of a sheet against the fields that a center has: what would be new, what would change, and what cannot."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from desktop_app.domain.fields import (
    LARGEST_PLACE,
    LONGEST_NAME,
    MOST_FIELDS,
    DefinedField,
    FieldDraft,
    FieldKind,
    choices_of,
    next_place,
)
from desktop_app.domain.ids import new_id
from desktop_app.domain.sheets import Sheet, SheetProblem, plain_heading
from desktop_app.domain.text_rules import clean, line_problem
from desktop_app.message import Message
from desktop_app.services.sheets.cell_values import truth
from desktop_app.services.sheets.field_columns import HEADINGS, cell_text
from desktop_app.services.sheets.sample_columns import CenterWords

_NO_KIND = Message("A kind is text, number, date, choice or yes-no.")
_NO_TRUTH = Message("Yes or no.")
_NO_TYPE = Message("The center has no sample type {name}, or several.")
_TWICE = Message("Row {row} is this field, too.")
_IS_THERE = Message("The center has this field already.")
_TAKEN = Message("Another field has this name, or had it when it was made.")
_TOO_MANY = Message("A center has at most 200 fields, those out of use included.")
_KINDS = {plain_heading(kind.value): kind for kind in FieldKind}


@dataclass(frozen=True)
class NewField:
    """A row that becomes a field."""

    row: int
    field: DefinedField


@dataclass(frozen=True)
class ChangedField:
    """A row that changes a field that is there."""

    row: int
    before: DefinedField
    after: DefinedField


@dataclass
class FieldRows:
    """Goes through the rows once; what it found stands in its lists."""

    sheet: Sheet
    columns: Mapping[int, str]
    words: CenterWords
    there: Sequence[DefinedField]
    update: bool
    new: list[NewField] = field(default_factory=list)
    changed: list[ChangedField] = field(default_factory=list)
    unchanged: int = 0
    problems: list[SheetProblem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._place_of = {name: place for place, name in self.columns.items()}
        self._places = [each.position for each in self.there]
        self._rows_of: dict[str, list[int]] = {}
        for number, cells in zip(self.sheet.numbers, self.sheet.rows, strict=True):
            for name in self._names(cells):
                self._rows_of.setdefault(name, []).append(number)

    def look(self) -> Iterator[int]:
        """One row after the other; gives how many were looked at."""
        for count, (number, cells) in enumerate(zip(self.sheet.numbers, self.sheet.rows, strict=True), start=1):
            self._take(number, cells)
            yield count

    def _take(self, number: int, cells: Sequence[str]) -> None:
        before = len(self.problems)
        self._note_unreadable(number)
        found = self._found(cells)
        self._note_names(number, cells, found)
        if found is not None and not self.update:
            self._wrong(number, self._named_by, _IS_THERE, cells)
        values = self._values(number, cells, found)
        if len(self.problems) > before:
            return
        if found is None:
            self._take_new(number, cells, values)
            return
        after = replace(found, **{name: value for name, value in values.items() if value is not None})
        if self._fits(number, cells, after):
            if after == found:
                self.unchanged += 1
            else:
                self.changed.append(ChangedField(number, found, after))

    def _take_new(self, number: int, cells: Sequence[str], values: Mapping[str, Any]) -> None:
        given = {name: value for name, value in values.items() if value is not None}
        key = given.get("key") or given.get("name", "")
        name = given.get("name") or key
        if "kind" not in given:
            self._wrong(number, "kind", _NO_KIND, cells)
            return
        made = DefinedField(**{"position": next_place(self._places), **given, "id": new_id(), "key": key, "name": name})
        if not self._fits(number, cells, made):
            return
        if len(self.there) + len(self.new) >= MOST_FIELDS:
            self._wrong(number, self._named_by, _TOO_MANY, cells)
            return
        self._places.append(made.position)
        self.new.append(NewField(number, made))

    def _fits(self, number: int, cells: Sequence[str], made: DefinedField) -> bool:
        problems = FieldDraft.of(made).problems()
        if problem := line_problem(made.key, longest=LONGEST_NAME, required=True):
            problems.setdefault("name" if made.key == made.name else "key", problem)
        for name, problem in problems.items():
            self._wrong(number, name, Message("{problem}", problem=problem), cells)
        return not problems

    @property
    def _named_by(self) -> str:
        return "name" if "name" in self._place_of else "key"

    def _cell(self, cells: Sequence[str], name: str) -> str:
        place = self._place_of.get(name)
        return "" if place is None else cells[place]

    def _found(self, cells: Sequence[str]) -> DefinedField | None:
        """The field that a row is about: by its key, which is for life, else by its name."""
        key, name = clean(self._cell(cells, "key")), clean(self._cell(cells, "name")).casefold()
        if key:
            return next((each for each in self.there if each.key == key), None)
        return next((each for each in self.there if each.name.casefold() == name), None)

    def _names(self, cells: Sequence[str]) -> set[str]:
        """What nothing else in the center may be called when this row is in."""
        found = self._found(cells)
        name = clean(self._cell(cells, "name"))
        key = clean(self._cell(cells, "key")) if found is None else found.key
        return {each.casefold() for each in (name, key) if each}

    def _note_names(self, number: int, cells: Sequence[str], found: DefinedField | None) -> None:
        names = self._names(cells)
        others = [row for name in sorted(names) for row in self._rows_of[name] if row != number]
        if others:
            # Which of them is meant nobody knows: none comes in, the first not either.
            self._wrong(number, self._named_by, Message(_TWICE.template, row=others[0]), cells)
        elif any(each is not found and {each.name.casefold(), each.key.casefold()} & names for each in self.there):
            self._wrong(number, self._named_by, _TAKEN, cells)

    def _values(self, number: int, cells: Sequence[str], found: DefinedField | None) -> dict[str, Any]:
        """What the row says by property; None where it says nothing of it."""
        values: dict[str, Any] = {}
        for place, name in self.columns.items():
            text = cells[place]
            if found is not None and text == cell_text(self.words, found, name):
                continue
            value = self._value(name, text)
            if isinstance(value, Message):
                self._wrong(number, name, value, cells)
            else:
                values[name] = value
        if values.get("kind", FieldKind.CHOICE) is not FieldKind.CHOICE and "choices" not in self._place_of:
            values["choices"] = ()  # as the form does it: another kind has none
        return values

    def _value(self, name: str, text: str) -> Any:
        plain = clean(text)
        match name:
            case "kind":
                return (_KINDS.get(plain_heading(plain)) or _NO_KIND) if plain else None
            case "choices":
                return _listed(text)
            case "sample_types":
                return self._types(text)
            case "required" | "is_active":
                found = truth(plain)
                return (_NO_TRUTH if found is None else found) if plain else None
            case "position":
                if not plain:
                    return None
                is_number = plain.isascii() and plain.isdecimal() and len(plain) < 9
                return int(plain) if is_number else Message("From 0 to {largest}.", largest=LARGEST_PLACE)
            case "key":
                return plain or None
        return plain

    def _types(self, text: str) -> Sequence[str] | Message:
        codes = []
        for each in _listed(text):
            code = self.words.type_code(each) or self.words.former_type_code(each)
            if code is None:
                return Message(_NO_TYPE.template, name=each)
            codes.append(code)
        return tuple(dict.fromkeys(codes))

    def _note_unreadable(self, number: int) -> None:
        for (row, place), why in self.sheet.unreadable.items():
            if row == number and (place in self.columns or place >= len(self.sheet.headings)):
                self._wrong(row, self.columns.get(place, ""), why)

    def _wrong(self, row: int, name: str, why: Message, cells: Sequence[str] = ()) -> None:
        place = self._place_of.get(name)
        column = HEADINGS.get(name, name) if place is None else self.sheet.headings[place]
        self.problems.append(SheetProblem(row, column, cells[place] if place is not None and cells else "", why))


def _listed(text: str) -> tuple[str, ...]:
    """Names in one cell: one in each line, or with commas between them."""
    lines = [clean(line) for line in text.splitlines() if line.strip()]
    return tuple(lines) if len(lines) > 1 else choices_of(clean(text))
