"""The newest manifest of versions that was believed on this workstation: none older takes its place."""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from desktop_app.errors import LabkeepError
from desktop_app.storage.remembered_file import changing_remembered, write_remembered


@dataclass(frozen=True)
class SeenUpdate:
    """What a manifest said that was believed."""

    version: str
    place: str
    issued: datetime


class SeenUpdates:
    """By installation, in ``<state_dir>/remembered/<installation id>.update.json``; a damaged file counts as none."""

    def __init__(self, state_dir: Path, wait: float = 10.0) -> None:
        self._folder = state_dir / "remembered"
        self._wait = wait

    def last(self, installation_id: UUID) -> SeenUpdate | None:
        """The newest one, if any was seen."""
        try:
            values = json.loads(self._path(installation_id).read_text("utf-8"))
            seen = SeenUpdate(str(values["version"]), str(values["place"]), datetime.fromisoformat(values["issued"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return seen if seen.issued.tzinfo is not None else None

    def keep(self, installation_id: UUID, seen: SeenUpdate) -> None:
        """Keep it, unless a later one is known; a folder that cannot be written forgets it again."""
        with suppress(LabkeepError, OSError), changing_remembered(self._folder, installation_id, self._wait):
            before = self.last(installation_id)
            if before is None or before.issued < seen.issued:
                values = {"version": seen.version, "place": seen.place, "issued": seen.issued.isoformat()}
                write_remembered(self._path(installation_id), json.dumps(values).encode())

    def _path(self, installation_id: UUID) -> Path:
        return self._folder / f"{installation_id}.update.json"
