"""The private folder of "Open with": decrypted files for other programs, wiped when ours ends or dies."""

import os
import secrets
import shutil
import stat
import sys
from contextlib import suppress
from pathlib import Path

from desktop_app.storage.errors import TargetError
from desktop_app.system.folders import make_private_folder
from desktop_app.system.locks import FileLock, LockBusyError, hold_alone

_LOCK_NAME = "in-use.lock"
_FOLDERS_LOCK = "folders.lock"


class OpenFolder:
    """Where "Open with" puts decrypted files: one private folder for each running program, wiped when it ends.

    A program holds a lock on its folder, so that a program that starts wipes what dead ones left and never what
    another window shows at this moment.
    """

    def __init__(self, open_dir: Path) -> None:
        self._open_dir = open_dir
        self._mine: Path | None = None
        self._lock: FileLock | None = None

    def start(self) -> list[Path]:
        """Wipe what dead programs left, and return what could not be removed. Raises TargetError."""
        remaining: list[Path] = []
        if not os.path.lexists(self._open_dir):
            return remaining
        with self._all_folders():
            for entry in sorted(self._open_dir.iterdir()):
                if entry.name != _FOLDERS_LOCK:
                    remaining += _wipe_if_abandoned(entry)
        return remaining

    def new_folder(self) -> Path:
        """Return a new, empty folder for one file; TargetError where others could look into it."""
        folder = self._own_folder() / secrets.token_hex(8)
        try:
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise TargetError(
                "No document can be opened in {parent}: {reason}.", parent=folder.parent, reason=error.strerror
            ) from error
        return folder

    def wipe(self) -> list[Path]:
        """Remove this program's decrypted files; returns what another program still holds open (Windows)."""
        if self._mine is None or not self._mine.is_dir():
            return []
        remaining = []
        for entry in sorted(self._mine.iterdir()):
            if entry.name != _LOCK_NAME:
                remaining += _wipe(entry)
        return remaining

    def discard(self, file: Path) -> None:
        """Remove one of this program's files, with the folder that was made for it."""
        if self._mine is not None and file.parent.parent == self._mine:
            _wipe(file.parent)

    def close(self) -> list[Path]:
        """Wipe, and let go of the folder; for the end of the program."""
        remaining = self.wipe()
        if self._lock is not None and self._mine is not None:
            self._lock.close()
            if not remaining:
                _wipe(self._mine)
        self._lock = self._mine = None
        return remaining

    def _own_folder(self) -> Path:
        if self._mine is None:
            with self._all_folders():  # a program that starts must not take a folder for abandoned before it is locked
                mine = self._open_dir / secrets.token_hex(8)
                mine.mkdir(mode=0o700)
                self._lock = hold_alone(mine / _LOCK_NAME, 0)
            self._mine = mine
        _require_private(self._open_dir)
        _require_private(self._mine)
        return self._mine

    def _all_folders(self) -> FileLock:
        _require_private(make_private_folder(self._open_dir))
        return hold_alone(self._open_dir / _FOLDERS_LOCK)


def _wipe_if_abandoned(folder: Path) -> list[Path]:
    if folder.is_symlink() or not folder.is_dir():
        return _wipe(folder)
    try:
        hold_alone(folder / _LOCK_NAME, 0).close()
    except LockBusyError:
        return []
    return _wipe(folder)


def _wipe(path: Path) -> list[Path]:
    """Remove a file, link or folder without following links; returns what stayed."""
    if path.is_symlink() or not path.is_dir():
        with suppress(OSError):
            path.unlink()
    else:
        _let_be_removed(path)
        shutil.rmtree(path, ignore_errors=True)
    return [path] if os.path.lexists(path) else []


def _let_be_removed(folder: Path) -> None:
    """On Windows a file that may only be read cannot be removed either."""
    if sys.platform == "win32":
        for path in folder.rglob("*"):
            with suppress(OSError):
                path.chmod(0o600)


def _require_private(folder: Path) -> None:
    """Refuse a folder that others can enter, or that is a link to who knows where."""
    try:
        found = folder.lstat()
    except OSError as error:
        raise TargetError(
            "No document can be opened in {folder}: {reason}.", folder=folder, reason=error.strerror
        ) from error
    if not stat.S_ISDIR(found.st_mode):
        raise TargetError("{folder} must be a folder of its own, not a link. No document was opened.", folder=folder)
    if sys.platform == "win32":
        return
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise TargetError(
            "Other people can reach {folder}, so no document was opened there. Remove that folder.", folder=folder
        )
