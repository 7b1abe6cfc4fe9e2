"""Pages of an evidence file as PDF, with the machine-readable part as the one file that is attached to them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFStream, PDFString, PDFZCompress
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from desktop_app.paths import resources_dir

ATTACHMENT = "evidence.json"
_FONT, _BOLD = "DejaVuSans", "DejaVuSans-Bold"
_BODY = ParagraphStyle("body", fontName=_FONT, fontSize=8.5, leading=11.5, wordWrap="CJK")
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=7, leading=9)
_HEAD = ParagraphStyle("head", parent=_SMALL, fontName=_BOLD)
_TITLE = ParagraphStyle("title", parent=_BODY, fontName=_BOLD, fontSize=15, leading=20, spaceAfter=6)
_SECTION = ParagraphStyle(
    "section", parent=_BODY, fontName=_BOLD, fontSize=11, leading=15, spaceBefore=10, spaceAfter=3
)
_LINES = HexColor(0xB8BEC6)
_MARGIN = 18 * mm
_WIDTH = A4[0] - 2 * _MARGIN - 12  # the frame has a padding of six points
MOST_CHARACTERS = 1200
"""Of one cell: a row of a table has to fit on a page. The attached part has all of it."""


@dataclass(frozen=True)
class Section:
    """A heading and a table: the names of its columns, how wide each is in parts, its rows."""

    heading: str
    columns: Sequence[str]
    widths: Sequence[int]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Pages:
    """What stands on the pages, in order."""

    title: str
    intro: Sequence[str]
    sections: Sequence[Section]
    closing: Sequence[str]


def write_pages(target: BinaryIO, pages: Pages, attachment: bytes, say: Callable[[str], str]) -> None:
    """Write the PDF; *say* says a sentence of the program in the person's language."""
    for name in (_FONT, _BOLD):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(_font_file(name))))

    def with_attachment(canvas: Any, _document: Any) -> None:
        _attach(canvas._doc, attachment)  # noqa: SLF001 - reportlab has no public way to attach a file
        _number(canvas, _document)

    document = SimpleDocTemplate(
        target,
        pagesize=A4,
        title=say(pages.title),
        creator="Labkeep",
        **dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), _MARGIN),
    )
    document.build(_story(pages, say), onFirstPage=with_attachment, onLaterPages=_number)


def _font_file(name: str) -> Path:
    return resources_dir() / "fonts" / f"{name}.ttf"


def _story(pages: Pages, say: Callable[[str], str]) -> list[Flowable]:
    story: list[Flowable] = [_paragraph(say(pages.title), _TITLE)]
    story += [_paragraph(say(sentence), _BODY) for sentence in pages.intro]
    for section in pages.sections:
        story.append(_paragraph(say(section.heading), _SECTION))
        story.append(_table(section, say))
    story.append(Spacer(1, 6 * mm))
    return story + [_paragraph(say(sentence), _BODY) for sentence in pages.closing]


def _table(section: Section, say: Callable[[str], str]) -> Table:
    cells = [[_paragraph(say(column), _HEAD) for column in section.columns]]
    cells += [[_paragraph(say(text), _SMALL) for text in row] for row in section.rows]
    whole = sum(section.widths)
    style = TableStyle(
        [
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINES),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ]
    )
    return Table(cells, colWidths=[_WIDTH * part / whole for part in section.widths], repeatRows=1, style=style)


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    """The text as it is: what looks like markup in a name is a name."""
    shown = text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]} …"
    printable = "".join(letter if letter.isprintable() else " " for letter in shown)
    return Paragraph(escape(printable), style)


def _number(canvas: Any, document: Any) -> None:
    canvas.setFont(_FONT, 7)
    canvas.drawRightString(A4[0] - _MARGIN, 10 * mm, str(document.page))


def _attach(document: Any, content: bytes) -> None:
    """Put one embedded file into the catalog (ISO 32000-1, 7.11.4), compressed and nothing else."""
    sizes = PDFDictionary({"Size": len(content)})
    facts = PDFDictionary({"Type": PDFName("EmbeddedFile"), "Subtype": PDFName("application/json"), "Params": sizes})
    stream = document.Reference(PDFStream(facts, content, [PDFZCompress]))
    name = PDFString(ATTACHMENT)
    file = {"Type": PDFName("Filespec"), "F": name, "UF": name, "EF": PDFDictionary({"F": stream})}
    names = PDFDictionary({"Names": PDFArray([name, document.Reference(PDFDictionary(file))])})
    document._catalog.Names = PDFDictionary({"EmbeddedFiles": names})  # noqa: SLF001
