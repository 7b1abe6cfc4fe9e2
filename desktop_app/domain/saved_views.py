"""A view of the list of samples that is kept: filter, order and columns, in a text form that says its version."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from desktop_app.domain.field_filters import FieldCondition
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.sorting import NEWEST_SAMPLES, OwnField, SampleOrder, Sort
from desktop_app.domain.text_rules import line_problem
from desktop_app.domain.type_checks import check_kinds
from desktop_app.errors import InvalidInputError
from desktop_app.message import Message

VERSION = 1
LONGEST_NAME = 100
_KEY = "labkeep_view"
_UNREADABLE = Message("This view cannot be read.")


@dataclass(frozen=True)
class ViewContent:
    """What a view shows."""

    filter: SampleFilter = field(default_factory=SampleFilter)
    sort: Sort[SampleOrder] = NEWEST_SAMPLES
    columns: tuple[str, ...] = ()
    """By their keys, from left to right; none: the person's own."""

    @property
    def text(self) -> str:
        """The form in which it is kept and shown."""
        said = {
            _KEY: VERSION,
            "filter": _filter_values(self.filter),
            "sort": [str(self.sort.field), "descending" if self.sort.descending else "ascending"],
            "columns": list(self.columns),
        }
        return json.dumps(said, ensure_ascii=False)

    @classmethod
    def parse(cls, text: str) -> "ViewContent":
        """InvalidInputError for what is no view, or one of a newer Labkeep."""
        try:
            said = json.loads(text)
            if said[_KEY] != VERSION:
                raise InvalidInputError({"content": Message("This view was made by another version of Labkeep.")})
            order, way = said["sort"]
            columns = tuple(str(each)[:100] for each in said["columns"])[:100]
            content = cls(_filter(said["filter"]), Sort(OwnField.parse(order), way == "descending"), columns)
            check_kinds(content.filter)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise InvalidInputError({"content": _UNREADABLE}) from error
        return content


@dataclass(frozen=True, kw_only=True)
class SavedView:
    """A view that was kept."""

    id: UUID
    name: str
    is_shared: bool
    is_own: bool
    """Whether the person who reads it made it."""
    owner: str
    """Whose it is, by name."""
    updated_at: datetime
    text: str

    @property
    def content(self) -> ViewContent:
        """What it shows; InvalidInputError where that cannot be read."""
        return ViewContent.parse(self.text)


def narrowed(view: SampleFilter, further: SampleFilter) -> SampleFilter:
    """The view's filter with what is asked for besides in the place of what it says of the same."""
    usual = SampleFilter()
    given = {each.name: getattr(further, each.name) for each in fields(SampleFilter)}
    return replace(view, **{name: value for name, value in given.items() if value != getattr(usual, name)})


def check_name(name: str) -> str:
    """The name without spaces around it; InvalidInputError."""
    name = name.strip()
    if problem := line_problem(name, longest=LONGEST_NAME, required=True):
        raise InvalidInputError({"name": problem})
    return name


def _filter_values(wanted: SampleFilter) -> dict[str, Any]:
    """Only what narrows: what later versions may filter by is not in views of this one."""
    usual = SampleFilter()
    return {
        each.name: _plain(getattr(wanted, each.name))
        for each in fields(SampleFilter)
        if getattr(wanted, each.name) != getattr(usual, each.name)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, FieldCondition):
        return value.text
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _filter(said: Mapping[str, Any]) -> SampleFilter:
    made = {name: _MADE.get(name, _same)(value) for name, value in said.items()}
    return replace(SampleFilter(), **made)


def _same(value: Any) -> Any:
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(str(each) for each in value)


def _conditions(value: Any) -> tuple[FieldCondition, ...]:
    return tuple(FieldCondition.parse(each) for each in _texts(value))


_MADE: Mapping[str, Callable[[Any], Any]] = {
    "status": SampleStatus,
    "user_id": UUID,
    "since": datetime.fromisoformat,
    "until": datetime.fromisoformat,
    "conditions": _conditions,
    "barcodes": _texts,
}
