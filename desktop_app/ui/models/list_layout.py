"""How a person wants a list: which columns, in what order and how wide, and what it is sorted by."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from desktop_app.domain.sorting import OwnField, Sort
from desktop_app.ui.models.columns import Column

COMING = OwnField.BEGINNING
"""What keys of columns begin with that are not there from the beginning: those of the open center's fields."""


@dataclass(frozen=True)
class ListLayout:
    """Columns by their keys. What is kept of one outlives columns that come and go with another version."""

    shown: tuple[str, ...]
    """From left to right."""
    widths: Mapping[str, int]
    """Logical pixels; one that is not here has its usual width."""
    sort: Sort[Any] | None = None

    def to_bytes(self) -> bytes:
        """As it is remembered."""
        sort = None if self.sort is None else [str(self.sort.field), self.sort.descending]
        return json.dumps({"shown": self.shown, "widths": dict(self.widths), "sort": sort}).encode()


def usual(columns: Sequence[Column[Any]], sort: Sort[Any] | None) -> ListLayout:
    """How a list is until somebody wants it otherwise."""
    return ListLayout(
        tuple(column.key for column in columns if not column.extra),
        {column.key: column.width for column in columns if column.width},
        sort,
    )


def remembered(kept: bytes, columns: Sequence[Column[Any]], default: Sort[Any] | None) -> ListLayout:
    """What was kept, as far as it can be read and there still are such columns; else as usual."""
    base = usual(columns, default)
    try:
        said = json.loads(kept)
        shown = [str(key) for key in said["shown"]]
        widths = {str(key): int(width) for key, width in said["widths"].items()}
        sort = said["sort"]
    except (ValueError, TypeError, KeyError, AttributeError):
        return base
    known = {column.key for column in columns} | {key for key in (*shown, *widths) if key.startswith(COMING)}
    chosen = tuple(dict.fromkeys(key for key in shown if key in known))
    return ListLayout(
        chosen or base.shown,
        {**base.widths, **{key: width for key, width in widths.items() if key in known and 0 < width < 5_000}},
        _sort(sort, columns) or default,
    )


def _sort(said: Any, columns: Sequence[Column[Any]]) -> Sort[Any] | None:
    if not isinstance(said, list) or len(said) != 2:
        return None
    field = next((column.sort for column in columns if column.sort is not None and column.sort == said[0]), None)
    if field is None and str(said[0]).startswith(COMING):
        field = OwnField(said[0])
    return None if field is None else Sort(field, bool(said[1]))
