"""What commands print: JSON with the database's field names for programs, aligned tables for people."""

import codecs
import dataclasses
import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.cells import cell_len

from desktop_app.errors import LabkeepError

_LEFT_OUT = frozenset({"statement", "signature", "token"})
"""Fields that no person reads and no script should pass on: signed bytes and wrapped keys."""

_WIDEST = 60


def plain(value: Any) -> Any:
    """A record, or anything in one, as what JSON has: ids and times as text, bytes as hexadecimal digits."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value) if field.name not in _LEFT_OUT]
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if isinstance(value, UUID | Path):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return value


class OutputError(LabkeepError):
    """The answer could not be written to standard output; what the command does may have been done all the same."""

    code = "output"

    def __init__(self, error: OSError) -> None:
        super().__init__(
            f"The answer could not be written to standard output: {error.strerror}."
            " What the command changes may be done; look before doing it again."
        )
        self.nobody_reads = isinstance(error, BrokenPipeError)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    _write(json.dumps(plain(value), ensure_ascii=not _takes_every_letter(), indent=2) + "\n")


def _takes_every_letter() -> bool:
    """Whether standard output is UTF-8; on Windows it is the system's code page where it goes to a file or a program.

    What it cannot write comes out escaped in Python's way (cli/main.py), which JSON does not know.
    """
    encoding = sys.stdout.encoding
    return encoding is None or codecs.lookup(encoding).name == "utf-8"


def print_line(text: str) -> None:
    """A sentence for a person on standard output."""
    _write(text + "\n")


def print_problem(text: str) -> None:
    """A sentence for a person on standard error, kept on one line whatever it quotes."""
    # Where nobody can be told, there is the exit status still.
    with suppress(OSError):
        sys.stderr.write(visible(text) + "\n")


def finish_output() -> None:
    """Hand on what is buffered, while its failure can still be told."""
    with _output():
        sys.stdout.flush()


def give_output_up() -> None:
    """Throw away what is still buffered: the interpreter would try again at its end, and complain in its own way."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _write(text: str) -> None:
    with _output():
        sys.stdout.write(text)


@contextmanager
def _output() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(error) from error


def print_record(record: Any, *, as_json: bool) -> None:
    """One thing: a JSON object, or its fields below each other."""
    values: dict[str, Any] = plain(record)
    if as_json:
        print_json(values)
        return
    width = max(map(len, values))
    for name, value in values.items():
        print_line(f"{name:<{width}}  {visible(_text(value, record_field(record, name)))}".rstrip())


def record_field(record: Any, name: str) -> Any:
    """A field's own value, before it was made plain."""
    return record[name] if isinstance(record, Mapping) else getattr(record, name)


def print_records(records: Sequence[Any], columns: Sequence[str], *, as_json: bool) -> None:
    """A list of things: a JSON list with every field, or a table of some columns."""
    if as_json:
        print_json(records)
        return
    rows = [[cell(record_field(record, column)) for column in columns] for record in records]
    for line in table(columns, rows):
        print_line(line)
    if not rows:
        print_line("Nothing found.")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """Lines of an aligned table; nothing at all where there are no rows."""
    if not rows:
        return
    widths = [max(map(cell_len, texts)) for texts in zip(columns, *rows, strict=True)]
    for texts in (columns, ["-" * width for width in widths], *rows):
        padded = (text + " " * (width - cell_len(text)) for text, width in zip(texts, widths, strict=True))
        yield "  ".join(padded).rstrip()


def cell(value: Any) -> str:
    """A value as it stands in a table: one line, not too wide."""
    text = visible(_text(plain(value), value))
    return text if cell_len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def grouped(number: int) -> str:
    """A number in a sentence: 12,345."""
    return f"{number:,}"


def visible(text: str) -> str:
    """Text that cannot steer a terminal: control and direction characters are shown as their places."""
    return "".join(
        " " if character in "\r\n\t" else "\N{REPLACEMENT CHARACTER}" if _is_invisible(character) else character
        for character in text
    )


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Cs"}


def _text(value: Any, original: Any) -> str:
    if isinstance(original, datetime):
        # People compare with their own clock; JSON keeps the server's UTC.
        return original.astimezone().isoformat(sep=" ", timespec="seconds")
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(inner, str) for inner in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
