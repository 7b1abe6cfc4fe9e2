"""CSV files: read with encoding and separator recognised, every cell as it was typed; and written."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from desktop_app.domain.formulas import guarded, unguarded
from desktop_app.domain.progress import Report
from desktop_app.domain.sheets import Sheet, SheetForm, SheetOptions
from desktop_app.errors import RefusedError
from desktop_app.message import Message
from desktop_app.services.sheets.collected_rows import CollectedRows

MOST_BYTES = 512 * 1024 * 1024
SEPARATORS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "utf-16", "windows-1252", "windows-1254")
_TOLD_EVERY = 1_000
_SAMPLE = 64 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Where Windows-1252 has Icelandic letters, Windows-1254 has the Turkish ones.
_TURKISH = re.compile(rb"[\xd0\xdd\xde\xf0\xfd\xfe]")
_BY_ZEROS = ("utf-16-le", "utf-16-be")
_PDF = b"%PDF-"
# What is in no text of a code page, and in every picture, program and old workbook.
_NEVER_TYPED = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_NO_SHEET = Message(
    "This file holds neither text nor an XLSX workbook. Open it in the program that made it, and save it as .xlsx or "
    "CSV."
)
_SHOWN = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16", "utf-16-be": "utf-16", "cp1252": "windows-1252"}


def read_csv(content: bytes, options: SheetOptions, report: Report) -> Sheet:
    """The sheet; RefusedError where it is none. *report* hears how many characters of how many are read."""
    if len(content) > MOST_BYTES:
        raise RefusedError("The file is too large to come in at once. Divide it, and take one part after the other.")
    text, encoding = _text(content, options.encoding)
    separator = options.separator or separator_of(text)
    if text[:4].lower() == "sep=":  # Excel's own way of telling the separator
        text = text.partition("\n")[2]
    rows = CollectedRows()
    source = _Counted(text)
    reader = csv.reader(source, delimiter=separator, strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            rows.add(number, list(map(unguarded, cells)), {})
            if number % _TOLD_EVERY == 0:
                report(source.read, len(text))
    except csv.Error as error:
        raise RefusedError(
            "Line {line} is not as a CSV file has it: {why}. Is there a quotation mark too many?",
            line=reader.line_num,
            why=str(error),
        ) from error
    shown = _SHOWN.get(encoding, encoding)
    return rows.sheet(SheetForm(encoding=shown, separator=separator))


class _Counted:
    """The lines of a text, their own ends kept, and how many characters of it were read."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self.read = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.read += len(line)
            yield line


def _text(content: bytes, wished: str) -> tuple[str, str]:
    """What the file says, and the encoding that it has; RefusedError where it is no text."""
    encoding = wished or encoding_of(content)
    is_page = encoding.startswith("windows")
    if not wished and (content.startswith(_PDF) or (is_page and _NEVER_TYPED.search(content[:_SAMPLE]))):
        raise RefusedError(_NO_SHEET)
    try:
        text = content.decode(encoding).removeprefix("\ufeff")
    except UnicodeError as error:
        if not wished and encoding in _BY_ZEROS:
            raise RefusedError(_NO_SHEET) from error
        shown = _SHOWN.get(encoding, encoding)
        raise RefusedError("The file is no text in {encoding}; name its encoding.", encoding=shown) from error
    except LookupError as error:
        raise RefusedError("There is no encoding {encoding}.", encoding=encoding) from error
    # A file that a crash or a share left without its bytes is all zeros.
    if text and not text.strip("\0"):
        raise RefusedError(_NO_SHEET)
    return text, encoding


def encoding_of(content: bytes) -> str:
    """UTF-8 and UTF-16 by their marks and forms, else the code page of Windows that has the letters."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    start = content[:_SAMPLE]
    zeros = (start[::2].count(0), start[1::2].count(0))
    if max(zeros) * 4 > len(start):  # most letters of a table are Latin: every other byte is zero
        return _BY_ZEROS[zeros[1] <= zeros[0]]
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "windows-1254" if _TURKISH.search(content) else "windows-1252"
    return "utf-8"


def separator_of(text: str) -> str:
    """The one that gives most of the first rows the same number of cells, and as many as can be."""
    if text[:4].lower() == "sep=" and len(text) > 4 and text[4] not in "\r\n":
        return text[4]
    return max(SEPARATORS, key=lambda separator: _fit(text[:_SAMPLE], separator))


def _fit(text: str, separator: str) -> tuple[int, int]:
    counts: list[int] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            if any(cells):
                counts.append(len(cells))
            if len(counts) == 50:
                break
    except csv.Error:
        pass
    if not counts or counts[0] < 2:
        return 0, 0
    return counts.count(counts[0]), counts[0]


class CsvWriter:
    """Rows into a CSV file in UTF-8 with its mark, so that Excel knows it."""

    def __init__(self, file: BinaryIO) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._text)

    def write(self, cells: Sequence[str | float]) -> None:
        """One row; numbers are no formulas, whatever they begin with."""
        self._csv.writerow([guarded(cell) if isinstance(cell, str) else str(cell) for cell in cells])

    def finish(self) -> None:
        """Hand on what is buffered; the file stays open."""
        self._text.flush()
        self._text.detach()
