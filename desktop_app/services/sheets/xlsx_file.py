"""XLSX files, read as a stream: every text as it was typed, formulas by what they last came to.

A reader of our own, because a cell must not become another text on its way: libraries give numbers as floats, formulas
without their values or values without saying that there was a formula, and hold the whole sheet. What is read is a ZIP
of XML (ECMA-376): bounded where it grows, without entities, nothing outside of it is looked at.
"""

import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import BinaryIO
from xml.parsers import expat

from desktop_app.domain.formulas import unguarded
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.sheets import MOST_CHARACTERS, Sheet, SheetForm, SheetOptions
from desktop_app.errors import RefusedError
from desktop_app.message import Message
from desktop_app.services.sheets.collected_rows import CollectedRows
from desktop_app.services.sheets.xlsx_numbers import date_kinds, date_text, number_text

MOST_BYTES_OF_A_PART = 1024 * 1024 * 1024
_PIECE = 64 * 1024
_WORKBOOK = "xl/workbook.xml"
_TEXTS = "xl/sharedStrings.xml"
# Half of a surrogate pair is no character: its escape is taken as it stands.
_ESCAPED = re.compile(r"_x((?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")
_OF_EACH_TEXT = 16
"""What a shared text takes beside its characters."""
_BROKEN = Message(
    "This file is no whole XLSX workbook. Open it in a spreadsheet program, and save it as .xlsx or CSV once more."
)
_TOO_LARGE = Message("What this file holds grows beyond every sheet that could come in; it was not read.")
_NOT_COMPUTED = Message("This cell has a formula that was never computed. Open and save it in a spreadsheet program.")
_NOT_EXACT = Message("A spreadsheet keeps no number of so many digits exactly. Make the cell a text.")
_NO_DATE = Message("This is no date.")
_FORMULA_ERROR = Message("This formula has an error: {error}.")


