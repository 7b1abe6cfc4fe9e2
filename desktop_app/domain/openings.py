"""What of opening documents goes on the record: ``{"openings": "exports"}`` in a center's settings, or ``"all"``."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from desktop_app.message import Message

SETTING = "openings"


class Opening(StrEnum):
    """How the clear content of a version came before somebody."""

    PREVIEW = "preview"
    """In memory: the preview of the window, or a script."""
    OPEN = "open"
    """A copy in the private folder of "Open with", wiped again."""
    EXPORT = "export"
    """A copy that Labkeep knows nothing more of: saved as, fetched by a command, or dragged out of the window."""


class OpeningsKept(StrEnum):
    """Which of them a center puts on its record."""

    ALL = "all"
    """The usual one."""
    EXPORTS = "exports"
    """Those only that leave a copy in clear outside of Labkeep's memory."""


@dataclass(frozen=True)
class OpenedVersion:
    """One opening, as it is put on the record."""

    version_id: UUID
    opening: Opening
    seconds_late: int = 0
    """How long ago it was when the server was told."""


def goes_on_record(settings: Mapping[str, Any], opening: Opening) -> bool:
    """Whether a center with these settings wants to know of it; the database decides again."""
    return settings.get(SETTING) != OpeningsKept.EXPORTS or opening is not Opening.PREVIEW


def openings_problem(settings: Mapping[str, Any]) -> str | None:
    """What is wrong with the part of the settings that says so, as a sentence."""
    known = [kept.value for kept in OpeningsKept]
    if SETTING not in settings or settings[SETTING] in known:
        return None
    return Message("What is recorded of openings is one of {names}.", names=known)
