"""Files that people drop: found in folders without following links out, and read only if they hold still."""

import errno
import io
import os
import stat
import sys
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path, PurePosixPath

from desktop_app.message import Message
from desktop_app.storage.errors import ChangedWhileReadError, SourceError, SourceMissingError, SourceUnreadableError
from desktop_app.storage.translating_file import TranslatingFile
from desktop_app.system.folder_handles import is_link
from desktop_app.system.windows_paths import reachable

_SYSTEM_NAMES = {".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "system volume information"}
_SYSTEM_PREFIXES = ("~$", ".~lock.", "._", ".labkeep-")  # Office, LibreOffice, macOS on foreign disks, our own halves
# O_NONBLOCK: opening a named pipe would otherwise wait for somebody who writes to it.
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_SHARING_VIOLATION = 32  # Windows' ERROR_SHARING_VIOLATION


class SourceProblemKind(Enum):
    """Why something that was dropped is not taken."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    LINK = "link"
    SPECIAL = "special"


@dataclass(frozen=True)
class SourceFile:
    """A file to take: ``name`` in NFC, ``size`` in bytes, ``folder`` relative to what was dropped (``.`` for a file).

    ``folder`` begins with the name of the dropped folder. ``changed`` is the time of its last change, in seconds.
    """

    path: Path
    name: str
    size: int
    folder: PurePosixPath = field(default_factory=PurePosixPath)
    changed: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class SourceProblem:
    """Something that is not taken, and the sentence that says why."""

    path: Path
    kind: SourceProblemKind
    sentence: str


def walk(paths: Iterable[Path]) -> Iterator[SourceFile | SourceProblem]:
    """Yield every file in ``paths`` and in folders below, once each, folders in order of names.

    A link that was itself dropped is followed. A link inside a folder is not: one that stays inside is passed over
    silently, because its target is found where it is; others are reported. Files that systems and office programs
    leave behind are passed over silently. Never raises OSError; may be slow on a share, so not for the GUI thread.
    """
    seen = _Seen()
    for dropped in paths:
        top = dropped.absolute()
        try:
            found, real = reachable(top).stat(), top.resolve()
        except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, before Python 3.13
            yield _problem(top, error if isinstance(error, OSError) else OSError(errno.ELOOP, os.strerror(errno.ELOOP)))
            continue
        if stat.S_ISDIR(found.st_mode):
            yield from _walk_folder(top, seen)
        elif seen.file_is_new(real):
            yield _take(top, found, PurePosixPath())


class _Seen:
    """What was found already: people drop a folder and a file in it, and disks are mounted twice."""

    def __init__(self) -> None:
        self._folders: set[tuple[int, int]] = set()
        self._files: set[str] = set()

    def folder_is_new(self, found: os.stat_result, real: Path) -> bool:
        identity = (found.st_dev, found.st_ino)
        if found.st_ino == 0:  # a file system without such numbers
            return self.file_is_new(real)
        known = identity in self._folders
        self._folders.add(identity)
        return not known

    def file_is_new(self, real: Path) -> bool:
        """By real path, not by number: hard links are files of their own to people."""
        known = str(real) in self._files
        self._files.add(str(real))
        return not known


def _walk_folder(top: Path, seen: _Seen) -> Iterator[SourceFile | SourceProblem]:
    real_top = top.resolve()
    waiting = deque([(top, PurePosixPath(_display(top.name)))])
    while waiting:
        folder, relative = waiting.popleft()
        try:
            found, real = reachable(folder).stat(), folder.resolve()
            with os.scandir(reachable(folder)) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            yield _problem(folder, error)
            continue
        if not seen.folder_is_new(found, real):
            continue
        entries = [entry for entry in entries if not is_system_file(entry.name)]
        below = [entry for entry in entries if not _is_link(entry) and entry.is_dir(follow_symlinks=False)]
        folders = {entry.name for entry in below}
        waiting.extendleft((folder / entry.name, relative / _display(entry.name)) for entry in reversed(below))
        for entry in entries:
            if _is_link(entry):
                yield from _link(folder / entry.name, real_top)
            elif entry.name not in folders and seen.file_is_new(real / entry.name):
                yield _take_entry(folder / entry.name, relative)


def _take_entry(path: Path, relative: PurePosixPath) -> SourceFile | SourceProblem:
    try:
        return _take(path, reachable(path).lstat(), relative)
    except OSError as error:
        return _problem(path, error)


def _take(path: Path, found: os.stat_result, relative: PurePosixPath) -> SourceFile | SourceProblem:
    if not stat.S_ISREG(found.st_mode):
        sentence = Message("{path} is not a file that holds data (a device, pipe or socket).", path=path)
        return SourceProblem(path, SourceProblemKind.SPECIAL, sentence)
    if not os.access(reachable(path), os.R_OK):
        return SourceProblem(path, SourceProblemKind.UNREADABLE, Message("You may not read {path}.", path=path))
    return SourceFile(path, _display(path.name), found.st_size, relative, found.st_mtime)


def _link(path: Path, real_top: Path) -> Iterator[SourceProblem]:
    try:
        inside = path.resolve(strict=True).is_relative_to(real_top)
    except (OSError, RuntimeError):  # RuntimeError: a loop, before Python 3.13
        sentence = Message("{path} is a link that leads nowhere.", path=path)
        yield SourceProblem(path, SourceProblemKind.LINK, sentence)
        return
    if not inside:
        sentence = Message(
            "{path} is a link out of the folder, and was not followed. Drop what it leads to instead.", path=path
        )
        yield SourceProblem(path, SourceProblemKind.LINK, sentence)


def _is_link(entry: os.DirEntry[str]) -> bool:
    return entry.is_symlink() or (sys.platform == "win32" and is_link(entry.stat(follow_symlinks=False)))


def is_system_file(name: str) -> bool:
    """Tell whether a name is one that systems and office programs leave in folders by themselves."""
    lower = name.lower()
    return lower in _SYSTEM_NAMES or lower.startswith(_SYSTEM_PREFIXES)


def _display(name: str) -> str:
    """Return the name as text in NFC; bytes that are no UTF-8 become replacement characters."""
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))


def _problem(path: Path, error: OSError) -> SourceProblem:
    kind = SourceProblemKind.MISSING if isinstance(error, FileNotFoundError) else SourceProblemKind.UNREADABLE
    return SourceProblem(path, kind, str(_source_error(path, error, Message("{path} is not there.", path=path))))


def _source_error(path: Path, error: OSError, missing: Message) -> SourceError:
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return SourceMissingError(missing)
    if getattr(error, "winerror", None) == _SHARING_VIOLATION:
        return SourceUnreadableError(
            Message("{path} is open in another program. Close it there, then try again.", path=path)
        )
    if isinstance(error, PermissionError):
        return SourceUnreadableError(Message("You may not read {path}.", path=path))
    return SourceUnreadableError(
        Message("{path} could not be read: {reason}.", path=path, reason=error.strerror or type(error).__name__)
    )


@contextmanager
def open_source(path: Path) -> Iterator[io.RawIOBase]:
    """Yield the file for reading, unbuffered; raise ChangedWhileReadError on leaving if it did not hold still.

    Compared are size, time of change in nanoseconds, and the file behind the name, before and after. A program that
    writes and puts size and time back goes unnoticed, and one that writes twice within the file system's unit of time
    (milliseconds, on FAT two seconds). Raises SourceMissingError and SourceUnreadableError, also out of ``read``.
    """
    path = path.absolute()

    def problem(error: OSError) -> SourceError:
        # It was there when the person chose it.
        return _source_error(path, error, Message("{path} is no longer there.", path=path))

    try:
        descriptor = os.open(reachable(path), _READ)
    except OSError as error:
        raise problem(error) from error
    before = os.fstat(descriptor)
    if not stat.S_ISREG(before.st_mode):
        os.close(descriptor)
        raise SourceUnreadableError("{path} is not a file that holds data (a folder, device or pipe).", path=path)
    with TranslatingFile(descriptor, "rb", problem) as file:
        yield file
        _require_unchanged(path, before)


def _require_unchanged(path: Path, before: os.stat_result) -> None:
    try:
        named = reachable(path).stat()
    except OSError as error:
        raise ChangedWhileReadError(
            "{path} was moved or deleted while it was being read. Nothing was saved.", path=path
        ) from error
    if _state(before) != _state(named):
        raise ChangedWhileReadError(
            "{path} was changed while it was being read. Nothing was saved. Let the other program "
            "finish, then try again.",
            path=path,
        )


def _state(found: os.stat_result) -> tuple[int, int, int, int]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
