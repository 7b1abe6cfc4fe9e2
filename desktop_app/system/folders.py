"""Private folders, and names in folders that outlive a power cut."""

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

from desktop_app.errors import LabkeepError

if sys.platform == "darwin":
    import fcntl

_PRIVATE_FOLDER = 0o700


class PrivateFolderError(LabkeepError):
    """A folder for private files could not be made, or is not a folder."""


def make_private_folder(folder: Path) -> Path:
    """Make ``folder`` and its missing parents with mode 0700; a folder that exists keeps its permissions.

    Raises PrivateFolderError when something else has that name or the system refuses.
    """
    try:
        missing = []
        here = folder
        while not here.exists():
            missing.append(here)
            if here.parent == here:
                break
            here = here.parent
        for part in reversed(missing):
            part.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
        is_folder = folder.is_dir()
    except OSError as error:
        raise PrivateFolderError(
            "The folder {folder} could not be made: {reason}.", folder=folder, reason=error.strerror
        ) from error
    if not is_folder:
        raise PrivateFolderError("{folder} must be a folder, and is not.", folder=folder)
    return folder


def sync_file(descriptor: int) -> None:
    """Put what was written to an open file on the disk itself; raises OSError.

    macOS hands it to the drive by fsync, which may keep it in its memory, and has a call of its own for the rest
    (fsync(2) there); shares do not know that one.
    """
    if sys.platform == "darwin":
        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable; on Windows a folder cannot be synced and needs no such call."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        sync_open_folder(descriptor)
    finally:
        os.close(descriptor)


def sync_open_folder(descriptor: int) -> None:
    """Make the names in an open folder durable, as far as the file system knows how to; raises OSError."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems have no such call for folders and say so in these ways; nothing more can be done.
        if error.errno not in (errno.EINVAL, errno.EBADF, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
