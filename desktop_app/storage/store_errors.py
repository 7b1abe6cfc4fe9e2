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

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NOT_WRITABLE = {errno.EROFS, errno.EACCES, errno.EPERM}
_LINK = {errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO, getattr(errno, "EMLINK", errno.ELOOP)}
_WINDOWS_FULL = {39, 112, 1295}  # ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL, ERROR_DISK_QUOTA_EXCEEDED
_WINDOWS_READ_ONLY = {19}  # ERROR_WRITE_PROTECT


def writing_problem(error: OSError, root: Path) -> StorageError:
    """Return what an OSError while writing to the store at ``root`` means to a person."""
    number, windows = error.errno, getattr(error, "winerror", None)
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
    if error.errno in _NOT_WRITABLE:
        return StoreUnavailableError(
            Message(
                "A file in the store {root} may not be read from this computer. Ask your administrator for permission.",
                root=root,
            )
        )
    return _common_problem(error, root)


def _common_problem(error: OSError, root: Path) -> StorageError:
    if error.errno == errno.EEXIST:
        return AlreadyStoredError(Message("A file of this id is in the store already; it was not touched."))
    if error.errno == errno.ENOENT:
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
