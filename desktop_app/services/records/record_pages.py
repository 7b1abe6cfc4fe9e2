"""A PDF of very many lines, written page by page: what is done is out of memory.

reportlab, which reads the font here, keeps every page until the end. So the few kinds of objects that such a file
needs (ISO 32000-1, 7.3 and 9.7) are written here: one font, embedded whole, and pages of text in columns.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from reportlab.pdfbase.ttfonts import TTFontFile

from desktop_app.paths import resources_dir

WIDTH, HEIGHT = 842.0, 595.0
"""A4 across, in points."""
MARGIN = 36.0
SIZE, LEADING = 7.0, 9.5
MOST_CHARACTERS = 1_200
"""Of one cell, so that a line of the table fits on a page."""
_CATALOG, _PAGES, _FONT, _CID_FONT, _DESCRIPTOR, _FILE, _UNICODE = range(1, 8)
_GAP = 6.0


class _Face:
    """The font: which glyph a character is, how wide it is, and which ones were used."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        self._font = TTFontFile(str(path))
        self.used: dict[int, str] = {}
        self._glyphs: dict[str, tuple[int, float]] = {}

    def glyph(self, letter: str) -> tuple[int, float]:
        """Its number, and its width in thousandths of the size."""
        known = self._glyphs.get(letter)
        if known is None:
            code = ord(letter)
            number = self._font.charToGlyph.get(code, 0)
            known = number, float(self._font.charWidths.get(code, self._font.defaultWidth))
            self._glyphs[letter] = known
            self.used.setdefault(number, letter)
        return known

    def encoded(self, text: str) -> str:
        """The text as the operand of Tj."""
        return "<" + "".join(f"{self.glyph(letter)[0]:04X}" for letter in text) + ">"

    def lines(self, text: str, width: float, size: float) -> list[str]:
        """The text broken at spaces, or anywhere where there is none."""
        shown = text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]} …"
        plain = "".join(letter if letter.isprintable() else " " for letter in shown)
        found, start, space, used = [], 0, -1, 0.0
        room = width * 1000 / size
        at = 0
        while at < len(plain):
            used += self.glyph(plain[at])[1]
            if used > room and at > start:
                end = space if space > start else at
                found.append(plain[start:end])
                start = at = end + 1 if end == space else end
                space, used = -1, 0.0
                continue
            if plain[at] == " ":
                space = at
            at += 1
        return [*found, plain[start:]]

    def descriptor(self) -> str:
        """Of the font, without the number of its file."""
        font = self._font
        box = " ".join(f"{each:.0f}" for each in font.bbox)
        return (
            f"/Type /FontDescriptor /FontName /{_NAME} /Flags 32 /FontBBox [{box}] /ItalicAngle 0 "
            f"/Ascent {font.ascent:.0f} /Descent {font.descent:.0f} /CapHeight {font.capHeight:.0f} /StemV 80"
        )


_NAME = "DejaVuSans"


