"""Where the verified beginning of the trust log is kept between two starts: a file for each person and installation."""

from pathlib import Path
from uuid import UUID

from desktop_app.storage.errors import StorageError
from desktop_app.system.atomic_file import replace_private_file

_MOST = 256 * 1024 * 1024  # bytes; a log of 10,000 entries needs at most 16 MiB


class TrustSnapshots:
    """Files ``<state_dir>/trust/<installation id>/<user id>``, of mode 0600; what is in them authenticates itself.

    A file is replaced in one step, so that two programs at once each leave a whole one; whose it is does not matter.
    """

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / "trust"

    def read(self, installation_id: UUID, user_id: UUID) -> bytes | None:
        """What was kept, or None; raises StorageError."""
        path = self._path(installation_id, user_id)
        try:
            return path.read_bytes() if path.stat().st_size <= _MOST else None
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError("{path} could not be read: {reason}.", path=path, reason=error.strerror) from error

    def write(self, installation_id: UUID, user_id: UUID, content: bytes) -> None:
        """Keep this instead; raises StorageError."""
        path = self._path(installation_id, user_id)
        try:
            replace_private_file(path, content)
        except OSError as error:
            raise StorageError("{path} could not be written: {reason}.", path=path, reason=error.strerror) from error

    def _path(self, installation_id: UUID, user_id: UUID) -> Path:
        return self._folder / str(installation_id) / str(user_id)
