"""Numbers of XLSX cells as text: without loss, and dates as ISO writes them."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

_DIGITS = re.compile(r"-?\d+")
_EXACT = 2**53
"""Up to here a spreadsheet's numbers keep every digit."""
# ECMA-376, part 1, 18.8.30: the formats that a file need not write down.
_DATES = frozenset({*range(14, 18), 22, *range(27, 32), 34, 35, 36, *range(50, 59)})
_TIMES = frozenset({18, 19, 20, 21, 32, 33, 45, 46, 47})
_NOT_SAID = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DAY_ZERO = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001  # a sheet's times have no zone
_LEAP_DAY = 60
"""The 29th of February 1900, which the format believes in."""


def number_text(raw: str) -> str | None:
    """A number as people write it, 0.1 and not 1.0000000000000001E-1; None for one that is not kept exactly."""
    if _DIGITS.fullmatch(raw):
        return raw if len(raw) <= 17 and abs(int(raw)) <= _EXACT else None
    value = float(raw)
    if value != value or abs(value) > _EXACT:
        return None
    if value == int(value):
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def date_kind(number_format: int, code: str | None) -> str:
    """``date``, ``time`` or nothing: what a number format shows."""
    if code is None:
        return "date" if number_format in _DATES else "time" if number_format in _TIMES else ""
    said = _NOT_SAID.sub("", code.split(";")[0]).lower()
    if said.strip() == "general":
        return ""
    if re.search(r"[yd]", said):
        return "date"
    # An m beside hours or seconds is minutes, else a month.
    return "time" if re.search(r"[hs]", said) else "date" if "m" in said else ""


def date_kinds(formats: Iterable[int], codes: Mapping[int, str]) -> tuple[str, ...]:
    """What each style of a workbook shows."""
    return tuple(date_kind(each, codes.get(each)) for each in formats)


def date_text(raw: str, kind: str, *, since_1904: bool) -> str | None:
    """A day and time as ISO writes it, without what is not there; None for a number that is no day."""
    value = float(raw)
    if value < 0:
        return None
    try:
        if not since_1904 and value < _LEAP_DAY:
            value += 1 if value >= 1 or kind == "date" else 0
        whole = timedelta(microseconds=round(value * 86_400_000) * 1_000)
        moment = _DAY_ZERO[since_1904] + whole
    except (OverflowError, ValueError):
        return None
    clock = moment.strftime("%H:%M:%S") if not moment.microsecond else moment.time().isoformat("milliseconds")
    if kind == "time" and value < 1:
        return clock
    day = moment.date().isoformat()
    return day if clock == "00:00:00" else f"{day} {clock}"
