"""Dates and times as they are typed into a field and as a field shows them to be edited."""

from datetime import date, datetime

_FORMATS = (
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
)


def typed_day(day: date | None) -> str:
    """A day to be edited: 2026-12-31, or nothing."""
    return "" if day is None else day.isoformat()


def day_of(text: str) -> date | None:
    """The typed day; None where there is none, or none that can be read."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def typed_date_time(moment: datetime | None) -> str:
    """A moment to be edited, in local time to the minute: 2026-11-21 09:30, or nothing."""
    return "" if moment is None else moment.astimezone().strftime(_FORMATS[0])


def date_time_of(text: str) -> datetime | None:
    """What was typed, with this computer's time zone; None where it is empty or no date."""
    typed = text.strip().replace("T", " ")
    for each in _FORMATS:
        try:
            return datetime.strptime(typed, each).astimezone()
        except (ValueError, OSError, OverflowError):
            continue
    return None
