"""Writing a large file past the page cache: whole blocks go to the disk while the next ones are being made.

What is written through the cache lies there until fsync, and then everything waits for the disk; measured for a
gibibyte, writing past it takes a quarter of the time. Linux only; where a file system does not know it (one that
lives in memory, some in user space), the same blocks are written through the cache.
"""

import errno
import mmap
import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from desktop_app.storage.translating_file import ErrorTranslator, TranslatingFile

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

BLOCK = 2 * 1024 * 1024  # bytes; a multiple of every sector size
_BUFFERS = 4
"""One is filled, one is being written, the others even out what the disk takes now faster, now slower."""


class DirectFile(TranslatingFile):
    """A new file, written forward. What was written is with the system after ``finish`` only.

    ``direct`` is a second descriptor of the file ``descriptor``, opened with ``O_DIRECT``; the file closes both. An
    error of the system is raised by a later ``write`` or by ``finish``.
    """

    def __init__(self, descriptor: int, direct: int, translate: ErrorTranslator) -> None:
        super().__init__(descriptor, "wb", translate)
        self._direct = direct
        self._is_direct = True
        self._buffers = [memoryview(mmap.mmap(-1, BLOCK)) for _ in range(_BUFFERS)]  # begin at a page
        self._filled = 0
        self._sent = 0
        self._thread = ThreadPoolExecutor(1, "labkeep-write")
        self._under_way: deque[Future[None]] = deque()

    @property
    def is_direct(self) -> bool:
        """Whether the file system took every whole block so; then it also gives them so."""
        return self._is_direct

    def write(self, data: "ReadableBuffer", /) -> int:
        """Take all of ``data``; the buffer may be used again at once."""
        rest = memoryview(data).cast("B")
        length = len(rest)
        while rest:
            if self._filled == 0:
                self._wait(_BUFFERS - 1)
            taken = min(len(rest), BLOCK - self._filled)
            self._buffer()[self._filled : self._filled + taken] = rest[:taken]
            self._filled += taken
            rest = rest[taken:]
            if self._filled == BLOCK:
                self._under_way.append(self._thread.submit(self._put, self._buffer(), self._sent * BLOCK))
                self._sent += 1
                self._filled = 0
        return length

    def finish(self) -> None:
        """Hand all of it to the system; raises what ``translate`` makes of an OSError."""
        self._wait(0)
        try:
            # The end of a file is seldom a whole sector.
            self._put_plainly(self._buffer()[: self._filled], self._sent * BLOCK)
        except OSError as error:
            raise self._translate(error) from error
        self._filled = 0

    def close(self) -> None:
        """Close the file; what was not finished may be missing."""
        if not self.closed:
            self._thread.shutdown(wait=True, cancel_futures=True)
            with suppress(OSError):
                os.close(self._direct)
        super().close()

    def _buffer(self) -> memoryview:
        return self._buffers[self._sent % _BUFFERS]

    def _wait(self, under_way: int) -> None:
        while len(self._under_way) > under_way:
            try:
                self._under_way.popleft().result()
            except OSError as error:
                raise self._translate(error) from error

    def _put(self, block: memoryview, at: int) -> None:
        if self._is_direct:
            try:
                taken = os.pwrite(self._direct, block, at)
            except OSError as error:
                if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):
                    raise
                taken = 0
            # The rest of a block begins anywhere; a full disk tells so when the rest is written.
            self._is_direct = taken == len(block)
            block, at = block[taken:], at + taken
        self._put_plainly(block, at)

    def _put_plainly(self, data: memoryview, at: int) -> None:
        while data:
            taken = os.pwrite(self.fileno(), data, at)
            data, at = data[taken:], at + taken
