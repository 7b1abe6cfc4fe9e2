"""Delete what this package made, and nothing else: every deletion of the package is here.

The rule, because a program that runs as root must not be talked into deleting anything by a file, a link or an
environment variable:

1. A path alone is never deleted. The folder around a thing is opened first, component by component and without
   following a link, and belongs to the right user id. From then on only names relative to that open folder count, so
   that a rename or a link put there meanwhile leads nowhere.
2. The names come from this package's source (``clearing.py``, ``sockets.py``, ``programs.py``), never from a file.
   A path that was read from a file only chooses among folders that pass the checks of ``folders.existing_folders``.
3. Files of ours are unlinked one by one if they are regular files (or sockets) of the right owner. Folders of ours
   that hold known files only are emptied that way and removed with ``rmdir``, which refuses one with anything else.
4. A whole tree is deleted in two cases only, a cluster and a copy of the server programs, and only after all of it
   was looked at: each folder and file of one owner and on one disk (never into a mount), the top level made of
   names that PostgreSQL or ``programs.py`` gives. One stranger, and nothing of the tree is deleted.
5. Links are never followed. Inside such a tree a link is unlinked itself; elsewhere it stays.

Whoever can forge what is checked here owns the folder, or is root, and could have deleted it directly.
"""

import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from desktop_app.message import Message
from desktop_app.server.errors import ForeignFolderError

_ENTER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
# A folder on the way need not be readable, only passable; Linux alone can open it so.
_PASS = _ENTER | getattr(os, "O_PATH", 0)

if sys.platform == "win32":  # experimental until run there: no open folders, so each step looks again

    class OpenFolder:
        """A folder by its path; links and junctions are refused at every step."""

        def __init__(self, path: Path) -> None:
            self.path = path
            if _is_link(path.lstat()) or not path.is_dir():
                raise NotADirectoryError(20, "not a folder", str(path))

        @classmethod
        def at(cls, path: Path) -> "OpenFolder":
            """Open the folder at a full path."""
            return cls(path)

        def inner(self, name: str) -> "OpenFolder":
            """Open a folder inside this one."""
            return OpenFolder(self.path / name)

        def names(self) -> list[str]:
            """Return what lies inside."""
            return sorted(entry.name for entry in self.path.iterdir())

        def own_status(self) -> os.stat_result:
            """Return this folder's status."""
            return self.path.lstat()

        def status(self, name: str) -> os.stat_result:
            """Return the status of something inside, of a link itself."""
            return (self.path / name).lstat()

        def unlink(self, name: str) -> None:
            """Remove a file or a link inside."""
            (self.path / name).unlink()

        def rmdir(self, name: str) -> None:
            """Remove an empty folder inside."""
            (self.path / name).rmdir()

        def close(self) -> None:
            """Nothing is held open here."""

    def _is_link(status: os.stat_result) -> bool:
        return bool(status.st_file_attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT)
else:

    class OpenFolder:
        """A folder held open: whatever happens to its path meanwhile, this is the one."""

        def __init__(self, handle: int, path: Path) -> None:
            self.path = path
            self._handle = handle

        @classmethod
        def at(cls, path: Path) -> "OpenFolder":
            """Open the folder at a full path, following no link on the way. Raises ``OSError``."""
            names = path.parts[1:]
            handle = os.open("/", _PASS if names else _ENTER)
            for number, name in enumerate(names, 1):
                before = handle
                try:
                    handle = os.open(name, _ENTER if number == len(names) else _PASS, dir_fd=before)
                finally:
                    os.close(before)
            return cls(handle, path)

        def inner(self, name: str) -> "OpenFolder":
            """Open a folder inside this one; a link is refused with ``OSError``."""
            return OpenFolder(os.open(name, _ENTER, dir_fd=self._handle), self.path / name)

        def names(self) -> list[str]:
            """Return what lies inside."""
            return sorted(os.listdir(self._handle))  # noqa: PTH208 - of an open folder

        def own_status(self) -> os.stat_result:
            """Return this folder's status."""
            return os.fstat(self._handle)

        def status(self, name: str) -> os.stat_result:
            """Return the status of something inside, of a link itself."""
            return os.stat(name, dir_fd=self._handle, follow_symlinks=False)

        def unlink(self, name: str) -> None:
            """Remove a file or a link inside."""
            os.unlink(name, dir_fd=self._handle)

        def rmdir(self, name: str) -> None:
            """Remove an empty folder inside."""
            os.rmdir(name, dir_fd=self._handle)

        def close(self) -> None:
            """Let the folder go."""
            os.close(self._handle)

    def _is_link(status: os.stat_result) -> bool:
        return stat.S_ISLNK(status.st_mode)


