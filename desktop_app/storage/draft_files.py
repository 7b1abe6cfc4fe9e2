"""Where unsaved forms are kept: a sealed file each, and a lock that tells whether its form is still open somewhere."""

from contextlib import suppress
from pathlib import Path
from uuid import UUID

from desktop_app.domain.ids import parse_id
from desktop_app.storage.errors import StorageError
from desktop_app.storage.remembered_file import read_remembered, write_remembered
from desktop_app.system.folders import make_private_folder
from desktop_app.system.locks import FileLock

_MOST = 8 * 1024 * 1024  # bytes; what is larger is none of ours
_LOCK = ".lock"


class DraftFiles:
    """Files ``<state_dir>/drafts/<installation id>/<user id>/<draft id>``, of mode 0600, sealed by their writer."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / "drafts"

    def ids(self, installation_id: UUID, user_id: UUID) -> list[UUID]:
        """Which there are, the latest first."""
        found: list[tuple[float, UUID]] = []
        with suppress(OSError):
            for path in self._of(installation_id, user_id).iterdir():
                draft_id = parse_id(path.name)
                if draft_id is not None:
                    with suppress(OSError):
                        found.append((path.stat().st_mtime, draft_id))
        return [draft_id for _at, draft_id in sorted(found, reverse=True)]

    def hold(self, installation_id: UUID, user_id: UUID, draft_id: UUID) -> FileLock | None:
        """Have it for oneself; None where a form of another window has it. Raises StorageError."""
        path = self._of(installation_id, user_id) / f"{draft_id}{_LOCK}"
        try:
            make_private_folder(path.parent)
            lock = FileLock(path)
        except OSError as error:
            raise StorageError("{path} could not be written: {reason}.", path=path, reason=error.strerror) from error
        try:
            if lock.try_exclusive() and lock.is_current():
                return lock
        except BaseException:
            lock.close()
            raise
        lock.close()
        return None

    def read(self, installation_id: UUID, user_id: UUID, draft_id: UUID) -> bytes | None:
        """What is in it, or None; raises StorageError."""
        return read_remembered(self._of(installation_id, user_id) / str(draft_id), _MOST)

    def write(self, installation_id: UUID, user_id: UUID, draft_id: UUID, content: bytes) -> None:
        """Put this in its place; raises StorageError."""
        write_remembered(self._of(installation_id, user_id) / str(draft_id), content)

    def remove(self, installation_id: UUID, user_id: UUID, draft_id: UUID) -> None:
        """Take it away; raises StorageError."""
        self._unlink(self._of(installation_id, user_id) / str(draft_id))

    def end(self, hold: FileLock) -> None:
        """Nobody will hold it any more: the lock goes, too. Raises StorageError."""
        with hold:
            self._unlink(hold.path)

    def _unlink(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError("{path} could not be removed: {reason}.", path=path, reason=error.strerror) from error

    def _of(self, installation_id: UUID, user_id: UUID) -> Path:
        return self._folder / str(installation_id) / str(user_id)
