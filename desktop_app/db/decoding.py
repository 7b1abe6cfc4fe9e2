"""Values of the database as Python's: one that Python has no value for never makes a whole page unreadable.

Members cannot write such values (bounds in the tables); a database administrator or a later program can.
"""

import json
from datetime import UTC, datetime
from typing import Any

import psycopg2.extensions

_TIMESTAMPTZ = 1184
"""Its oid (pg_type.dat)."""
# A day from the ends of what Python has, so that they are moments in every time zone.
EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)
UNREADABLE = {"": "unreadable"}
"""What stands for JSON that cannot be read."""

_decode = json.JSONDecoder().raw_decode


def read_json(text: str) -> Any:
    """JSON as Python's objects; ``UNREADABLE`` for numbers or nesting that Python does not take.

    A jsonb begins and ends with its value: a third of what ``json.loads`` takes, which looks for more (measured).
    """
    try:
        value, end = _decode(text)
        return value if end == len(text) else json.loads(text)
    except (ValueError, RecursionError):
        return UNREADABLE


def read_moment(text: str | None, cursor: Any) -> datetime | None:
    """A timestamptz; what lies outside the years 1 to 9999 becomes ``EARLIEST`` or ``LATEST``."""
    if text is None:
        return None
    try:
        moment: datetime = psycopg2.extensions.PYDATETIMETZ(text, cursor)
    except (ValueError, OverflowError, psycopg2.DataError):
        return EARLIEST if text.startswith("-") or text.endswith("BC") else LATEST
    # Nearly each: a list has hundreds of them.
    return moment if EARLIEST <= moment <= LATEST else min(max(moment, EARLIEST), LATEST)


MOMENTS = psycopg2.extensions.new_type((_TIMESTAMPTZ,), "labkeep-moment", read_moment)


def read_strange_moments(connection: Any, _record: Any) -> None:
    """Read the moments of a new connection so."""
    psycopg2.extensions.register_type(MOMENTS, connection)
