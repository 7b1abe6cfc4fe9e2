"""Reading a file whose system gives whole sectors only (system/page_cache.py), forward and with questions ahead."""

import io
import mmap
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from desktop_app.storage.translating_file import TranslatingFile

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_ROOM = 2 * 1024 * 1024  # bytes; a multiple of every sector size
_ROOMS = 4
_SECTOR = 4096  # bytes; no disk has larger ones


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
