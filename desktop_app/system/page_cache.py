"""Reading back what the disk has, and not what this computer's memory still holds of it.

What was written lies in the page cache after fsync, and a read would be answered from there: it would prove nothing
about the disk or the share. So the system is told to forget the pages first (Linux: POSIX_FADV_DONTNEED), not to keep
them (macOS: F_NOCACHE), or to read past its cache (Windows: FILE_FLAG_NO_BUFFERING). It is a wish where the file system
cannot grant it (one that lives in memory), and what a drive or a server keeps in its own cache is theirs. Neither the
Windows nor the macOS part was run yet.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

from desktop_app.system import windows_files

if sys.platform == "darwin":
    import fcntl


def forget_pages(descriptor: int) -> None:
    """After fsync: let the system forget what it holds of this file."""
    if sys.platform != "win32" and hasattr(os, "posix_fadvise"):
        with suppress(OSError):
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def reads_forward(descriptor: int) -> None:
    """Before reading a file from its beginning to its end: a fifth of the time from the disk (measured)."""
    if sys.platform != "win32" and hasattr(os, "posix_fadvise"):
        with suppress(OSError):
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)


def keep_no_pages(descriptor: int) -> None:
    """Before the first byte is written or read."""
    if sys.platform == "darwin":
        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_NOCACHE, 1)


if sys.platform == "win32":

    def open_past_cache(path: Path) -> int:
        """Return a descriptor that reads from the disk; only whole sectors, see storage/aligned_file.py."""
        flags = windows_files.NO_BUFFERING | windows_files.SEQUENTIAL | windows_files.OPEN_REPARSE_POINT
        share = windows_files.SHARE_READ | windows_files.SHARE_DELETE
        return windows_files.open_handle(
            path, windows_files.GENERIC_READ, share, windows_files.OPEN_EXISTING, flags, os.O_RDONLY | os.O_BINARY
        )
