"""Whether values are of the kinds that a dataclass says: Python does not ask, and a script may give anything."""

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from desktop_app.errors import InvalidInputError
from desktop_app.message import Message

_SENTENCES = {
    str: Message("This must be text."),
    bool: Message("This must be true or false."),
    int: Message("This must be a whole number."),
    UUID: Message("This must be an id."),
    datetime: Message("This must be a time with its time zone."),
}
_LARGEST_NUMBER = 2**63 - 1
"""What PostgreSQL's bigint holds."""


def check_kinds(values: Any) -> None:
    """Raise InvalidInputError if a field of the dataclass holds another kind of value than it says."""
    if problems := kind_problems(values):
        raise InvalidInputError(problems)


def check_kind(name: str, value: object, hint: Any) -> None:
    """The same for a single value that is called *name*."""
    if not is_of_kind(value, hint):
        raise InvalidInputError({name: _sentence(hint)})


def kind_problems(values: Any) -> dict[str, str]:
    """Field name to sentence, for every field whose value is not of its kind; of a whole dataclass."""
    kind: type = type(values)
    hints = _hints(kind)
    return {
        field.name: _sentence(hints[field.name])
        for field in dataclasses.fields(values)
        if not is_of_kind(getattr(values, field.name), hints[field.name])
    }


def is_of_kind(value: object, hint: Any) -> bool:
    """Whether the value is what the annotation says; unknown annotations take everything."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(is_of_kind(value, part) for part in parts)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if len(parts) == 2 and parts[1] is Ellipsis:
            return all(is_of_kind(each, parts[0]) for each in value)
        return len(value) == len(parts) and all(map(is_of_kind, value, parts))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return isinstance(value, Mapping)
    if hint is datetime:
        return _is_moment(value)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST_NUMBER
    return isinstance(value, hint) if isinstance(hint, type) else True


def _is_moment(value: object) -> bool:
    """A time that has a zone and is still one in UTC, which the database keeps."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        return False
    try:
        value.astimezone(UTC)
    except OverflowError:
        return False
    return True


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _sentence(hint: Any) -> str:
    wanted = [part for part in get_args(hint) or (hint,) if part is not type(None)]
    return _SENTENCES.get(wanted[0], Message("This is not of the kind that belongs here."))
