"""What a workstation knows of a center's health: what was checked, when, and what was found.

How often all stored files are read is in the center's settings: ``{"health": {"scrub_every_days": 30}}``, 0 for never.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from desktop_app.message import Message

EVERY_DAYS = 30
"""Where the center says nothing."""
MOST_DAYS = 9_999


@dataclass(frozen=True)
class Checked:
    """A check that came to its end; times are this computer's, in UTC."""

    at: datetime
    found: int


@dataclass(frozen=True)
class Scrub:
    """One reading of every stored file, a few at a time, in the order of the versions' ids."""

    began: datetime
    after: UUID | None = None
    """The last version that was read."""
    checked: int = 0
    wrong: tuple[UUID, ...] = ()
    """The versions whose files are not what was signed: ids only, because names stay out of files of a workstation."""
    ended: datetime | None = None


@dataclass(frozen=True)
class CenterHealth:
    """What was checked on this workstation; None where nothing was."""

    documents: Checked | None = None
    """Files, keys, people and schema, all at once."""
    record: Checked | None = None
    scrub: Scrub | None = None


def scrub_every_days(settings: Mapping[str, Any]) -> int:
    """After how many days all stored files are read again; 0 for never."""
    health = settings.get("health")
    days = health.get("scrub_every_days") if isinstance(health, Mapping) else None
    return days if isinstance(days, int) and not isinstance(days, bool) and 0 <= days <= MOST_DAYS else EVERY_DAYS


def health_problem(settings: Mapping[str, Any]) -> str | None:
    """What is wrong with the part of the settings that says so, as a sentence."""
    if "health" not in settings:
        return None
    health = settings["health"]
    if isinstance(health, Mapping) and set(health) == {"scrub_every_days"}:
        days = health["scrub_every_days"]
        if isinstance(days, int) and not isinstance(days, bool) and 0 <= days <= MOST_DAYS:
            return None
    return Message(
        'How often stored files are read is given as {{"scrub_every_days": 30}}, in whole days up to {most}.',
        most=MOST_DAYS,
    )


def is_scrub_due(scrub: Scrub | None, every_days: int, now: datetime) -> bool:
    """Whether there is something to read: a reading that is under way, or so many days after the last one began."""
    if every_days == 0:
        return False
    return scrub is None or scrub.ended is None or now - scrub.began >= timedelta(days=every_days)
