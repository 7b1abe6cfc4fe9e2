"""Rows out of what pg_restore writes as SQL: the data of its COPY statements, and where sequences stand.

The text is read and never run, so that a dump is no way to have a statement run here. Format: PostgreSQL's COPY, text
format ("\\." ends the data; a tab between columns; backslashes escape what would not be one line).
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from desktop_app.db.dump import DumpFailedError

_COPY = re.compile(rb"COPY (\w+)\.(\w+) \((.*)\) FROM stdin;\n")
_SETVAL = re.compile(rb"SELECT pg_catalog\.setval\('(\w+)\.(\w+)', (\d+), (true|false)\);\n")
_END = b"\\.\n"


@dataclass(frozen=True)
class TableRows:
    """The rows of one table, each a line as COPY writes it, to be read once and to their end."""

    schema: str
    table: str
    columns: tuple[str, ...]
    lines: Iterator[bytes]


@dataclass(frozen=True)
class SequencePlace:
    """Where a sequence stands."""

    schema: str
    name: str
    value: int
    is_called: bool


def dumped(source: IO[bytes]) -> Iterator[TableRows | SequencePlace]:
    """What the text holds, one after the other; DumpFailedError for one that breaks off within rows."""
    text = _with_newlines(source)
    for line in text:
        if found := _COPY.fullmatch(line):
            schema, table, columns = (part.decode("ascii") for part in found.groups())
            lines = _until_the_end(text)
            yield TableRows(schema, table, tuple(columns.replace('"', "").split(", ")), lines)
            for _line in lines:  # what nobody took
                pass
        elif place := _SETVAL.fullmatch(line):
            yield SequencePlace(place[1].decode(), place[2].decode(), int(place[3]), place[4] == b"true")


def _with_newlines(source: IO[bytes]) -> Iterator[bytes]:
    """The lines as the server wrote them: on Windows a program ends them with two signs, and COPY escapes both."""
    for line in source:
        yield line[:-2] + b"\n" if line.endswith(b"\r\n") else line


def _until_the_end(text: Iterator[bytes]) -> Iterator[bytes]:
    for line in text:
        if line == _END:
            return
        yield line
    raise DumpFailedError("The rows of the dump break off.")


def binary(field: bytes) -> bytes:
    """The bytes of a column of type bytea."""
    return bytes.fromhex(field.decode("ascii").removeprefix("\\\\x"))


def binary_field(content: bytes) -> bytes:
    """A column of type bytea of these bytes."""
    return b"\\\\x" + content.hex().encode("ascii")


class LineReader(io.RawIOBase):
    """Lines as a file that COPY reads from."""

    def __init__(self, lines: Iterable[bytes], change: Callable[[bytes], bytes | None] | None = None) -> None:
        self._lines = iter(lines) if change is None else filter(None, map(change, lines))
        self._rest = b""
        self.failure: BaseException | None = None
        """What ended the reading: the driver makes another error of it."""

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most *size*; none at the end."""
        try:
            return self._read(size)
        except BaseException as error:
            self.failure = error
            raise

    def _read(self, size: int) -> bytes:
        gathered, length = [self._rest], len(self._rest)
        while size < 0 or length < size:
            line = next(self._lines, None)
            if line is None:
                break
            gathered.append(line)
            length += len(line)
        whole = b"".join(gathered)
        cut = len(whole) if size < 0 else size
        self._rest = whole[cut:]
        return whole[:cut]
