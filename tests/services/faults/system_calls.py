"""Every call into the system on the files of some folders, counted; one of them fails, lies or is the program's last.

Python's own names are replaced while somebody watches: those of ``os``, and ``io.FileIO`` below the store's own files
and below ``io.open``. What the C library does by itself (the server's programs, libpq) is not seen here.
"""

import errno
import io
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

from desktop_app.storage.translating_file import TranslatingFile

NAMED = ("open", "mkdir", "rmdir", "unlink", "stat", "rename", "replace", "link", "scandir", "listdir")
HELD = ("fsync", "fstat", "write", "read", "pwrite", "preadv", "fchmod")
TAKES_ROOM = {"mkdir", "write", "pwrite", "fsync", "rename", "replace", "link", "close", "make"}
"""What a full disk refuses; ``make`` is an ``open`` of a new file."""
READS = {"read", "preadv"}
_STALL = 60.0


class Harm(StrEnum):
    """What happens at a step."""

    EIO = "EIO"
    ENOSPC = "ENOSPC"
    OTHER_BYTES = "other bytes"
    KILL = "kill"
    STALL = "stall"


@dataclass(frozen=True)
class Step:
    """A call into the system, and the watched folder in which its file is."""

    call: str
    path: str
    root: str


@dataclass(frozen=True)
class CallFault:
    """What goes wrong, and at which of the watched calls. *lasts*: so do all later ones in the same folder.

    With *call* or *within* only such calls count, and those on files with this in their path.
    """

    at: int
    harm: Harm
    lasts: bool = False
    call: str = ""
    within: str = ""

    def __str__(self) -> str:
        return f"{self.harm}{' from' if self.lasts else ' at'} call {self.at}"