@contextmanager
def opened(path: Path, owner: int) -> Iterator[OpenFolder]:
    """Hold open a folder that must belong to this user id. Raises ``ForeignFolderError`` or ``OSError``."""
    folder = OpenFolder.at(path)
    try:
        _expect(folder, owner)
        yield folder
    finally:
        folder.close()


@contextmanager
def opened_inside(parent: OpenFolder, name: str, owner: int) -> Iterator[OpenFolder | None]:
    """Hold open a folder inside another; None if there is none, or something else has its name."""
    try:
        status = parent.status(name)
    except FileNotFoundError:
        yield None
        return
    if not stat.S_ISDIR(status.st_mode) or _is_link(status):
        yield None
        return
    folder = parent.inner(name)
    try:
        _expect(folder, owner)
        yield folder
    finally:
        folder.close()


def delete_files(folder: OpenFolder, names: "re.Pattern[str]", owner: int) -> None:
    """Delete the files of this owner directly in a folder whose whole names match; links and folders stay."""
    for name in folder.names():
        if names.fullmatch(name):
            status = folder.status(name)
            plain = stat.S_ISREG(status.st_mode) or stat.S_ISSOCK(status.st_mode)
            if plain and not _is_link(status) and status.st_uid == owner:
                with suppress(FileNotFoundError):  # the server takes its own socket and its temporary files away
                    folder.unlink(name)


def delete_folder_of_files(parent: OpenFolder, name: str, files: "re.Pattern[str]", owner: int) -> None:
    """Delete the known files of a folder, then the folder. Raises ``OSError`` if anything else is in it."""
    with opened_inside(parent, name, owner) as folder:
        if folder is None:
            return
        delete_files(folder, files, owner)
    parent.rmdir(name)


def delete_tree(parent: OpenFolder, name: str, top_names: "re.Pattern[str]", owner: int) -> None:
    """Delete a whole tree (rule 4). Raises ``ForeignFolderError``, with nothing deleted, for one that is not ours."""
    with opened_inside(parent, name, owner) as folder:
        if folder is None:
            return
        stranger = next((entry for entry in folder.names() if not top_names.fullmatch(entry)), None)
        if stranger is not None:
            raise _not_ours(folder.path / stranger)
        if folder.own_status().st_dev != parent.own_status().st_dev:
            raise _not_ours(folder.path)
        _look_through(folder, owner)
        _empty(folder, owner)
    parent.rmdir(name)


def _look_through(folder: OpenFolder, owner: int) -> None:
    disk = folder.own_status().st_dev
    for name in folder.names():
        status = folder.status(name)
        if status.st_uid != owner or status.st_dev != disk:
            raise _not_ours(folder.path / name)
        if stat.S_ISDIR(status.st_mode) and not _is_link(status):
            with opened_inside(folder, name, owner) as inner:
                if inner is not None:
                    _look_through(inner, owner)


def _empty(folder: OpenFolder, owner: int) -> None:
    for name in folder.names():
        with opened_inside(folder, name, owner) as inner:
            if inner is None:
                folder.unlink(name)
            elif inner.own_status().st_dev != folder.own_status().st_dev:
                raise _not_ours(inner.path)
            else:
                _empty(inner, owner)
        if inner is not None:
            folder.rmdir(name)


def _expect(folder: OpenFolder, owner: int) -> None:
    if sys.platform != "win32" and folder.own_status().st_uid != owner:
        raise _not_ours(folder.path)


def _not_ours(place: Path) -> ForeignFolderError:
    return ForeignFolderError(
        Message(
            "{place} was not made by the built-in server, so nothing around it was deleted. Move it "
            "away, then try again.",
            place=place,
        )
    )
