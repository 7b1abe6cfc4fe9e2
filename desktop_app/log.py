"""The program's log: a rotating file that only its owner reads, with ids and never names, contents or secrets."""

import logging
import os
import re
import time
import traceback
from collections.abc import Iterable
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType

from desktop_app.errors import LabkeepError
from desktop_app.system.folders import make_private_folder

_LOGGER = "desktop_app"
_FILE = "labkeep.log"
_FULL = 950_000  # bytes: with the longest entry after them it is under a million
_KEPT = 5
_LONGEST_ENTRY = 8_000  # characters
_FORMAT = "%(asctime)s.%(msecs)03dZ %(process)d %(threadName)s %(levelname)s %(name)s: %(message)s"
_REMOVED = "[removed]"

_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(://[^\s:/@]{0,64}):[^\s@]{0,256}@"), rf"\1:{_REMOVED}@"),  # a password in a connection address
    (
        re.compile(r"""(?i)((?:password|passwd|secret|token)\w{0,40}["']?\s{0,4}[=:]\s*)("[^"]*"|'[^']*'|\S+)"""),
        rf"\1{_REMOVED}",
    ),
    (re.compile(r"\bgAAAA[\w-]{20,}={0,2}"), _REMOVED),  # a Fernet token
    (re.compile(r"\bSCRAM-SHA-256\$\S+"), _REMOVED),
    # Keys in base64 (32 bytes and more) and in hexadecimal; ids with hyphens and schema names stay.
    (re.compile(r"(?<![\w/+-])(?=[\w/+-]*[A-Z])(?=[\w/+-]*[0-9])[\w/+-]{40,}={0,2}"), _REMOVED),
    (re.compile(r"\b[0-9a-fA-F]{64,}\b"), _REMOVED),
    (re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"), _REMOVED),  # an e-mail address
)


def redacted(text: str) -> str:
    """Return ``text`` without what looks like a secret or an address; the last line of defence, not the first."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def _shortened(text: str) -> str:
    """Cut what no entry needs; searching for secrets takes longer than in proportion to the length."""
    return text if len(text) <= _LONGEST_ENTRY else f"{text[:_LONGEST_ENTRY]}… ({len(text)} characters)"


class RedactingFormatter(logging.Formatter):
    """Writes UTC times, removes what looks like a secret, and leaves out what exceptions say.

    The text of an exception may hold a file's name, a patient's barcode or a line of SQL with values, so only its
    type, its numbers and the places in the program are written.
    """

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """Return the time of the entry in UTC, so that logs of several computers can be laid side by side."""
        return time.strftime(datefmt or "%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))

    def format(self, record: logging.LogRecord) -> str:
        """Return one entry; line breaks inside it are indented, so that nobody can fake an entry."""
        return redacted(_shortened(super().format(record))).replace("\r", "").replace("\n", "\n    ")

    def formatException(  # noqa: N802
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        """Return types, numbers and places of an exception and of those behind it, without their texts."""
        error = ei[1]
        return "" if error is None else "\n".join(_exception_lines(error))


def described(error: BaseException) -> str:
    """Types, numbers and places of an exception and of those behind it, as in the log: no texts, no values."""
    return redacted(_shortened("\n".join(_exception_lines(error))))


def _exception_lines(error: BaseException) -> Iterable[str]:
    seen: set[int] = set()
    here: BaseException | None = error
    while here is not None and id(here) not in seen:
        seen.add(id(here))
        yield f"{type(here).__module__}.{type(here).__qualname__}{_numbers(here)}"
        for frame in traceback.extract_tb(here.__traceback__):
            yield f"  at {Path(frame.filename).name}:{frame.lineno} in {frame.name}"
        here = here.__cause__ or (None if here.__suppress_context__ else here.__context__)


def _numbers(error: BaseException) -> str:
    """Return what tells causes apart and holds no data: our own code, errno, Windows' number, SQLSTATE."""
    if isinstance(error, LabkeepError):
        return f" code={error.code}"
    numbers = {name: getattr(error, name, None) for name in ("errno", "winerror", "pgcode")}
    return "".join(f" {name}={value}" for name, value in numbers.items() if isinstance(value, int | str))


class PrivateRotatingFile(logging.FileHandler):
    """A rotating log of mode 0600 that goes on in the new file when another program rotated the old one away.

    Not one of logging.handlers, which loads sockets and pickles at the start of every window and command.
    """

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        stream = os.fdopen(os.open(self.baseFilename, flags, 0o600), "a", encoding="utf-8", errors="backslashreplace")
        assert isinstance(stream, TextIOWrapper)
        return stream

    def emit(self, record: logging.LogRecord) -> None:
        """Write an entry to the file that has the log's name now."""
        try:
            if self.stream is not None and self._was_moved(self.stream):
                self._let_go()
            if self.stream is not None and os.fstat(self.stream.fileno()).st_size >= _FULL:
                self._let_go()
                self._rotate()
            super().emit(record)  # opens the file again
        except OSError:
            self.handleError(record)

    def close(self) -> None:
        """Close the file; what could not be written to it is lost."""
        with suppress(OSError):
            super().close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Disturb nobody where the log cannot be written, such as on a full disk: logging would print a traceback."""

    def _let_go(self) -> None:
        stream, self.stream = self.stream, None
        with suppress(OSError):
            if stream is not None:
                stream.close()

    def _rotate(self) -> None:
        """Count the older files up and drop the oldest."""
        names = [self.baseFilename, *(f"{self.baseFilename}.{number}" for number in range(1, _KEPT + 1))]
        for older, newer in zip(reversed(names[1:]), reversed(names[:-1]), strict=True):
            # On Windows a file that another program holds stays where it is, and is written on.
            with suppress(OSError):
                Path(newer).replace(older)

    def _was_moved(self, stream: TextIOWrapper) -> bool:
        try:
            named, mine = Path(self.baseFilename).stat(), os.fstat(stream.fileno())
        except OSError:
            return True
        return (named.st_dev, named.st_ino) != (mine.st_dev, mine.st_ino)


def set_up(log_dir: Path, level: int = logging.INFO) -> Path:
    """Write the program's log entries to ``labkeep.log`` in ``log_dir``, 1 MB and five older files, and return it.

    Called again, it moves the log. Other libraries' entries are not written: they name tables, files and values.
    """
    path = make_private_folder(log_dir) / _FILE
    handler = PrivateRotatingFile(path, encoding="utf-8")
    handler.setFormatter(RedactingFormatter(_FORMAT, "%Y-%m-%dT%H:%M:%S"))
    shut_down()
    logger = logging.getLogger(_LOGGER)
    logger.addHandler(handler)
    logger.setLevel(level)
    return path


def shut_down() -> None:
    """Close the log file; entries that come later are not written."""
    logger = logging.getLogger(_LOGGER)
    for handler in [handler for handler in logger.handlers if isinstance(handler, PrivateRotatingFile)]:
        logger.removeHandler(handler)
        handler.close()
