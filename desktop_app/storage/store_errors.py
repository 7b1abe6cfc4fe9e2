"""Translates the operating system's errors into ours about the store, in one place."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop_app.message import Message
from desktop_app.storage.errors import (
    AlreadyStoredError,
    MissingFileError,
    StorageError,
    StoreFullError,
    StoreReadOnlyError,
    StoreUnavailableError,
    UnsafeStoreError,
)
from desktop_app.system.open_elsewhere import is_open_elsewhere

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NOT_WRITABLE = {errno.EROFS, errno.EACCES, errno.EPERM}
_LINK = {errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO, getattr(errno, "EMLINK", errno.ELOOP)}
_WINDOWS_FULL = {39, 112, 1295}  # ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL, ERROR_DISK_QUOTA_EXCEEDED
_WINDOWS_READ_ONLY = {19}  # ERROR_WRITE_PROTECT
# The share or its server is away: BAD_NETPATH, UNEXP_NET_ERR, NETNAME_DELETED, BAD_NET_NAME, SEM_TIMEOUT,
# NETWORK_UNREACHABLE, HOST_UNREACHABLE. Python takes some of them for a missing file.
_WINDOWS_AWAY = {53, 59, 64, 67, 121, 1231, 1232}


def writing_problem(error: OSError, root: Path) -> StorageError:
    """Return what an OSError while writing to the store at ``root`` means to a person."""
    number, windows = error.errno, getattr(error, "winerror", None)
    if is_open_elsewhere(error):
        return _open_problem(root)
    if number in _FULL or windows in _WINDOWS_FULL:
        return StoreFullError(
            Message(
                "The store {root} is full, or your quota there is used up. Nothing was saved. Make room or "
                "ask your administrator, then try again.",
                root=root,
            )
        )
    if number in _NOT_WRITABLE or windows in _WINDOWS_READ_ONLY:
        return StoreReadOnlyError(
            Message(
                "The store {root} cannot be written from this computer. Nothing was saved. Ask your "
                "administrator for permission to write there.",
                root=root,
            )
        )
    return _common_problem(error, root)


def reading_problem(error: OSError, root: Path) -> StorageError:
    """Return what an OSError while reading the store at ``root`` means to a person."""
    if is_open_elsewhere(error):
        return _open_problem(root)
    if error.errno in _NOT_WRITABLE:
        return StoreUnavailableError(
            Message(
                "A file in the store {root} may not be read from this computer. Ask your administrator for permission.",
                root=root,
            )
        )
    return _common_problem(error, root)


def _open_problem(root: Path) -> StoreUnavailableError:
    return StoreUnavailableError(
        Message(
            "Another program has a file in the store {root} open, perhaps a virus scanner or a backup. Nothing was "
            "changed. Try again when it is done.",
            root=root,
        )
    )


def _common_problem(error: OSError, root: Path) -> StorageError:
    if error.errno == errno.EEXIST:
        return AlreadyStoredError(Message("A file of this id is in the store already; it was not touched."))
    if error.errno == errno.ENOENT and getattr(error, "winerror", None) not in _WINDOWS_AWAY:
        return MissingFileError(
            Message("The store {root} has no such file. It may have been deleted outside Labkeep.", root=root)
        )
    if error.errno in _LINK:
        return UnsafeStoreError(
            Message(
                "Something in the store {root} is not the plain file or folder that Labkeep made, and was "
                "not used. Tell your administrator.",
                root=root,
            )
        )
    reason = error.strerror or type(error).__name__
    return StoreUnavailableError(
        Message(
            "The store {root} does not answer properly ({reason}). Check the network and the share, then try again.",
            root=root,
            reason=reason,
        )
    )


@contextmanager
def translated_store_errors(root: Path, *, writing: bool) -> Iterator[None]:
    """Turn every OSError inside into a StorageError with a sentence."""
    try:
        yield
    except OSError as error:
        raise (writing_problem if writing else reading_problem)(error, root) from error
