"""Locks between the programs of one computer, on small local files; they die with their holder, whatever killed it.

``flock`` is used and not ``fcntl`` record locks: it belongs to the open file, so closing another
handle of the same file in this process does not drop it, and it can be handed to a child.
"""

import errno
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from desktop_app.errors import UnavailableError

_LOOK_EVERY = 0.02  # seconds; neither system can wait for a lock with a time limit
_TAKEN = {errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK}


class LockBusyError(UnavailableError):
    """Another program of this computer holds a local file for too long."""

    code = "locked"

    def __init__(self, path: Path) -> None:
        super().__init__(
            "Another Labkeep program on this computer is using {path}. Close it, then try again.", path=path
        )
        self.path = path


if sys.platform == "win32":  # run so far with a msvcrt made of Linux's locks only (tests/unit/test_foreign_systems.py)
    import msvcrt
    import random

    from desktop_app.system import windows_files

    _PLACES = 4096
    _held_at: dict[int, int] = {}

    def _take(handle: int, *, exclusive: bool, wait: bool) -> bool:
        """Windows has no shared whole-file lock in the standard library: a holder locks one byte of many.

        Any byte: a fixed one could be that of another holder, perhaps in this process, who would be waited for.
        """
        while True:
            first = 0 if exclusive else random.randrange(_PLACES)  # noqa: S311 - no secret
            span = _PLACES if exclusive else 1
            os.lseek(handle, first, os.SEEK_SET)
            try:
                msvcrt.locking(handle, msvcrt.LK_NBLCK, span)
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise
                if not wait:
                    return False
                time.sleep(_LOOK_EVERY)
            else:
                _held_at.pop(handle, None)  # of an earlier file of this number
                if not exclusive:
                    _held_at[handle] = first
                return True

    def _open(path: Path) -> int:
        """Whoever removes a server holds its locks while he deletes them, which Python's way of opening forbids."""
        access = windows_files.GENERIC_READ | windows_files.GENERIC_WRITE
        share = windows_files.SHARE_READ | windows_files.SHARE_WRITE | windows_files.SHARE_DELETE
        flags, mode = windows_files.OPEN_REPARSE_POINT, os.O_RDWR | os.O_BINARY
        return windows_files.open_handle(path, access, share, windows_files.OPEN_ALWAYS, flags, mode)

    def _release(handle: int) -> None:
        shared = _held_at.pop(handle, None)
        for first, span in ((0, _PLACES),) if shared is None else ((shared, 1),):
            os.lseek(handle, first, os.SEEK_SET)
            with suppress(OSError):
                msvcrt.locking(handle, msvcrt.LK_UNLCK, span)
else:
    import fcntl

    def _take(handle: int, *, exclusive: bool, wait: bool) -> bool:
        operation = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
        try:
            fcntl.flock(handle, operation | (0 if wait else fcntl.LOCK_NB))
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
            return False
        return True

    def _open(path: Path) -> int:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)

    def _release(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)


class FileLock:
    """One lock file held open; closed when its ``with`` block ends. Not for use by two threads at once.

    Held by one program, or one thread with its own object, at a time; never on a share.
    """

    def __init__(self, path: Path, adopted: int | None = None) -> None:
        """Open (or make, 0600) the lock file; nothing is locked yet. Raises ``OSError``.

        ``adopted`` is the open file of a lock that the parent process took and handed down.
        """
        self.path = path
        if adopted is None:
            adopted = _open(path)
        self._handle = adopted
        os.set_inheritable(adopted, False)

    @property
    def handle(self) -> int:
        """The open file, to be handed to a child process."""
        return self._handle

    def try_exclusive(self) -> bool:
        """Take the lock for this process alone; False at once if anybody holds it."""
        return _take(self._handle, exclusive=True, wait=False)

    def take_exclusive(self, seconds: float) -> None:
        """Take the lock alone, waiting at most so long. Raises ``LockBusyError``."""
        deadline = time.monotonic() + seconds
        while not self.try_exclusive():
            if time.monotonic() >= deadline:
                raise LockBusyError(self.path)
            time.sleep(_LOOK_EVERY)

    def is_current(self) -> bool:
        """Tell whether the path still leads to this file, and not to one of a folder made anew."""
        try:
            found = self.path.stat(follow_symlinks=False)
        except OSError:
            return False
        return os.path.samestat(found, os.fstat(self._handle))

    def folder_now(self) -> Path | None:
        """Return the folder the file lies in now: another one if that was moved, None if it was deleted."""
        if not self.is_current():
            with suppress(OSError):
                self.path = Path(f"/proc/self/fd/{self._handle}").readlink()
        return self.path.parent if self.is_current() else None

    def take_shared(self) -> None:
        """Take the lock beside other sharers; waits only for one who holds it alone."""
        _take(self._handle, exclusive=False, wait=True)

    def wait_exclusive(self) -> None:
        """Sleep in the kernel until nobody else holds the lock, then hold it alone."""
        _take(self._handle, exclusive=True, wait=True)

    def release(self) -> None:
        """Let the lock go and keep the file open."""
        _release(self._handle)

    def touch(self) -> None:
        """Set the file's time to now: the watcher counts its grace from it."""
        os.utime(self.path)

    def close(self) -> None:
        """Let the lock go; harmless when repeated."""
        if self._handle >= 0:
            handle, self._handle = self._handle, -1
            os.close(handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def hold_alone(path: Path, seconds: float = 10.0) -> FileLock:
    """Take the lock at this path alone, also if the folder is removed and made anew meanwhile.

    Raises ``LockBusyError`` or ``OSError``.
    """
    while True:
        lock = FileLock(path)
        try:
            lock.take_exclusive(seconds)
            if lock.is_current():
                return lock
        except BaseException:
            lock.close()
            raise
        lock.close()
