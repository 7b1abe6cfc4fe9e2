"""Reading back what the store has, and not what this computer's memory still holds of it.

What was written lies in the page cache after fsync, and a read would be answered from there: it would prove nothing
about the disk or the share. So the system is told to forget the pages first (Linux: POSIX_FADV_DONTNEED), not to keep
them (macOS: F_NOCACHE), or to read past its cache (Windows: FILE_FLAG_NO_BUFFERING). It is a wish where the file system
cannot grant it (one that lives in memory), and what a drive or a server keeps in its own cache is theirs. Neither the
Windows nor the macOS part was run yet.
"""

import io
import mmap
import os
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.storage.translating_file import TranslatingFile

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

if sys.platform == "darwin":
    import fcntl

_ROOM = 2 * 1024 * 1024  # bytes; a multiple of every sector size
_ROOMS = 4
_SECTOR = 4096  # bytes; no disk has larger ones


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


class AlignedFile(io.RawIOBase):
    """A file whose system reads whole sectors into whole pages only, read forward as one likes.

    While one room is being used, threads fill the next ones: the disk never waits for whoever opens what it gave, and
    with two questions before it, it gives a fifth more (measured).
    """

    def __init__(self, inner: TranslatingFile) -> None:
        super().__init__()
        self._inner = inner
        self._rooms = [memoryview(mmap.mmap(-1, _ROOM)) for _ in range(_ROOMS)]  # begin at a page
        self._held = self._rooms[0][:0]
        self._threads = ThreadPoolExecutor(inner.reads_at_once, "labkeep-read")
        self._asked = 0
        self._ahead: deque[Future[memoryview]] = deque()
        self._is_at_end = False
        for _ in range(_ROOMS - 1):
            self._ask()

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Read up to the buffer's length; 0 at the end."""
        target = memoryview(buffer).cast("B")
        if not self._held and not self._is_at_end:
            self._held = self._ahead.popleft().result()
            self._is_at_end = len(self._held) < _ROOM
            self._ask()  # into the room that was held before
        given = min(len(target), len(self._held))
        target[:given] = self._held[:given]
        self._held = self._held[given:]
        return given

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            self._threads.shutdown(wait=True, cancel_futures=True)
            self._held = self._held[:0]
            self._inner.close()
        super().close()

    def _ask(self) -> None:
        if not self._is_at_end:
            room = self._rooms[self._asked % _ROOMS]
            self._ahead.append(self._threads.submit(self._fill, room, self._asked * _ROOM))
            self._asked += 1

    def _fill(self, room: memoryview, at: int) -> memoryview:
        """Until it is full or the file ends; after a read that ends within a sector nothing may be read."""
        filled = 0
        while filled < _ROOM and filled % _SECTOR == 0:
            got = self._inner.readinto_at(room[filled:], at + filled)
            if got == 0:
                break
            filled += got
        return room[:filled]


if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    _GENERIC_READ, _SHARE_READ_DELETE, _OPEN_EXISTING = 0x80000000, 0x00000005, 3
    _NO_BUFFERING, _SEQUENTIAL, _OPEN_REPARSE_POINT = 0x20000000, 0x08000000, 0x00200000
    _INVALID = wintypes.HANDLE(-1).value

    def open_past_cache(path: Path) -> int:
        """Return a descriptor that reads from the disk; only whole sectors, see AlignedFile."""
        create = ctypes.WinDLL("kernel32", use_last_error=True).CreateFileW
        create.restype = wintypes.HANDLE
        number = wintypes.DWORD
        create.argtypes = [
            *(wintypes.LPCWSTR, number, number, wintypes.LPVOID, number, number, wintypes.HANDLE),
        ]
        flags = _NO_BUFFERING | _SEQUENTIAL | _OPEN_REPARSE_POINT
        handle = create(str(path), _GENERIC_READ, _SHARE_READ_DELETE, None, _OPEN_EXISTING, flags, None)
        if handle == _INVALID:
            raise ctypes.WinError(ctypes.get_last_error())
        return msvcrt.open_osfhandle(handle, os.O_RDONLY | os.O_BINARY)
