"""What this workstation remembers of the centers' health, in ``<state_dir>/remembered/<installation id>.health.json``.

Ids, numbers and times only. A file that cannot be read counts as empty: what was checked is checked again.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from desktop_app.domain.health import CenterHealth, Checked, Scrub
from desktop_app.storage.remembered_file import changing_remembered, write_remembered

_DAMAGED = (OSError, ValueError, KeyError, TypeError, AttributeError)


class HealthNotes:
    """By installation and center; two programs may write at once, each replaces what it looked at."""

    def __init__(self, state_dir: Path, wait: float = 10.0) -> None:
        self._folder = state_dir / "remembered"
        self._wait = wait

    def of(self, installation_id: UUID, center_id: UUID) -> CenterHealth:
        """What is known of the center."""
        return self._read(installation_id).get(str(center_id), CenterHealth())

    def keep(self, installation_id: UUID, center_id: UUID, **parts: Checked | Scrub) -> CenterHealth:
        """Keep some of it, ``documents``, ``record`` or ``scrub``, beside the rest; raises StorageError."""
        with changing_remembered(self._folder, installation_id, self._wait):
            known = self._read(installation_id)
            values = _values(known.get(str(center_id), CenterHealth())) | {
                name: _part(part) for name, part in parts.items()
            }
            known[str(center_id)] = _health(values)
            content = {center: _values(health) for center, health in known.items()}
            write_remembered(self._path(installation_id), json.dumps(content, indent=1, sort_keys=True).encode())
            return known[str(center_id)]

    def _read(self, installation_id: UUID) -> dict[str, CenterHealth]:
        try:
            found = json.loads(self._path(installation_id).read_text("utf-8"))
            return {str(UUID(center)): _health(values) for center, values in found.items()}
        except _DAMAGED:
            return {}

    def _path(self, installation_id: UUID) -> Path:
        return self._folder / f"{installation_id}.health.json"


def _values(health: CenterHealth) -> dict[str, Any]:
    parts = {"documents": health.documents, "record": health.record, "scrub": health.scrub}
    return {name: _part(part) for name, part in parts.items()}


def _part(part: Checked | Scrub | None) -> dict[str, Any] | None:
    match part:
        case None:
            return None
        case Checked():
            return {"at": part.at.isoformat(), "found": part.found}
        case Scrub():
            return {
                "began": part.began.isoformat(),
                "after": None if part.after is None else str(part.after),
                "checked": part.checked,
                "wrong": [str(each) for each in part.wrong],
                "ended": None if part.ended is None else part.ended.isoformat(),
            }


def _health(values: Mapping[str, Any]) -> CenterHealth:
    scrub = values["scrub"]
    return CenterHealth(
        _checked(values["documents"]),
        _checked(values["record"]),
        None
        if scrub is None
        else Scrub(
            _time(scrub["began"]),
            None if scrub["after"] is None else UUID(scrub["after"]),
            int(scrub["checked"]),
            tuple(UUID(each) for each in scrub["wrong"]),
            None if scrub["ended"] is None else _time(scrub["ended"]),
        ),
    )


def _checked(values: Mapping[str, Any] | None) -> Checked | None:
    return None if values is None else Checked(_time(values["at"]), int(values["found"]))


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time needs its zone")
    return found
