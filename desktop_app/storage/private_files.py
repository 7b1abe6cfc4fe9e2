"""Decrypted content on its way to a person: private while it is written, and never left behind half."""

import errno
import os
import secrets
import shutil
import stat
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from desktop_app.paths import make_private_folder, sync_folder
from desktop_app.storage.errors import LockedByOtherProgramError, TargetError, TargetExistsError
from desktop_app.storage.file_lock import FileLock
from desktop_app.storage.walled_file import WalledFile

_PRIVATE = 0o600
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL, errno.EXDEV}
_LOCK_NAME = "in-use.lock"
_FOLDERS_LOCK = "folders.lock"


class PrivateTemp:
    """A file of mode 0600 beside ``target`` that takes the target's name with ``commit()``, or vanishes.

    Used as a context manager. ``overwrite`` says that the person agreed to replace a file of that name. Raises
    TargetExistsError and TargetError.
    """

    def __init__(self, target: Path, *, overwrite: bool = False) -> None:
        self.target = target.absolute()
        self._overwrite = overwrite
        self._temporary: Path | None = None
        self._file: WalledFile | None = None

    def __enter__(self) -> Self:
        if not self._overwrite and _is_taken(self.target):
            raise _exists(self.target)
        # The name is cut, because a long but lawful target leaves no room for an addition.
        temporary = self.target.with_name(f".labkeep-{secrets.token_hex(8)}.part")
        try:
            descriptor = os.open(temporary, _NEW, _PRIVATE)
        except OSError as error:
            raise self._problem(error) from error
        self._temporary = temporary
        self._file = WalledFile(descriptor, "wb", self._problem)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            if self._file is not None:
                self._file.close()
        if self._temporary is not None:
            with suppress(OSError):
                self._temporary.unlink()

    @property
    def file(self) -> BinaryIO:
        """Where the clear bytes go, inside the with block only."""
        if self._file is None:
            raise ValueError("the file exists inside the with block only")
        return self._file

    def commit(self) -> Path:
        """Give the complete file its name and return the path."""
        if self._file is None or self._temporary is None:
            raise ValueError("commit() comes once, inside the with block")
        try:
            os.fsync(self._file.fileno())
            self._file.close()
            if self._overwrite:
                self._temporary.replace(self.target)
                self._temporary = None
            else:
                self._take_unused_name(self._temporary)
            sync_folder(self.target.parent)
        except OSError as error:
            raise self._problem(error) from error
        return self.target

    def _take_unused_name(self, temporary: Path) -> None:
        """Rename without ever overwriting: a hard link fails where the name is taken, a rename would not."""
        try:
            self.target.hardlink_to(temporary)
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            if _is_taken(self.target):
                raise _exists(self.target) from error
            temporary.rename(self.target)
            self._temporary = None

    def _problem(self, error: OSError) -> TargetError:
        if isinstance(error, FileExistsError):
            return _exists(self.target)
        folder = self.target.parent
        if isinstance(error, FileNotFoundError):
            return TargetError(f"The folder {folder} does not exist. The file was not saved.")
        return TargetError(f"{self.target} could not be written: {error.strerror}. No part of it was left behind.")


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
        remaining = []
        with self._all_folders():
            for entry in sorted(self._open_dir.iterdir()):
                if entry.name != _FOLDERS_LOCK:
                    remaining += _wipe_if_abandoned(entry)
        return remaining

    def new_file(self, name: str) -> PrivateTemp:
        """Return a PrivateTemp for a file of this (safe) name in a folder of its own."""
        folder = self._own_folder() / secrets.token_hex(8)
        folder.mkdir(mode=0o700)
        return PrivateTemp(folder / name)

    def wipe(self) -> list[Path]:
        """Remove this program's decrypted files; returns what another program still holds open (Windows)."""
        if self._mine is None:
            return []
        remaining = []
        for entry in sorted(self._mine.iterdir()):
            if entry.name != _LOCK_NAME:
                remaining += _wipe(entry)
        return remaining

    def close(self) -> list[Path]:
        """Wipe, and let go of the folder; for the end of the program."""
        remaining = self.wipe()
        if self._lock is not None and self._mine is not None:
            self._lock.release()
            if not remaining:
                _wipe(self._mine)
        self._lock = self._mine = None
        return remaining

    def _own_folder(self) -> Path:
        if self._mine is None:
            with self._all_folders():  # a program that starts must not take a folder for abandoned before it is locked
                mine = self._open_dir / secrets.token_hex(8)
                mine.mkdir(mode=0o700)
                self._lock = FileLock(mine / _LOCK_NAME)
                self._lock.acquire(0)
            self._mine = mine
        return self._mine

    def _all_folders(self) -> FileLock:
        _require_private(make_private_folder(self._open_dir))
        return FileLock(self._open_dir / _FOLDERS_LOCK)


def _wipe_if_abandoned(folder: Path) -> list[Path]:
    if folder.is_symlink() or not folder.is_dir():
        return _wipe(folder)
    lock = FileLock(folder / _LOCK_NAME)
    try:
        lock.acquire(0)
    except LockedByOtherProgramError:
        return []
    lock.release()
    return _wipe(folder)


def _wipe(path: Path) -> list[Path]:
    """Remove a file, link or folder without following links; returns what stayed."""
    if path.is_symlink() or not path.is_dir():
        with suppress(OSError):
            path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)
    return [path] if _is_taken(path) else []


def _require_private(folder: Path) -> None:
    """Refuse a folder that others can enter, or that is a link to who knows where."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise TargetError(f"{folder} must be a folder of its own, not a link. No document was opened.")
    if sys.platform == "win32":
        return
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise TargetError(f"Other people can reach {folder}, so no document was opened there. Remove that folder.")


def _is_taken(path: Path) -> bool:
    return os.path.lexists(path)


def _exists(target: Path) -> TargetExistsError:
    return TargetExistsError(f"{target} exists already, and was not replaced.")
