"""Decrypted content on its way to a person: private while it is written, and never left behind half."""

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from desktop_app.message import Message
from desktop_app.storage.errors import TargetError, TargetExistsError
from desktop_app.storage.translating_file import TranslatingFile
from desktop_app.system.folders import sync_folder

_PRIVATE = 0o600
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_NAMELESS = getattr(os, "O_TMPFILE", 0)  # Linux only
_OPEN_FILES = Path("/proc/self/fd")
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL, errno.EXDEV}


class PrivateTemp:
    """A file of mode 0600 in the folder of ``target`` that takes the target's name with ``commit()``, or vanishes.

    Used as a context manager. ``overwrite`` says that the person agreed to replace a plain file of that name. Where the
    file system can (Linux, local disks), the file has no name until it is complete, so that even a killed program
    leaves no decrypted bytes behind; elsewhere it has a hidden name, ``.labkeep-….part``. Raises TargetExistsError
    and TargetError.
    """

    def __init__(self, target: Path, *, overwrite: bool = False) -> None:
        self.target = target.absolute()
        self._overwrite = overwrite
        # The name is not made of the target's: a long but lawful one leaves no room for an addition.
        self._temporary = self.target.with_name(f".labkeep-{secrets.token_hex(8)}.part")
        self._nameless = False
        self._file: TranslatingFile | None = None

    def __enter__(self) -> Self:
        try:
            self._check_target()
            descriptor = self._open_nameless()
            self._nameless = descriptor is not None
            if descriptor is None:
                descriptor = os.open(self._temporary, _NEW, _PRIVATE)
        except OSError as error:
            raise self._problem(error) from error
        self._file = TranslatingFile(descriptor, "wb", self._problem)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            if self._file is not None:
                self._file.close()
        with suppress(OSError):
            self._temporary.unlink(missing_ok=True)

    @property
    def file(self) -> BinaryIO:
        """Where the clear bytes go, inside the with block only."""
        if self._file is None:
            raise ValueError("the file exists inside the with block only")
        return self._file

    def commit(self) -> Path:
        """Give the complete file its name and return the path."""
        if self._file is None or self._file.closed:
            raise ValueError("commit() comes once, inside the with block")
        try:
            os.fsync(self._file.fileno())
            if self._nameless:
                self._give_name(self._file.fileno(), self._temporary if self._overwrite else self.target)
            self._file.close()
            if self._overwrite:
                self._check_target()
                self._temporary.replace(self.target)
            elif not self._nameless:
                self._take_unused_name()
        except OSError as error:
            raise self._problem(error) from error
        with suppress(OSError):  # the file is complete; a folder that may not be read cannot be synced
            sync_folder(self.target.parent)
        return self.target

    def _open_nameless(self) -> int | None:
        """Return a descriptor of a file without a name, or None where there is no such thing."""
        if not _NAMELESS or not _OPEN_FILES.is_dir():
            return None
        try:
            return os.open(self.target.parent, _NAMELESS | os.O_WRONLY, _PRIVATE)
        except OSError:
            return None  # what is wrong with the folder itself shows when a name is tried

    @staticmethod
    def _give_name(descriptor: int, path: Path) -> None:
        """Link an open file to an unused name, as open(2) says under O_TMPFILE."""
        open_files = os.open(_OPEN_FILES, os.O_RDONLY)
        try:
            # Only with a folder's descriptor does Python call linkat(), which follows the link in /proc.
            os.link(str(descriptor), path, src_dir_fd=open_files, follow_symlinks=True)
        finally:
            os.close(open_files)

    def _take_unused_name(self) -> None:
        """Rename without ever overwriting: a hard link fails where the name is taken, a rename would not."""
        try:
            self.target.hardlink_to(self._temporary)
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            if _is_taken(self.target):
                raise _exists(self.target) from error
            self._temporary.rename(self.target)

    def _check_target(self) -> None:
        """Only a plain file is ever replaced: not a device, a pipe or a folder, and no link, wherever it leads."""
        try:
            mode = os.lstat(self.target).st_mode
        except FileNotFoundError:
            return
        if not self._overwrite:
            raise _exists(self.target)
        if not stat.S_ISREG(mode):
            raise TargetError("{target} is not a plain file, and was not replaced.", target=self.target)

    def _problem(self, error: OSError) -> TargetError:
        if isinstance(error, FileExistsError):
            return _exists(self.target)
        folder = self.target.parent
        if isinstance(error, FileNotFoundError):
            return TargetError(Message("The folder {folder} does not exist. The file was not saved.", folder=folder))
        return TargetError(
            Message(
                "{target} could not be written: {reason}. No part of it was left behind.",
                target=self.target,
                reason=error.strerror,
            )
        )


def _is_taken(path: Path) -> bool:
    return os.path.lexists(path)


def _exists(target: Path) -> TargetExistsError:
    return TargetExistsError(Message("{target} exists already, and was not replaced.", target=target))
