"""For whom a secret is kept in the credential store, which cannot be asked for a list, and whose window is locked."""

import json
from pathlib import Path
from uuid import UUID

from desktop_app.storage.remembered_file import changing_remembered, write_remembered


class RememberedNames:
    """User names by installation, in ``<state_dir>/remembered/<installation id>.<kind>.json``; only a convenience.

    A damaged file counts as empty: nothing but a list of names is lost.
    """

    def __init__(self, state_dir: Path, kind: str = "names", wait: float = 10.0) -> None:
        self._folder = state_dir / "remembered"
        self._kind = kind
        self._wait = wait

    def names(self, installation_id: UUID) -> list[str]:
        """Return the user names, the latest first."""
        try:
            values = json.loads(self._path(installation_id).read_text("utf-8"))
        except (OSError, ValueError):
            return []
        if not isinstance(values, list):
            return []
        return [value for value in values if isinstance(value, str)]

    def add(self, installation_id: UUID, username: str) -> None:
        """Put a name first; raises StorageError."""
        self._change(installation_id, username, keep=True)

    def remove(self, installation_id: UUID, username: str) -> None:
        """Take a name off the list, if it is there; raises StorageError."""
        self._change(installation_id, username, keep=False)

    def _change(self, installation_id: UUID, username: str, *, keep: bool) -> None:
        with changing_remembered(self._folder, installation_id, self._wait):
            others = [name for name in self.names(installation_id) if name != username]
            names = [username, *others] if keep else others
            write_remembered(self._path(installation_id), json.dumps(names, ensure_ascii=False).encode())

    def _path(self, installation_id: UUID) -> Path:
        return self._folder / f"{installation_id}.{self._kind}.json"
