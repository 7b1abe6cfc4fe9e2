"""XLSX files, written as a stream: all cells but numbers are texts, which a spreadsheet program keeps as they are.

A writer of our own beside the reader, for the sake of what both agree on: guarded texts, escapes, no size in memory.
"""

import re
import zipfile
from collections.abc import Sequence
from typing import BinaryIO
from xml.sax.saxutils import escape

from desktop_app.domain.formulas import guarded
from desktop_app.errors import RefusedError

MOST_ROWS = 1_048_576
LONGEST_CELL = 32_767
_BUFFERED = 256 * 1024
_TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType=\
"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/styles.xml" ContentType=\
"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType=\
"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
</Types>"""
_PACKAGE = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" \
Target="xl/workbook.xml"/>
</Relationships>"""
_PARTS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" \
Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" \
Target="styles.xml"/>
</Relationships>"""
_WORKBOOK = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" \
xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>"""
# Style 1 is a text (format 49, "@"): what is typed over it stays as typed, too. Style 2 is the headings'.
_STYLES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border/></borders>
<cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="3"><xf/><xf numFmtId="49" applyNumberFormat="1"/>\
<xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
</styleSheet>"""
_SHEET = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">\
<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>\
</sheetView></sheetViews><cols><col min="1" max="{columns}" width="20" style="1" customWidth="1"/></cols><sheetData>"""
_END = "</sheetData></worksheet>"
# What XML has no sign for, what it would change (CR), and what reads as such an escape itself.
_TO_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class XlsxWriter:
    """Rows into the one sheet of a workbook; the first row is the headings."""

    def __init__(self, file: BinaryIO, name: str, columns: int) -> None:
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=4)
        for part, content in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _PACKAGE),
            ("xl/workbook.xml", _WORKBOOK.format(name=escape(name))),
            ("xl/_rels/workbook.xml.rels", _PARTS),
            ("xl/styles.xml", _STYLES),
        ):
            self._archive.writestr(part, content)
        self._part = self._archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        self._waiting = [_SHEET.format(columns=max(columns, 1))]
        self._size = 0
        self._rows = 0

    def write(self, cells: Sequence[str | float]) -> None:
        """One row; RefusedError where a workbook cannot hold it."""
        self._rows += 1
        if self._rows > MOST_ROWS:
            raise RefusedError("A workbook has at most {most} rows; export to a CSV file.", most=MOST_ROWS)
        style = 2 if self._rows == 1 else 1
        row = "".join(self._cell(cell, style) for cell in cells)
        self._waiting.append(f"<row>{row}</row>")
        self._size += len(row)
        if self._size > _BUFFERED:
            self._hand_on()

    def _cell(self, cell: str | float, style: int) -> str:
        if not isinstance(cell, str):
            return f"<c><v>{cell!r}</v></c>"
        if not cell:
            return "<c/>"
        text = guarded(cell)
        if len(text) > LONGEST_CELL:
            raise RefusedError(
                "Row {row} has a text of {count} characters, and a cell of a workbook holds {longest}; export to a CSV "
                "file.",
                row=self._rows,
                count=len(text),
                longest=LONGEST_CELL,
            )
        return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{escaped(text)}</t></is></c>'

    def _hand_on(self) -> None:
        self._part.write("".join(self._waiting).encode())
        self._waiting, self._size = [], 0

    def finish(self) -> None:
        """Complete the workbook; the file stays open."""
        self._waiting.append(_END)
        self._hand_on()
        self._part.close()
        self._archive.close()


def escaped(text: str) -> str:
    """The text as a workbook's XML has it."""
    return escape(_TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text))
