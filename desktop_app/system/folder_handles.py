"""The one seam to the operating system's folders: never through a link, durable where the system can.

Where the system has calls relative to an open folder (``openat`` and its family), a folder is held open and every
name below it is reached through it, so that nobody can exchange a folder for a link between a check and its use.
Windows has no such calls for Python; there names are checked before use, and reparse points are refused like links.
"""

import errno
import os
import stat
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

from desktop_app.system import page_cache
from desktop_app.system.folders import sync_open_folder
from desktop_app.system.open_elsewhere import retried_while_open
from desktop_app.system.windows_paths import reachable

_OWNER_FOLDER, _OWNER_FILE = 0o700, 0o600
_FILE_BITS = 0o666
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_DIRECT = getattr(os, "O_DIRECT", 0)  # Linux
_ENTER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
# A folder on the way need not be readable, only passable; Linux alone can open it so.
_PASS = _ENTER | getattr(os, "O_PATH", 0)
_LONGEST_NAME = 64  # signs, of what we name ourselves
_NAME_SURROGATE = 0x20000000  # IsReparseTagNameSurrogate in ntifs.h

HAS_FOLDER_HANDLES = {os.open, os.stat, os.mkdir, os.rename, os.unlink} <= os.supports_dir_fd and hasattr(
    os, "O_NOFOLLOW"
)


class Folder(ABC):
    """An existing folder whose entries are named by single names; all methods raise OSError.

    ``path`` is for messages only. A link where a folder or file is wanted raises OSError with ELOOP or ENOTDIR.
    """

    def __init__(self, path: Path, new_mode: int) -> None:
        self.path = path
        self._new_mode = new_mode  # what is made below takes the root's permissions, as in a shared git repository

    @abstractmethod
    def child(self, name: str) -> "Folder":
        """Return the folder ``name`` in this one, which the caller closes."""

    @abstractmethod
    def make_child(self, name: str) -> None:
        """Make the folder ``name``, unless somebody else just did."""

    @abstractmethod
    def open_file(self, name: str) -> int:
        """Return a descriptor to read the file ``name``, never waiting for a pipe's other end."""

    def open_direct(self, name: str) -> int | None:
        """Return a second descriptor to write a new file past the page cache, where the system has such."""
        del name
        return None

    def open_past_cache(self, name: str, *, direct: bool) -> tuple[int, bool]:
        """Return a descriptor to read what is on the disk, and whether it reads whole sectors only.

        *direct* says that the file was written past the page cache.
        """
        del direct
        descriptor = self.open_file(name)
        page_cache.keep_no_pages(descriptor)
        return descriptor, False

    @abstractmethod
    def new_file(self, name: str) -> int:
        """Return a descriptor to write a file that did not exist; FileExistsError otherwise."""

    @abstractmethod
    def stat(self, name: str) -> os.stat_result:
        """Return what ``name`` is, without following a link."""

    @abstractmethod
    def rename(self, old: str, new: str) -> None:
        """Give the file ``old`` the unused name ``new``."""

    @abstractmethod
    def unlink(self, name: str) -> None:
        """Remove the file or link ``name``."""

    @abstractmethod
    def rmdir(self, name: str) -> None:
        """Remove the empty folder ``name``."""

    @abstractmethod
    def own_status(self) -> os.stat_result:
        """Return what this folder itself is."""

    @abstractmethod
    def names(self) -> Iterator[str]:
        """Yield the names in this folder in no order."""

    @abstractmethod
    def sync(self) -> None:
        """Make the names in this folder durable, where the system can."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the folder."""

    def has(self, name: str) -> bool:
        """Tell whether anything has this name."""
        try:
            self.stat(name)
        except FileNotFoundError:
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class HeldFolder(Folder):
    """A folder held open by a descriptor (Linux, macOS)."""

    def __init__(self, path: Path, descriptor: int, new_mode: int) -> None:
        super().__init__(path, new_mode)
        self._descriptor = descriptor

    @classmethod
    def root(cls, path: Path) -> "HeldFolder":
        """Open the root; the root itself may be reached through links, as administrators like."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        return cls(path, descriptor, stat.S_IMODE(os.fstat(descriptor).st_mode))

    @classmethod
    def without_links(cls, path: Path) -> "HeldFolder":
        """Open the folder at a full path, following no link on the way."""
        names = path.parts[1:]
        descriptor = os.open("/", _PASS if names else _ENTER)
        for number, name in enumerate(names, 1):
            before = descriptor
            try:
                descriptor = os.open(name, _ENTER if number == len(names) else _PASS, dir_fd=before)
            finally:
                os.close(before)
        return cls(path, descriptor, _OWNER_FOLDER)

    def child(self, name: str) -> "HeldFolder":
        return HeldFolder(self.path / name, os.open(name, _ENTER, dir_fd=self._descriptor), self._new_mode)

    def make_child(self, name: str) -> None:
        try:
            os.mkdir(name, dir_fd=self._descriptor)
        except FileExistsError:
            return
        with self.child(name) as made:
            made.take_permissions()

    def take_permissions(self) -> None:
        """Give a folder just made the root's permissions; a share may keep permissions to itself."""
        with suppress(OSError):
            os.fchmod(self._descriptor, self._new_mode | _OWNER_FOLDER)

    def open_file(self, name: str) -> int:
        return os.open(name, _READ, dir_fd=self._descriptor)

    def open_direct(self, name: str) -> int | None:
        if not _DIRECT:
            return None
        try:
            return os.open(name, _DIRECT | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self._descriptor)
        except OSError:  # most often a file system that does not know it; whatever else is wrong shows at once
            return None

    def open_past_cache(self, name: str, *, direct: bool) -> tuple[int, bool]:
        if not (direct and _DIRECT):
            return super().open_past_cache(name, direct=direct)
        return os.open(name, _READ | _DIRECT, dir_fd=self._descriptor), True

    def new_file(self, name: str) -> int:
        descriptor, mode = os.open(name, _NEW, _OWNER_FILE, dir_fd=self._descriptor), self._new_mode & _FILE_BITS
        if mode | _OWNER_FILE != _OWNER_FILE:
            with suppress(OSError):
                os.fchmod(descriptor, mode | _OWNER_FILE)
        return descriptor

    def stat(self, name: str) -> os.stat_result:
        return os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)

    def rename(self, old: str, new: str) -> None:
        if self.has(new):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new)
        os.rename(old, new, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)

    def unlink(self, name: str) -> None:
        os.unlink(name, dir_fd=self._descriptor)

    def rmdir(self, name: str) -> None:
        os.rmdir(name, dir_fd=self._descriptor)

    def own_status(self) -> os.stat_result:
        return os.fstat(self._descriptor)

    def names(self) -> Iterator[str]:
        with os.scandir(self._descriptor) as entries:
            for entry in entries:
                yield entry.name

    def sync(self) -> None:
        sync_open_folder(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)


