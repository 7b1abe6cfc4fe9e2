"""Small files and folders of the built-in server: folders of one owner, files read without following links."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop_app.message import Message
from desktop_app.server.account import ServiceAccount, current_uid, give_to
from desktop_app.server.errors import ForeignFolderError, ServerBusyError, StorageFullError, StorageRefusedError
from desktop_app.system.locks import LockBusyError

_READ_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def make_folder(folder: Path, account: ServiceAccount | None, mode: int) -> None:
    """Make one folder with exactly this mode, owned by the account if one is given.

    One that exists stays as it is, if it is a real folder of that owner. Raises ``ForeignFolderError``.
    """
    owner = account.uid if account else current_uid()
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner:
            raise ForeignFolderError(
                "{folder} is not a folder that the built-in server made. Move it away, then start again.", folder=folder
            ) from None
        return
    if account is not None:
        give_to(folder, account.uid, account.gid)
    folder.chmod(mode)


def read_small(path: Path, owner: int | None = None) -> str:
    """Return the text of a small regular file; a link is not followed and a pipe is not waited for.

    With ``owner`` the file must belong to that user id. Raises ``OSError`` or ``UnicodeDecodeError``.
    """
    with os.fdopen(os.open(path, _READ_FLAGS), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or (owner is not None and status.st_uid != owner):
            raise PermissionError(errno.EPERM, "not a file of this account", str(path))
        return file.read(65_536).decode("utf-8")


@contextmanager
def storage_errors(place: Path) -> Iterator[None]:
    """Turn the operating system's refusals, and a lock not given, into sentences about the built-in server."""
    try:
        yield
    except LockBusyError as error:
        raise ServerBusyError(
            "Another program has been starting or stopping the built-in server for long (lock file {path}). "
            "Wait for it or end it, then try again.",
            path=error.path,
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise storage_full(place) from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise StorageRefusedError(
                "The built-in server's folder {place} cannot be written ({reason}). Choose a folder "
                "on a disk that takes writes.",
                place=place,
                reason=": ".join(str(each) for each in (error.strerror, error.filename) if each),
            ) from error
        raise StorageRefusedError(
            "The built-in server's folder {place} cannot be used: {error}.", place=place, error=error
        ) from error


def storage_full(place: Path) -> StorageFullError:
    """The sentence for a full disk."""
    return StorageFullError(
        Message(
            "There is no room left on the disk of the built-in server's folder {place}. Free some space "
            "and start again; what was saved before is not lost.",
            place=place,
        )
    )
