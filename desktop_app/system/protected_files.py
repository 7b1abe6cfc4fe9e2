"""Files that only an administrator of this computer may write: read, or refused with the reason."""

import os
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from desktop_app.errors import LabkeepError


class NotProtectedError(LabkeepError):
    """A file cannot be read, or somebody who is no administrator could have written it."""

    code = "not_protected"


def read_protected(path: Path, largest: int, administrator: int = 0) -> bytes | None:
    """The content of a file that nobody but root or *administrator* (an account's number) may change or replace.

    None where there is no file. NotProtectedError where it is unreadable, larger than so many bytes, or not
    protected; what is looked at is the open file, so that none takes its place meanwhile.
    """
    try:
        # Without waiting: a pipe in its place must not hold the program.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise NotProtectedError("It cannot be read: {reason}.", reason=error.strerror) from error
    try:
        with os.fdopen(handle, "rb") as file:
            _require_protected(path, file.fileno(), administrator)
            content = file.read(largest + 1)
    except OSError as error:
        raise NotProtectedError("It cannot be read: {reason}.", reason=error.strerror) from error
    if len(content) > largest:
        raise NotProtectedError("It is larger than {n} bytes.", n=largest)
    return content


def is_protected(path: Path, administrator: int = 0) -> bool:
    """Whether there is a file that ``read_protected`` would believe."""
    try:
        return read_protected(path, 1 << 20, administrator) is not None
    except NotProtectedError:
        return False


if sys.platform == "win32":  # experimental until run there
    import ctypes

    def _require_protected(path: Path, handle: int, administrator: int) -> None:
        """Windows says who may write in lists that Python does not read: it is tried, and nothing is changed."""
        del handle, administrator
        if ctypes.windll.shell32.IsUserAnAdmin():
            return
        if _may(lambda: path.open("r+b")) or _may(lambda: tempfile.TemporaryFile(dir=path.parent)):  # noqa: SIM115 - closed by _may
            raise NotProtectedError("Whoever uses this computer may write it or replace it; only administrators must.")

    def _may(open_it: Callable[[], IO[bytes]]) -> bool:
        try:
            open_it().close()
        except OSError:
            return False
        return True

else:

    def _require_protected(path: Path, handle: int, administrator: int) -> None:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise NotProtectedError("It is no ordinary file.")
        allowed = {0, administrator}
        if found.st_uid not in allowed:
            raise NotProtectedError("It belongs to account {owner}, not to root.", owner=str(found.st_uid))
        if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise NotProtectedError("Others than root may write it; “chmod go-w” takes that away.")
        # The way that was asked for, and the one that links lead to: each folder of both could bring another file.
        for folder in {*path.absolute().parents, *path.resolve().parents}:
            _require_protected_folder(folder, allowed)

    def _require_protected_folder(folder: Path, allowed: set[int]) -> None:
        found = folder.stat()
        # In a sticky folder such as /tmp nobody replaces what belongs to another.
        open_to_others = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not found.st_mode & stat.S_ISVTX
        if found.st_uid not in allowed or open_to_others:
            raise NotProtectedError("Others than root may replace it, because {folder} is open to them.", folder=folder)
