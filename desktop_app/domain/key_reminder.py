"""After how many days a center wants to be reminded of a new key: ``{"keys": {"remind_after_days": 365}}``.

It stands in the center's settings. Where it is not there nobody is reminded; that somebody has left is said anyway.
"""

from collections.abc import Mapping
from typing import Any

from desktop_app.message import Message

MOST_DAYS = 99_999


def remind_after_days(settings: Mapping[str, Any]) -> int | None:
    """The days, None where the center wants no reminder."""
    keys = settings.get("keys")
    days = keys.get("remind_after_days") if isinstance(keys, Mapping) else None
    return days if isinstance(days, int) and not isinstance(days, bool) and 1 <= days <= MOST_DAYS else None


def reminder_problem(settings: Mapping[str, Any]) -> str | None:
    """What is wrong with the part of the settings that says so, as a sentence."""
    if "keys" not in settings:
        return None
    keys = settings["keys"]
    if isinstance(keys, Mapping) and set(keys) == {"remind_after_days"} and remind_after_days(settings) is not None:
        return None
    return Message(
        'A reminder of a new key is given as {{"remind_after_days": 365}}, in whole days up to {most}.', most=MOST_DAYS
    )