def read_xlsx(file: BinaryIO, options: SheetOptions, report: Report) -> Sheet:
    """The sheet of that name, or the first that is not hidden; RefusedError where it is none.

    *report* hears how many bytes of how many are read.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            return _Workbook(archive).read(options.sheet, report)
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, LookupError, ValueError):
        raise RefusedError(_BROKEN) from None
    except RuntimeError:  # what zipfile says of a member with a password, or packed in a way that it does not know
        raise RefusedError(_BROKEN) from None


class _Workbook:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.texts: list[str] = []
        self.styles: tuple[str, ...] = ()
        self.since_1904 = False

    def read(self, wanted: str, report: Report) -> Sheet:
        names, shown, targets = self._sheets()
        if not names:
            raise ValueError("a workbook without a sheet")
        chosen = wanted or (shown or names)[0]
        if chosen not in targets:
            raise RefusedError("The workbook has no sheet {sheet}; it has {sheets}.", sheet=wanted, sheets=names)
        self._read_styles()
        rows = CollectedRows()
        before, size = self._size(_TEXTS), self._size(targets[chosen])
        if _TEXTS in self._archive.namelist():
            self._parse(_TEXTS, _TextsParser(self.texts), lambda done, _: report(done, before + size))
        self._parse(targets[chosen], _SheetParser(self, rows), lambda done, _: report(before + done, before + size))
        return rows.sheet(SheetForm(sheet=chosen, sheets=tuple(names)))

    def _sheets(self) -> tuple[list[str], list[str], dict[str, str]]:
        """Their names, those that are shown, and where each one lies."""
        related: dict[str, str] = {}
        found: list[tuple[str, str, bool]] = []

        def relation(name: str, values: dict[str, str]) -> None:
            if name == "Relationship":
                related[values["Id"]] = values["Target"]

        def sheet(name: str, values: dict[str, str]) -> None:
            if name == "sheet":
                plain = {key.rpartition(":")[2]: value for key, value in values.items()}
                found.append((values["name"], plain["id"], values.get("state", "visible") == "visible"))
            elif name == "workbookPr":
                self.since_1904 = values.get("date1904", "0") in {"1", "true"}

        self._parse("xl/_rels/workbook.xml.rels", _Elements(relation))
        self._parse(_WORKBOOK, _Elements(sheet))
        targets = {name: _inside(related[place]) for name, place, _ in found if place in related}
        names = [name for name, _, _ in found if name in targets]
        return names, [name for name, _, shown in found if shown and name in targets], targets

    def _read_styles(self) -> None:
        codes: dict[int, str] = {}
        formats: list[int] = []
        inside: list[bool] = [False]

        def style(name: str, values: dict[str, str]) -> None:
            if name == "numFmt":
                codes[int(values["numFmtId"])] = values["formatCode"]
            elif name in {"cellXfs", "cellStyleXfs", "dxfs"}:
                inside[0] = name == "cellXfs"
            elif name == "xf" and inside[0]:
                formats.append(int(values.get("numFmtId", "0")))

        if "xl/styles.xml" in self._archive.namelist():
            self._parse("xl/styles.xml", _Elements(style))
        self.styles = date_kinds(formats, codes)

    def _size(self, part: str) -> int:
        return self._archive.getinfo(part).file_size if part in self._archive.namelist() else 0

    def _parse(self, part: str, handler: "_PartReader", report: Report = silent) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = handler.start
        parser.EndElementHandler = handler.end
        parser.CharacterDataHandler = handler.text
        parser.StartDoctypeDeclHandler = _refuse_doctype
        total = self._archive.getinfo(part).file_size
        done = 0
        with self._archive.open(part) as source:
            for piece in iter(lambda: source.read(_PIECE), b""):
                done += len(piece)
                if done > MOST_BYTES_OF_A_PART:
                    raise RefusedError(_TOO_LARGE)
                parser.Parse(piece, False)
                report(done, total)
        parser.Parse(b"", True)


def _inside(target: str) -> str:
    """Where a part lies that the workbook names."""
    return target.removeprefix("/") if target.startswith("/") else str(PurePosixPath("xl") / target)


def _refuse_doctype(*_: object) -> None:
    raise ValueError("a workbook declares no entities")


class _PartReader:
    """What is done with elements and text, by their names without prefix."""

    def start(self, name: str, values: dict[str, str]) -> None:
        """Nothing."""

    def end(self, name: str) -> None:
        """Nothing."""

    def text(self, text: str) -> None:
        """Nothing."""


class _Elements(_PartReader):
    def __init__(self, each: Callable[[str, dict[str, str]], None]) -> None:
        self._each = each

    def start(self, name: str, values: dict[str, str]) -> None:
        self._each(name.rpartition(":")[2], values)


class _TextsParser(_PartReader):
    """The texts that cells share; how a text is to be pronounced is none of it."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self._parts: list[str] = []
        self._taken = False
        self._spoken = False
        self._size = 0

    def start(self, name: str, values: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "si":
            self._parts = []
            self._grow(_OF_EACH_TEXT)
        elif name == "rPh":
            self._spoken = True
        self._taken = name == "t" and not self._spoken

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name == "si":
            self._texts.append(unescaped("".join(self._parts)))
        elif name == "rPh":
            self._spoken = False
        self._taken = False

    def text(self, text: str) -> None:
        if self._taken:
            self._grow(len(text))
            self._parts.append(text)

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > MOST_CHARACTERS:
            raise RefusedError(_TOO_LARGE)


class _SheetParser(_PartReader):
    """Rows and cells; called for each element, so that nothing is done twice here."""

    def __init__(self, workbook: _Workbook, rows: CollectedRows) -> None:
        self._workbook = workbook
        self._rows = rows
        self._number = 0
        self._cells: list[str] = []
        self._unreadable: dict[int, Message] = {}
        self._place = -1
        self._kind = "n"
        self._style = 0
        self._parts: list[str] = []
        self._taken = False
        self._spoken = False
        self._is_formula = False

    def start(self, name: str, values: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        self._taken = False
        if name == "c":
            self._place = _place(values["r"]) if "r" in values else self._place + 1
            self._kind, self._style = values.get("t", "n"), int(values.get("s", "0"))
            self._parts, self._is_formula = [], False
        elif name == "v" or (name == "t" and not self._spoken):
            self._taken = True
        elif name == "f":
            self._is_formula = True
        elif name == "row":
            self._number = _from(1, values["r"]) if "r" in values else self._number + 1
            self._cells, self._unreadable, self._place = [], {}, -1
        elif name == "rPh":
            self._spoken = True

    def text(self, text: str) -> None:
        if self._taken:
            self._parts.append(text)

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        self._taken = False
        if name == "c":
            self._end_cell()
        elif name == "row":
            self._rows.add(self._number, self._cells, self._unreadable)
        elif name == "rPh":
            self._spoken = False

    def _end_cell(self) -> None:
        found = self._value("".join(self._parts))
        if found == "":
            return
        if self._place > 16_383:
            raise ValueError("a sheet has no such column")
        if len(self._cells) <= self._place:
            self._cells.extend([""] * (self._place + 1 - len(self._cells)))
        if isinstance(found, Message):
            self._unreadable[self._place] = found
        else:
            self._cells[self._place] = found

    def _value(self, raw: str) -> str:
        """The text of a cell, or a Message why it has none."""
        if raw == "":
            return _NOT_COMPUTED if self._is_formula and self._kind != "str" else ""
        match self._kind:
            case "s":
                return unguarded(self._workbook.texts[_from(0, raw)])
            case "inlineStr" | "str":
                return unguarded(unescaped(raw))
            case "b":
                return "TRUE" if raw.strip() in {"1", "true"} else "FALSE"
            case "e":
                return Message(_FORMULA_ERROR.template, error=raw)
            case "d":
                return raw.replace("T", " ")
        kinds = self._workbook.styles
        kind = kinds[self._style] if self._style < len(kinds) else ""
        if kind:
            day = date_text(raw, kind, since_1904=self._workbook.since_1904)
            return _NO_DATE if day is None else day
        number = number_text(raw.strip())
        return _NOT_EXACT if number is None else number


def _from(least: int, text: str) -> int:
    number = int(text)
    if number < least:
        raise ValueError("a workbook counts from there on")
    return number


def _place(reference: str) -> int:
    """The column of a cell such as AB12, the first being 0."""
    place = 0
    for character in reference:
        if not "A" <= character <= "Z":
            break
        place = place * 26 + ord(character) - 64
    if not 0 < place <= 16_384:
        raise ValueError("a cell without a column")
    return place - 1


def unescaped(text: str) -> str:
    """A text of a workbook, in which what XML has no sign for is written _x000D_."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
