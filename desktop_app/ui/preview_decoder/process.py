"""The window's side of the decoder: starts it, gives it one content, believes nothing it answers, and ends it.

Each content gets a process of its own, so that nothing of one document, or of a prepared file, is there for the next
one. The next process is started ahead, because that takes longer than most pictures. ``close`` ends them all; a process
whose window is gone ends by itself, because nobody holds its standard input any more.
"""

import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import desktop_app
from desktop_app.errors import LabkeepError
from desktop_app.ui.preview_decoder.wire import Kind, Outcome, Picture, WireError, read_answer, request

DECODER_FLAG = "--preview-decoder"
SECONDS = 30.0
_RUN = (
    "import sys; sys.path.append(sys.argv.pop(1)); "
    "from desktop_app.ui.preview_decoder.child import main; sys.exit(main())"
)
_PIECE = 1 << 20
Shown = TypeVar("Shown")


class DecoderError(LabkeepError):
    """The decoder ended, or answered what nobody asked."""

    code = "decoder_ended"


class DecoderTimeoutError(DecoderError):
    """The decoder did not answer in time."""

    code = "decoder_timeout"


class DecoderClosedError(DecoderError):
    """The window is locked, or ends: nothing is decoded."""

    code = "decoder_closed"


def program() -> list[str]:
    """How to run the decoder: this frozen program again, or this interpreter with this package and its libraries."""
    if getattr(sys, "frozen", False):
        return [sys.executable, DECODER_FLAG]
    # Isolated (-I): neither the caller's folder nor variables nor the person's own packages get between.
    return [sys.executable, "-I", "-c", _RUN, str(Path(desktop_app.__file__).resolve().parents[1])]


def environment() -> dict[str, str]:
    """Nothing of the caller's, but for what Windows needs to start any program."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "SYSTEMDRIVE") if name in os.environ}
    return (kept if sys.platform == "win32" else {}) | {"QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"}


class PreviewDecoder:
    """Decodes on whatever thread it is asked, one content at a time; ``close`` and ``open`` may come from another."""

    def __init__(self, command: list[str] | None = None, seconds: float = SECONDS) -> None:
        self._command = command or program()
        self._seconds = seconds
        self._is_open = True
        self._spares: list[subprocess.Popen[bytes]] = []
        self._alive: set[subprocess.Popen[bytes]] = set()

    @property
    def processes(self) -> list[int]:
        """The ids of the processes that are there."""
        return [process.pid for process in tuple(self._alive)]

    def open(self) -> None:
        """Decode again after ``close``."""
        self._is_open = True

    def close(self) -> None:
        """End every process now, also one at work; whatever is asked from now on is refused."""
        # In this order: a process that is being started meanwhile is seen here, or sees that it is not wanted.
        self._is_open = False
        for process in tuple(self._alive):
            process.kill()
        # One at work is tidied by the thread that reads its pipe: closed here, the number could be another file's.
        while (spare := self._take_spare()) is not None:
            self._end(spare)

    def decode(
        self, kind: Kind, content: bytes, make: Callable[[Picture], Shown]
    ) -> tuple[Outcome, int, tuple[Shown, ...]]:
        """How it went, how many pages there are, and what *make* made of each picture.

        DecoderTimeoutError after some seconds; DecoderError where the process ended or its answer makes no sense.
        """
        process = self._ready()
        talk = _Talk(process, time.monotonic() + self._seconds)
        try:
            talk.give(request(kind, len(content)))
            talk.give(content)
            outcome, pages, pictures = read_answer(talk.take)
            shown = tuple(make(each) for each in pictures)
        except (OSError, EOFError, WireError) as error:
            raise DecoderError("The decoder of previews ended over this file.") from error
        finally:
            self._end(process)
        with contextlib.suppress(DecoderError):
            self._spares.append(self._start())
            if not self._is_open:
                self.close()
        return outcome, pages, shown

    def _ready(self) -> "subprocess.Popen[bytes]":
        spare = self._take_spare()
        if spare is not None:
            if self._is_open and spare.poll() is None:
                return spare
            self._end(spare)
        return self._start()

    def _take_spare(self) -> "subprocess.Popen[bytes] | None":
        try:
            return self._spares.pop()
        except IndexError:
            return None

    def _start(self) -> "subprocess.Popen[bytes]":
        if not self._is_open:
            raise DecoderClosedError("The window is locked.")
        try:
            process = subprocess.Popen(  # noqa: S603 - ourselves, no shell
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(),
                cwd=Path(sys.executable).anchor,
                bufsize=0,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise DecoderError("The decoder of previews could not be started.") from error
        self._alive.add(process)
        if not self._is_open:
            self._end(process)
            raise DecoderClosedError("The window is locked.")
        return process

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._alive.discard(process)


class _Talk:
    """Both pipes of one process, until a moment.

    Windows cannot wait for a pipe with a limit: there the process itself watches the time.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", until: float) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._write, self._read, self._until = process.stdin.fileno(), process.stdout.fileno(), until
        if sys.platform != "win32":
            os.set_blocking(self._write, False)

    def give(self, data: bytes) -> None:
        """Write all of it; the decoder reads everything before it answers."""
        rest = memoryview(data)
        while rest:
            self._wait(self._write, writing=True)
            rest = rest[os.write(self._write, rest[:_PIECE]) :]

    def take(self, size: int) -> bytes:
        """Read exactly so many bytes; EOFError where the process ended before."""
        taken = bytearray()
        while len(taken) < size:
            self._wait(self._read, writing=False)
            part = os.read(self._read, min(size - len(taken), _PIECE))
            if not part:
                raise EOFError
            taken += part
        return bytes(taken)

    def _wait(self, pipe: int, *, writing: bool) -> None:
        if sys.platform == "win32":
            return
        poll = select.poll()  # not select(): a window with many files open has numbers too high for it
        poll.register(pipe, select.POLLOUT if writing else select.POLLIN)
        if not poll.poll(max(0.0, self._until - time.monotonic()) * 1000):
            raise DecoderTimeoutError("The decoder of previews took too long.")
