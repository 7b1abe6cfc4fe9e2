"""Delete what this package made, and nothing else: every deletion of the package is here.

The rule, because a program that runs as root must not be talked into deleting anything by a file, a link or an
environment variable:

1. A path alone is never deleted. The folder around a thing is opened first, component by component and without
   following a link, and belongs to the right user id. From then on only names relative to that open folder count, so
   that a rename or a link put there meanwhile leads nowhere.
2. The names come from this package's source (``made_files.py``, ``sockets.py``, ``programs.py``), never from a file.
   A path that was read from a file only chooses among folders that pass the checks of ``folders.existing_folders``.
3. Files of ours are unlinked one by one if they are regular files (or sockets) of the right owner. Folders of ours
   that hold known files only are emptied that way, after all names were looked at, and removed with ``rmdir``.
4. A whole tree is deleted in two cases only, a cluster and a copy of the server programs, and only after all of it
   was looked at: each folder and file of one owner and on one disk (never into a mount), the top level made of
   names that PostgreSQL or ``programs.py`` gives. One stranger, and nothing of the tree is deleted.
5. Links are never followed. Inside such a tree a link is unlinked itself; elsewhere it stays.

Whoever can forge what is checked here owns the folder, or is root, and could have deleted it directly.
"""

import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from desktop_app.message import Message
from desktop_app.server.errors import ForeignFolderError
from desktop_app.system.folder_handles import Folder, is_link, open_without_links


@contextmanager
def opened(path: Path, owner: int) -> Iterator[Folder]:
    """Hold open a folder that must belong to this user id. Raises ``ForeignFolderError`` or ``OSError``."""
    folder = open_without_links(path)
    try:
        _expect(folder, owner)
        yield folder
    finally:
        folder.close()


@contextmanager
def opened_inside(parent: Folder, name: str, owner: int) -> Iterator[Folder | None]:
    """Hold open a folder inside another; None if there is none, or something else has its name."""
    try:
        status = parent.stat(name)
    except FileNotFoundError:
        yield None
        return
    if not stat.S_ISDIR(status.st_mode) or is_link(status):
        yield None
        return
    folder = parent.child(name)
    try:
        _expect(folder, owner)
        yield folder
    finally:
        folder.close()


def delete_files(folder: Folder, names: "re.Pattern[str]", owner: int) -> None:
    """Delete the files of this owner directly in a folder whose whole names match; links and folders stay."""
    for name in sorted(folder.names()):
        if names.fullmatch(name):
            status = folder.stat(name)
            plain = stat.S_ISREG(status.st_mode) or stat.S_ISSOCK(status.st_mode)
            if plain and not is_link(status) and status.st_uid == owner:
                with suppress(FileNotFoundError):  # the server takes its own socket and its temporary files away
                    folder.unlink(name)


def delete_folder_of_files(parent: Folder, name: str, files: "re.Pattern[str]", owner: int) -> None:
    """Delete the known files of a folder, then the folder. Raises ``ForeignFolderError`` if anything else is in it."""
    with opened_inside(parent, name, owner) as folder:
        if folder is None:
            return
        stranger = next((entry for entry in folder.names() if not files.fullmatch(entry)), None)
        if stranger is not None:
            raise _not_ours(folder.path / stranger)
        delete_files(folder, files, owner)
    parent.rmdir(name)


def delete_tree(parent: Folder, name: str, top_names: "re.Pattern[str]", owner: int) -> None:
    """Delete a whole tree (rule 4). Raises ``ForeignFolderError``, with nothing deleted, for one that is not ours."""
    with opened_inside(parent, name, owner) as folder:
        if folder is None:
            return
        stranger = next((entry for entry in sorted(folder.names()) if not top_names.fullmatch(entry)), None)
        if stranger is not None:
            raise _not_ours(folder.path / stranger)
        if folder.own_status().st_dev != parent.own_status().st_dev:
            raise _not_ours(folder.path)
        _look_through(folder, owner)
        _empty(folder, owner)
    parent.rmdir(name)


def _look_through(folder: Folder, owner: int) -> None:
    disk = folder.own_status().st_dev
    for name in sorted(folder.names()):
        status = folder.stat(name)
        if status.st_uid != owner or status.st_dev != disk:
            raise _not_ours(folder.path / name)
        if stat.S_ISDIR(status.st_mode) and not is_link(status):
            with opened_inside(folder, name, owner) as inner:
                if inner is not None:
                    _look_through(inner, owner)


def _empty(folder: Folder, owner: int) -> None:
    for name in sorted(folder.names()):
        with opened_inside(folder, name, owner) as inner:
            if inner is None:
                folder.unlink(name)
            elif inner.own_status().st_dev != folder.own_status().st_dev:
                raise _not_ours(inner.path)
            else:
                _empty(inner, owner)
        if inner is not None:
            folder.rmdir(name)


def _expect(folder: Folder, owner: int) -> None:
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
