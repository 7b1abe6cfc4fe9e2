"""The decoder's process: one request from standard input, one answer to standard output, and the end.

It gets no keys, no arguments about documents and an environment of nothing. Before it looks at a content it shuts
itself in, as far as the system can: no file may be written, no core dumped, and memory and time are limited. Windows
knows no such limits for a process by itself: there only Qt's own limit on a picture's memory and the time stand.
"""

import faulthandler
import os
import sys
from contextlib import suppress
from pathlib import Path

from PySide6.QtGui import QGuiApplication, QImage

from desktop_app.core_dumps import forbid_core_dumps
from desktop_app.ui.preview_decoder.drawing import draw, format_of, load_formats
from desktop_app.ui.preview_decoder.wire import Kind, Outcome, answer, picture, read_request

MEMORY = 1024 * 1024 * 1024
"""Beyond what the process has at its start and some copies of the content."""
COPIES = 3
SECONDS = 60
"""The window stops it earlier; this is for a decoder that the window has left behind."""
STDIN, STDOUT = 0, 1


def main() -> int:
    """Decode once; returns only where no request came, with the exit status for that."""
    forbid_core_dumps()
    _take_bytes_as_they_are()
    application = QGuiApplication(["labkeep"])  # texts in an SVG need it
    load_formats()
    kind, length = read_request(_take)
    with Path(os.devnull).open("w") as nowhere:
        # Not a signal: a decoder that hangs in C would never see it.
        faulthandler.dump_traceback_later(SECONDS, exit=True, file=nowhere)
        _limit(MEMORY + COPIES * length)
        _answer(kind, _take(length))
    # Nothing is tidied: what a prepared file broke might only show then.
    os._exit(0 if application is not None else 1)


def _take_bytes_as_they_are() -> None:
    """Windows would end the input at a byte 26 and write two bytes for each 10."""
    for number in (STDIN, STDOUT):
        with suppress(OSError):
            # As a file of bytes, which Python opens so; the number itself stays open.
            os.fdopen(number, "rb" if number == STDIN else "wb", buffering=0, closefd=False).close()


def _answer(kind: Kind, content: bytes) -> None:
    _shut_in(opens_files=kind is Kind.PDF or format_of(content) in ("svg", "svgz"))
    try:
        outcome, pages, pictures = draw(kind, content)
    except MemoryError:
        outcome, pages, pictures = Outcome.TOO_LARGE, 1, []
    _give(answer(outcome, pages, len(pictures)))
    for each in pictures:
        _give(picture(each.width, each.height, each.channels))
        _give(each.pixels)


def _limit(memory: int) -> None:
    """Memory beyond what is used now; no file written."""
    if sys.platform == "win32":
        return
    import resource

    now = _used()
    for what, most in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, now + memory),
    ):
        _lower(what, most)


def _shut_in(*, opens_files: bool) -> None:
    """On Linux, open no file and no connection any more; a PDF and an SVG may, for the system's fonts."""
    if sys.platform != "linux" or opens_files:
        return
    import resource

    # Qt converts large pictures on threads, as many as there are processors, and each opens something when it begins:
    # there is one, and it has begun.
    processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(processors)})
    QImage(1024, 1024, QImage.Format.Format_RGB32).convertToFormat(QImage.Format.Format_RGBA8888)
    os.sched_setaffinity(0, processors)
    _lower(resource.RLIMIT_NOFILE, 0)


def _lower(what: int, most: int) -> None:
    """Lower a limit for good; macOS does not know each of them."""
    import resource

    try:
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
    except (OSError, ValueError):
        return


def _used() -> int:
    """The address space that is taken now, in bytes; 0 where the system does not say it."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def _take(size: int) -> bytes:
    """Exactly so many bytes of standard input; the window that went away ends the process."""
    parts = []
    while size:
        part = os.read(STDIN, min(size, 1 << 20))
        if not part:
            sys.exit(2)
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _give(data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(STDOUT, rest[: 1 << 20]) :]
