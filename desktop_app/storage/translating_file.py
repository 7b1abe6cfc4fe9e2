"""Files whose system errors become sentences at the place where they happen."""

import io
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop_app.errors import LabkeepError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

ErrorTranslator = Callable[[OSError], LabkeepError]


class TranslatingFile(io.FileIO):
    """A file by descriptor that raises what ``translate`` makes of an OSError, and never writes only a part.

    Code that seals from one file into another cannot tell from an OSError which of the two failed; the type of
    the error must say it. Unbuffered, so that nothing is left to fail in ``close``.
    """

    def __init__(self, descriptor: int, mode: str, translate: ErrorTranslator) -> None:
        super().__init__(descriptor, mode)
        self._translate = translate

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write all of ``data``; the system may take only a part of it, most often just before the disk is full."""
        rest = memoryview(data).cast("B")
        length = len(rest)
        try:
            while rest:
                rest = rest[super().write(rest) or 0 :]
        except OSError as error:
            raise self._translate(error) from error
        return length

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Read up to the buffer's length; 0 at the end."""
        try:
            return super().readinto(buffer) or 0
        except OSError as error:
            raise self._translate(error) from error

    @property
    def reads_at_once(self) -> int:
        """How many threads may call ``readinto_at`` at once."""
        return 2 if hasattr(os, "preadv") else 1

    def readinto_at(self, buffer: "WriteableBuffer", at: int) -> int:
        """Like ``readinto``, from byte *at*."""
        try:
            if hasattr(os, "preadv"):
                return os.preadv(self.fileno(), [buffer], at)
            super().seek(at)
            return super().readinto(buffer) or 0
        except OSError as error:
            raise self._translate(error) from error

    def readall(self) -> bytes:
        """Read to the end."""
        try:
            return super().readall() or b""
        except OSError as error:
            raise self._translate(error) from error

    def read(self, size: int | None = -1, /) -> bytes:
        """Read up to ``size`` bytes, or to the end."""
        try:
            return super().read(-1 if size is None else size) or b""
        except OSError as error:
            raise self._translate(error) from error

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to ``offset``; a pipe cannot."""
        try:
            return super().seek(offset, whence)
        except OSError as error:
            raise self._translate(error) from error
