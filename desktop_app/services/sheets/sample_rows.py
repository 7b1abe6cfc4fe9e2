"""The rows of a sheet against the samples of a center: what would come in, what would change, and what cannot."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.fields import PROBLEM_OF, DefinedField, same
from desktop_app.domain.ids import new_id
from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.records import Sample
from desktop_app.domain.sheets import Sheet, SheetProblem
from desktop_app.domain.text_rules import clean
from desktop_app.message import Message
from desktop_app.services.sheets.cell_values import field_value, has_decimal_comma, moment
from desktop_app.services.sheets.sample_columns import HEADINGS, OF_METADATA, CenterWords, cell_text, heading_of

_NAMES = tuple(each.name for each in fields(SampleDraft))
_NO_TYPE = Message("This is no sample type of the center that is in use.")
_NO_PERSON = Message("This is no member of the center, or the name of several.")
_TWICE = Message("Row {row} has this barcode, too.")
_TAKEN = Message("A sample of the center has this barcode already.")
_ARCHIVED = Message("An archived sample is read-only.")


@dataclass(frozen=True)
class NewSample:
    """A row that becomes a sample."""

    row: int
    id: UUID
    values: Mapping[str, Any]
    """By the names of a SampleDraft, as JSON values."""


@dataclass(frozen=True)
class ChangedSample:
    """A row that changes a sample that is there."""

    row: int
    sample: Sample
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    """Only what is another than now."""


@dataclass(frozen=True)
class Center:
    """What the rows are compared with."""

    words: CenterWords
    fields: Sequence[DefinedField]
    samples: Mapping[str, Sample]
    """By barcode, those that the sheet names."""


@dataclass
class SampleRows:
    """Goes through the rows once; what it found stands in its lists."""

    sheet: Sheet
    columns: Mapping[int, str]
    center: Center
    update: bool
    new: list[NewSample] = field(default_factory=list)
    changed: list[ChangedSample] = field(default_factory=list)
    unchanged: int = 0
    problems: list[SheetProblem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._defined = {f"{OF_METADATA}{each.key}": each for each in self.center.fields if each.is_active}
        self._barcode = next((place for place, name in self.columns.items() if name == "barcode"), None)
        self._rows_of = self._rows_by_barcode()
        self._commas = {
            place: has_decimal_comma((row[place] for row in self.sheet.rows), self.sheet.form.separator)
            for place, name in self.columns.items()
            if name in self._defined
        }

    def look(self) -> Iterator[int]:
        """One row after the other; gives how many were looked at."""
        for count, (number, cells) in enumerate(zip(self.sheet.numbers, self.sheet.rows, strict=True), start=1):
            self._take(number, cells)
            yield count

    def _take(self, number: int, cells: Sequence[str]) -> None:
        before = len(self.problems)
        for (row, place), why in self._unreadable(number):
            self._wrong(row, place, why)
        barcode = "" if self._barcode is None else clean(cells[self._barcode])
        sample = self.center.samples.get(barcode) if barcode else None
        if barcode:
            # Which of them is meant nobody knows: none comes in, the first not either.
            first, second = self._rows_of[barcode]
            if second is not None:
                other = second if first == number else first
                self._wrong(number, self._barcode, Message(_TWICE.template, row=other), cells)
        if sample is not None and not self.update:
            self._wrong(number, self._barcode, _TAKEN, cells)
        draft = self._draft(number, cells, sample)
        if len(self.problems) > before or draft is None:
            return
        if sample is None:
            self.new.append(NewSample(number, new_id(), _as_json(draft, _NAMES)))
            return
        old = SampleDraft.of(sample)
        differs = [name for name in _NAMES if not _is_same(getattr(old, name), getattr(draft, name))]
        if not differs:
            self.unchanged += 1
        elif sample.status is SampleStatus.ARCHIVED:
            self._wrong(number, self._barcode, _ARCHIVED, cells)
        else:
            self.changed.append(ChangedSample(number, sample, _as_json(old, differs), _as_json(draft, differs)))

    def _rows_by_barcode(self) -> dict[str, tuple[int, int | None]]:
        """The first and the second row of each barcode."""
        found: dict[str, tuple[int, int | None]] = {}
        if self._barcode is None:
            return found
        for number, cells in zip(self.sheet.numbers, self.sheet.rows, strict=True):
            barcode = clean(cells[self._barcode])
            if barcode not in found:
                found[barcode] = number, None
            elif found[barcode][1] is None:
                found[barcode] = found[barcode][0], number
        return found

    def _draft(self, number: int, cells: Sequence[str], sample: Sample | None) -> SampleDraft | None:
        """The sample as the row has it; None where a cell is no value, which is noted."""
        values: dict[str, Any] = {}
        metadata = dict(sample.metadata) if sample else {}
        is_whole = True
        for place, name in self.columns.items():
            text = cells[place]
            if sample is not None and text == cell_text(self.center.words, sample, name):
                continue
            value = self._value(name, text, place)
            if isinstance(value, Message):
                self._wrong(number, place, value, cells)
                is_whole = False
            elif not name.startswith(OF_METADATA):
                values[name] = value
            elif value is None:
                metadata.pop(name.removeprefix(OF_METADATA), None)
            else:
                metadata[name.removeprefix(OF_METADATA)] = value
        if not is_whole:
            return None
        start = SampleDraft(name="", sample_type="") if sample is None else SampleDraft.of(sample)
        if sample is not None and values.get("user_id", sample) is None:
            del values["user_id"]  # nobody is taken away: a sample always has somebody
        draft = replace(start, **values, metadata=metadata)
        problems = draft.problems(self.center.fields, sample)
        for name, problem in problems.items():
            self._wrong(number, self._place_of(name), Message("{problem}", problem=problem), cells, name)
        return None if problems else draft

    def _value(self, name: str, text: str, place: int) -> Any:
        if name in self._defined:
            return field_value(self._defined[name], text, decimal_comma=self._commas[place])
        if name.startswith(OF_METADATA):
            return text or None
        match name:
            case "sample_type":
                return (self.center.words.type_code(text) or _NO_TYPE) if text.strip() else ""
            case "user_id":
                return (self.center.words.person_id(text) or _NO_PERSON) if text.strip() else None
            case "collected_at":
                return moment(text)
            case "name" | "barcode" | "collected_place":
                return clean(text)
        return text

    def _unreadable(self, number: int) -> list[tuple[tuple[int, int], Message]]:
        found = self.sheet.unreadable
        if not found:
            return []
        width = len(self.sheet.headings)
        return [((number, place), found[number, place]) for place in range(width + 1) if (number, place) in found]

    def _place_of(self, name: str) -> int | None:
        wanted = name.replace(PROBLEM_OF, OF_METADATA)
        return next((place for place, field in self.columns.items() if field == wanted), None)

    def _wrong(self, row: int, place: int | None, why: Message, cells: Sequence[str] = (), name: str = "") -> None:
        headings = self.sheet.headings
        if place is None:
            is_field = name in HEADINGS or name.startswith(OF_METADATA)
            column = heading_of(name, self.center.fields) if is_field else name
        else:
            column = headings[place] if place < len(headings) else ""
        value = cells[place] if place is not None and place < len(cells) else ""
        self.problems.append(SheetProblem(row, column, value, why))


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    return bool(one == other)


def _as_json(draft: SampleDraft, names: Sequence[str]) -> dict[str, Any]:
    return {name: _json(getattr(draft, name)) for name in names}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return dict(value) if isinstance(value, Mapping) else value