class SystemCalls:
    """Watches the files below *folders*."""

    def __init__(self, *folders: Path) -> None:
        self._roots = [str(folder.absolute()) for folder in folders]
        self._lock = threading.Lock()
        self._fault: CallFault | None = None
        self._root = ""
        self.steps: list[Step] = []
        self.passed = 0
        """Of the calls that count for the fault, how many there were."""
        self.on_stall: Callable[[], None] = lambda: None
        """Done once a call is about not to return for a minute."""
        self.answers = threading.Event()
        """Set, it returns before that."""

    @contextmanager
    def watching(self, fault: CallFault | None = None) -> Iterator[list[Step]]:
        """Count from here on; the steps so far are what is yielded."""
        self._fault, self._root, self.steps, self.passed = fault, "", [], 0
        with ExitStack() as stack:
            for name in NAMED:
                stack.enter_context(patch.object(os, name, self._named(name, getattr(os, name))))
            for name in HELD:
                stack.enter_context(patch.object(os, name, self._held(name, getattr(os, name))))
            stack.enter_context(patch.object(io, "open", self._opened(io.open)))
            stack.enter_context(patch.object(_WatchedFileIO, "watcher", self))
            TranslatingFile.__bases__ = (_WatchedFileIO,)
            stack.callback(setattr, TranslatingFile, "__bases__", (io.FileIO,))
            yield self.steps

    def passes(self, call: str, path: str) -> Harm | None:
        """A call is about to be made; raises what it fails with, or says what else is wrong with it."""
        root = next((root for root in self._roots if path == root or path.startswith(root + "/")), None)
        if root is None:
            return None
        with self._lock:
            self.steps.append(Step(call, path, root))
            fault = self._fault
            if fault is None:
                return None
            if not (fault.lasts and self._root):
                if fault.call not in ("", call) or fault.within not in path:
                    return None
                number, self.passed = self.passed, self.passed + 1
                if number != fault.at:
                    return None
                self._root = root
            if root != self._root or not applies(fault.harm, call):
                return None
        if fault.harm is Harm.STALL:
            self.on_stall()
            self.answers.wait(_STALL)
            return None
        if fault.harm is Harm.OTHER_BYTES or call in ("write", "pwrite"):
            return fault.harm
        strike(fault.harm, path)
        return None

    def _named(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if args:
                folder = kwargs.get("dir_fd", kwargs.get("src_dir_fd"))
                is_new = name == "open" and len(args) > 1 and args[1] & (os.O_CREAT | getattr(os, "O_TMPFILE", 0))
                self.passes("make" if is_new else name, where(args[0], folder))
            return real(*args, **kwargs)

        return call

    def _held(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(descriptor: int, *args: Any) -> Any:
            path = where(descriptor)
            harm = self.passes(name, path)
            if harm is None:
                return real(descriptor, *args)
            if harm is not Harm.OTHER_BYTES:
                data = memoryview(args[0])
                real(descriptor, data[: len(data) // 2], *args[1:])
                strike(harm, path)
            found = real(descriptor, *args)
            if name == "preadv":
                return spoil(args[0][0], found)
            return bytes([found[0] ^ 1]) + found[1:] if found else found

        return call

    def _opened(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(file: Any, mode: str = "r", buffering: int = -1, *args: Any, **kwargs: Any) -> Any:
            path = where(file)
            if not any(path.startswith(root + "/") for root in self._roots):
                return real(file, mode, buffering, *args, **kwargs)
            raw = _WatchedFileIO(file, mode.replace("b", "").replace("t", ""), kwargs.get("closefd", True))
            if buffering == 0:
                return raw
            held = io.BufferedReader(raw) if mode.replace("b", "").replace("t", "") == "r" else io.BufferedWriter(raw)
            return held if "b" in mode else io.TextIOWrapper(held, *args, **kwargs)

        return call


def applies(harm: Harm, call: str) -> bool:
    """Whether this can go wrong with such a call."""
    if harm is Harm.ENOSPC:
        return call in TAKES_ROOM
    return call in READS if harm is Harm.OTHER_BYTES else True


def strike(harm: Harm, path: str) -> None:
    """Fail, or die."""
    if harm is Harm.KILL:
        os.kill(os.getpid(), signal.SIGKILL)
    number = errno.EIO if harm is Harm.EIO else errno.ENOSPC
    raise OSError(number, os.strerror(number), path)


def spoil(buffer: Any, size: int) -> int:
    """One bit of what was read is another one."""
    if size:
        view = memoryview(buffer).cast("B")
        view[0] ^= 1
    return size


def where(file: Any, folder: int | None = None) -> str:
    """The path of a name or of an open file."""
    if isinstance(file, int):
        try:
            return _readlink(f"/proc/self/fd/{file}")
        except OSError:  # closed
            return ""
    path = os.fspath(file)
    text: str = os.fsdecode(path)
    if text.startswith("/"):
        return text
    return f"{where(folder) if folder is not None else _getcwd()}/{text}"


_readlink, _getcwd = os.readlink, os.getcwd


class _WatchedFileIO(io.FileIO):
    """A file that asks before each call.

    A call may still wait when nobody watches any more, and its file is none of this class again: so no ``super()``.
    """

    watcher: ClassVar[SystemCalls | None] = None

    def __init__(self, file: Any, mode: str = "r", closefd: bool = True) -> None:
        if not isinstance(file, int):
            self._passes("open" if mode == "r" else "make", where(file))
        super().__init__(file, mode, closefd)

    def write(self, data: Any, /) -> int:
        path = where(self.fileno())
        harm = self._passes("write", path)
        if harm is not None:
            view = memoryview(data).cast("B")
            io.FileIO.write(self, view[: len(view) // 2])
            strike(harm, path)
        return io.FileIO.write(self, data) or 0

    def readinto(self, buffer: Any, /) -> int:
        harm = self._passes("read", where(self.fileno()))
        size = io.FileIO.readinto(self, buffer) or 0
        return size if harm is None else spoil(buffer, size)

    def readall(self) -> bytes:
        harm = self._passes("read", where(self.fileno()))
        found = io.FileIO.readall(self) or b""
        return found if harm is None or not found else bytes([found[0] ^ 1]) + found[1:]

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            return self.readall()
        harm = self._passes("read", where(self.fileno()))
        found = io.FileIO.read(self, size) or b""
        return found if harm is None or not found else bytes([found[0] ^ 1]) + found[1:]

    def close(self) -> None:
        """Some shares tell only here that they are full."""
        told = "" if self.closed or not self.writable() else where(self.fileno())
        io.FileIO.close(self)
        if told:
            self._passes("close", told)

    @classmethod
    def _passes(cls, call: str, path: str) -> Harm | None:
        watcher = _WatchedFileIO.watcher
        return None if watcher is None else watcher.passes(call, path)