@dataclass
class PageWriter:
    """Lines and tables from the top of the first page on; ``finish`` makes it a PDF."""

    target: BinaryIO
    title: str
    footer: str
    """Stands below every page, beside its number."""
    _at: int = 0
    _places: dict[int, int] = field(default_factory=dict)
    _kids: list[int] = field(default_factory=list)
    _next: int = _UNICODE + 1
    _page: list[str] = field(default_factory=list)
    _y: float = HEIGHT - MARGIN
    _columns: Sequence[str] = ()
    _widths: Sequence[float] = ()

    def __post_init__(self) -> None:
        self._face = _Face(resources_dir() / "fonts" / f"{_NAME}.ttf")
        self._put(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def text(self, words: str, size: float = 9.0, space: float = 3.0) -> None:
        """A paragraph over the whole width."""
        leading = size * 1.35
        for line in self._face.lines(words, WIDTH - 2 * MARGIN, size):
            self._need(leading)
            self._y -= leading
            self._draw(MARGIN, line, size)
        self._y -= space

    def begin_table(self, names: Sequence[str], parts: Sequence[float]) -> None:
        """The names of columns and how wide each is in parts; they stand at the head of each further page, too."""
        whole = (WIDTH - 2 * MARGIN) / sum(parts)
        self._columns, self._widths = names, [part * whole for part in parts]
        self._need(4 * LEADING)
        self._head()

    def end_table(self) -> None:
        """Paragraphs again."""
        self._columns = self._widths = ()
        self._y -= 8

    def row(self, cells: Sequence[str], *, ruled: bool) -> None:
        """A line of the table; *ruled*: with a rule above it."""
        widths = self._widths
        broken = [
            self._face.lines(cell, width - _GAP, SIZE) if cell else []
            for cell, width in zip(cells, widths, strict=True)
        ]
        height = LEADING * max(1, *map(len, broken)) + 2
        self._need(height)
        if ruled:
            self._page.append(
                f"0.75 G 0.4 w {MARGIN:.1f} {self._y - 1:.1f} m {WIDTH - MARGIN:.1f} {self._y - 1:.1f} l S"
            )
        left = MARGIN
        for lines, width in zip(broken, widths, strict=True):
            for number, line in enumerate(lines, 1):
                self._draw(left, line, SIZE, self._y - number * LEADING)
            left += width
        self._y -= height

    def finish(self) -> None:
        """Write what is left: the last page, the font, and where everything is."""
        self._end_page()
        face = self._face
        self._stream(_FILE, face.data, f"/Length1 {len(face.data)}")
        self._object(_DESCRIPTOR, f"<< {face.descriptor()} /FontFile2 {_FILE} 0 R >>")
        widths = " ".join(f"{number} [{face.glyph(letter)[1]:.0f}]" for number, letter in sorted(face.used.items()))
        self._object(
            _CID_FONT,
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{_NAME} /FontDescriptor {_DESCRIPTOR} 0 R "
            f"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /W [{widths}] "
            "/CIDToGIDMap /Identity >>",
        )
        self._stream(_UNICODE, _to_unicode(face.used).encode("ascii"))
        self._object(
            _FONT,
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{_NAME} /Encoding /Identity-H "
            f"/DescendantFonts [{_CID_FONT} 0 R] /ToUnicode {_UNICODE} 0 R >>",
        )
        kids = " ".join(f"{number} 0 R" for number in self._kids)
        self._object(
            _PAGES,
            f"<< /Type /Pages /Count {len(self._kids)} /Kids [{kids}] /MediaBox [0 0 {WIDTH:.0f} {HEIGHT:.0f}] "
            f"/Resources << /Font << /F {_FONT} 0 R >> >> >>",
        )
        self._object(_CATALOG, f"<< /Type /Catalog /Pages {_PAGES} 0 R >>")
        self._object(self._next, f"<< /Title {_hex_text(self.title)} /Creator (Labkeep) >>")
        begin = self._at
        lines = [f"{self._places[number]:010d} 00000 n \n" for number in range(1, self._next + 1)]
        self._put(f"xref\n0 {self._next + 1}\n0000000000 65535 f \n{''.join(lines)}".encode("ascii"))
        trailer = f"trailer\n<< /Size {self._next + 1} /Root {_CATALOG} 0 R /Info {self._next} 0 R >>\n"
        self._put(f"{trailer}startxref\n{begin}\n%%EOF\n".encode("ascii"))

    def _head(self) -> None:
        if self._columns:
            self._y -= LEADING
            left = MARGIN
            for name, width in zip(self._columns, self._widths, strict=True):
                self._draw(left, name, SIZE, bold=True)
                left += width
            self._y -= 4

    def _need(self, height: float) -> None:
        """Begin a new page where the rest of this one is lower than that."""
        if self._y - height < MARGIN:
            self._end_page()
            self._y = HEIGHT - MARGIN
            self._head()

    def _draw(self, x: float, words: str, size: float, y: float | None = None, *, bold: bool = False) -> None:
        if words:
            height = self._y if y is None else y
            style = "2 Tr 0.3 w 0 G" if bold else "0 Tr"  # the outline is drawn, too: one font is enough
            self._page.append(f"BT {style} /F {size:.1f} Tf {x:.1f} {height:.1f} Td {self._face.encoded(words)} Tj ET")

    def _end_page(self) -> None:
        number = str(len(self._kids) + 1)
        self._draw(MARGIN, self._face.lines(self.footer, WIDTH - 3 * MARGIN, 6)[0], 6, 22)
        self._draw(WIDTH - MARGIN - 20, number, 6, 22)
        content, page = self._next, self._next + 1
        self._next += 2
        self._stream(content, "\n".join(self._page).encode("ascii"))
        self._object(page, f"<< /Type /Page /Parent {_PAGES} 0 R /Contents {content} 0 R >>")
        self._kids.append(page)
        self._page = []

    def _stream(self, number: int, content: bytes, more: str = "") -> None:
        packed = zlib.compress(content)
        head = f"<< /Length {len(packed)} /Filter /FlateDecode {more} >>\nstream\n"
        self._object(number, head.encode("ascii") + packed + b"\nendstream")

    def _object(self, number: int, content: str | bytes) -> None:
        self._places[number] = self._at
        body = content.encode("ascii") if isinstance(content, str) else content
        self._put(b"%d 0 obj\n%b\nendobj\n" % (number, body))

    def _put(self, content: bytes) -> None:
        self.target.write(content)
        self._at += len(content)


def _to_unicode(used: dict[int, str]) -> str:
    """Which characters the glyphs are, so that the text can be searched and copied."""
    pairs = sorted(used.items())
    parts = []
    for start in range(0, len(pairs), 100):  # a hundred at most in one list (5014.CIDFont_Spec)
        some = pairs[start : start + 100]
        lines = "\n".join(f"<{number:04X}> <{letter.encode('utf-16-be').hex().upper()}>" for number, letter in some)
        parts.append(f"{len(some)} beginbfchar\n{lines}\nendbfchar\n")
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Labkeep def\n"
        "/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{''.join(parts)}endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    )


def _hex_text(text: str) -> str:
    return f"<FEFF{text.encode('utf-16-be').hex().upper()}>"
