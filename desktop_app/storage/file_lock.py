"""A lock between programs of one computer, on a small local file; the system frees it when a program dies."""

import errno
import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from desktop_app.paths import make_private_folder
from desktop_app.storage.errors import LockedByOtherProgramError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_TAKEN = {errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK}
_LOOK_EVERY = 0.02  # seconds; neither system can wait for a lock with a time limit


class FileLock:
    """Held by one program, or one thread with its own object, at a time; never for local files on a share."""

    def __init__(self, path: Path, wait: float = 10.0) -> None:
        self._path = path
        self._wait = wait
        self._descriptor: int | None = None

    def acquire(self, wait: float | None = None) -> None:
        """Take the lock within ``wait`` seconds; raises LockedByOtherProgramError, or OSError."""
        make_private_folder(self._path.parent)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        end = time.monotonic() + (self._wait if wait is None else wait)
        try:
            while not _try_lock(descriptor):
                self._give_up_after(end)
                time.sleep(_LOOK_EVERY)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def _give_up_after(self, end: float) -> None:
        if time.monotonic() >= end:
            raise LockedByOtherProgramError(
                "Another Labkeep program on this computer is using {path}. Close it, then try again.", path=self._path
            )

    def release(self) -> None:
        """Let the next program have it; harmless when not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise
    return True