class CheckedFolder(Folder):
    """A folder known by its path, each name checked before use (Windows)."""

    def __init__(self, path: Path, new_mode: int) -> None:
        super().__init__(path, new_mode)
        self._at = reachable(path, _LONGEST_NAME)

    @classmethod
    def root(cls, path: Path) -> "CheckedFolder":
        """Take the root; it must be a folder, and may be reached through links."""
        found = reachable(path).stat()
        if not stat.S_ISDIR(found.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
        return cls(path, stat.S_IMODE(found.st_mode))

    @classmethod
    def without_links(cls, path: Path) -> "CheckedFolder":
        """Take the folder at a full path, which must not be a link itself; what is on the way is not looked at."""
        found = reachable(path).lstat()
        if is_link(found) or not stat.S_ISDIR(found.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
        return cls(path, _OWNER_FOLDER)

    def child(self, name: str) -> "CheckedFolder":
        found = self._refuse_link(name)
        if not stat.S_ISDIR(found.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), name)
        return CheckedFolder(self.path / name, self._new_mode)

    def make_child(self, name: str) -> None:
        try:
            (self._at / name).mkdir()
        except FileExistsError:
            return
        if sys.platform != "win32":
            (self._at / name).chmod(self._new_mode | _OWNER_FOLDER)

    def open_file(self, name: str) -> int:
        self._refuse_link(name)
        return retried_while_open(lambda: os.open(self._at / name, _READ))

    def open_past_cache(self, name: str, *, direct: bool) -> tuple[int, bool]:
        if sys.platform == "win32":
            self._refuse_link(name)
            return retried_while_open(lambda: page_cache.open_past_cache(self._at / name)), True
        return super().open_past_cache(name, direct=direct)

    def new_file(self, name: str) -> int:
        return os.open(self._at / name, _NEW, self._new_mode & _FILE_BITS | _OWNER_FILE)

    def stat(self, name: str) -> os.stat_result:
        return (self._at / name).lstat()

    def rename(self, old: str, new: str) -> None:
        if self.has(new):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new)
        retried_while_open(lambda: (self._at / old).rename(self._at / new))

    def unlink(self, name: str) -> None:
        retried_while_open((self._at / name).unlink)

    def rmdir(self, name: str) -> None:
        retried_while_open((self._at / name).rmdir)

    def own_status(self) -> os.stat_result:
        return self._at.lstat()

    def names(self) -> Iterator[str]:
        with os.scandir(self._at) as entries:
            for entry in entries:
                yield entry.name

    def sync(self) -> None:
        """Windows journals names by itself and cannot sync a folder."""

    def close(self) -> None:
        """Nothing is held."""

    def _refuse_link(self, name: str) -> os.stat_result:
        found = self.stat(name)
        if is_link(found):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name)
        return found


def is_link(found: os.stat_result) -> bool:
    """Tell whether what ``lstat`` found stands for something elsewhere: a symbolic link or a Windows junction.

    Windows marks both by a bit of the reparse tag ("name surrogate"). Files on deduplicated or cloud volumes have
    reparse tags without it, and are plain files to everybody.
    """
    return stat.S_ISLNK(found.st_mode) or bool(getattr(found, "st_reparse_tag", 0) & _NAME_SURROGATE)


def open_root(path: Path) -> Folder:
    """Return the folder in the way that this system does best; raises OSError."""
    return HeldFolder.root(path) if HAS_FOLDER_HANDLES else CheckedFolder.root(path)


def open_without_links(path: Path) -> Folder:
    """Return the folder at a full path, reached through no link as far as the system can tell; raises OSError."""
    return HeldFolder.without_links(path) if HAS_FOLDER_HANDLES else CheckedFolder.without_links(path)
