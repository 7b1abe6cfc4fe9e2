"""Where the verified beginning of the trust log is kept between two starts: a file for each person and installation."""

from pathlib import Path
from uuid import UUID

from desktop_app.storage.remembered_file import read_remembered, write_remembered

_MOST = 256 * 1024 * 1024  # bytes; a log of 10,000 entries needs at most 16 MiB


class TrustSnapshots:
    """Files ``<state_dir>/trust/<installation id>/<user id>``, of mode 0600; what is in them authenticates itself.

    A file is replaced in one step, so that two programs at once each leave a whole one; whose it is does not matter.
    """

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / "trust"

    def read(self, installation_id: UUID, user_id: UUID) -> bytes | None:
        """What was kept, or None; raises StorageError."""
        return read_remembered(self._path(installation_id, user_id), _MOST)

    def write(self, installation_id: UUID, user_id: UUID, content: bytes) -> None:
        """Keep this instead; raises StorageError."""
        write_remembered(self._path(installation_id, user_id), content)

    def _path(self, installation_id: UUID, user_id: UUID) -> Path:
        return self._folder / str(installation_id) / str(user_id)
