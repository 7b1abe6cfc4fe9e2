"""From the bytes of a document to something that can be shown; runs away from the GUI thread, touches no widget.

Text and tables are read here, in Python. Pictures and PDF pages need large decoders written in C and C++, which a
prepared file may crash or take over: those run in a process of their own.
"""

import csv
import io
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QImage

from desktop_app.ui.preview_decoder.process import DecoderError, DecoderTimeoutError, PreviewDecoder
from desktop_app.ui.preview_decoder.wire import Kind, Outcome, Picture

TEXT_LIMIT = 100_000
"""More is laid out in one turn of the event loop, and is a silence of the window."""
TABLE_BYTES = 1_000_000
TABLE_ROWS = 1_000
TABLE_COLUMNS = 60

TABLE_SUFFIXES = {".csv": ",", ".tsv": "\t"}
TEXT_SUFFIXES = (
    ".txt", ".md", ".log", ".json", ".xml", ".yaml", ".yml", ".toml", ".ini", ".html", ".fasta", ".fa", ".fna", ".faa",
    ".fastq", ".fq", ".vcf", ".gff", ".gtf", ".bed", ".sam", ".py", ".r", ".sql", ".tex",
)  # fmt: skip
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".svg", ".tif", ".tiff", ".ico")


@dataclass(frozen=True)
class TextView:
    """Text, and whether it was cut."""

    text: str
    cut: bool = False


@dataclass(frozen=True)
class TableView:
    """Rows of a spreadsheet-like text; the first one is the heading."""

    rows: tuple[tuple[str, ...], ...]
    cut: bool = False


@dataclass(frozen=True)
class ImageView:
    """Pictures one below the other: one image, or the pages of a PDF."""

    images: tuple[QImage, ...]
    pages: int = 1
    """How many there are; more than shown where it was cut."""


@dataclass(frozen=True)
class NoView:
    """It cannot be shown here, and why."""

    reason: str


View = TextView | TableView | ImageView | NoView


def _tr(text: str) -> str:
    return QCoreApplication.translate("preview", text)


def decode(content: bytes, file_name: str, mime_type: str, decoder: PreviewDecoder) -> View:
    """The view of a content; never raises for what the content holds."""
    suffix = "." + file_name.rpartition(".")[2].lower()
    if not content:
        return NoView(_tr("This file is empty (0 bytes)."))
    if content.startswith(b"%PDF-") or suffix == ".pdf":
        return _drawn(Kind.PDF, content, decoder)
    if suffix in IMAGE_SUFFIXES or mime_type.startswith("image/"):
        return _drawn(Kind.PICTURE, content, decoder)
    if suffix in TABLE_SUFFIXES:
        return _table(content, TABLE_SUFFIXES[suffix])
    if suffix in TEXT_SUFFIXES or mime_type.startswith("text/") or _looks_like_text(content):
        return _text(content)
    return NoView(_tr("Labkeep has no preview for this kind of file. Save it to open it in another program."))


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # A character that was cut at the limit is no reason to take the text for Latin-1.
        if error.start > len(content) - 4:
            return content[: error.start].decode("utf-8-sig")
        return content.decode("latin-1")


def _looks_like_text(content: bytes) -> bool:
    head = content[:4096]
    return b"\x00" not in head and sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head) == 0


def _text(content: bytes) -> View:
    text = _decoded(content[:TEXT_LIMIT])
    return TextView(text.replace("\r\n", "\n").replace("\x00", "\ufffd"), len(content) > TEXT_LIMIT)


def _table(content: bytes, separator: str) -> View:
    text = _decoded(content[:TABLE_BYTES]).replace("\x00", "")
    if separator == "," and text.partition("\n")[0].count(";") > text.partition("\n")[0].count(","):
        separator = ";"
    rows: list[tuple[str, ...]] = []
    try:
        for line in csv.reader(io.StringIO(text), delimiter=separator):
            rows.append(tuple(line[:TABLE_COLUMNS]))
            if len(rows) > TABLE_ROWS:
                break
    except csv.Error:
        return _text(content)
    if not rows:
        return _text(content)
    width = max(len(line) for line in rows)
    even = tuple(line + ("",) * (width - len(line)) for line in rows[: TABLE_ROWS + 1])
    return TableView(even, len(rows) > TABLE_ROWS or len(content) > TABLE_BYTES)


def _drawn(kind: Kind, content: bytes, decoder: PreviewDecoder) -> View:
    try:
        outcome, pages, images = decoder.decode(kind, content, _image)
    except DecoderTimeoutError:
        return NoView(_tr("Drawing this file took too long, so it was stopped. Save it to open it in another program."))
    except DecoderError:
        return NoView(
            _tr(
                "Drawing this file failed: it may be damaged, or made to do harm. Nothing else is affected. Save it to "
                "open it in another program."
            )
        )
    return ImageView(images, pages) if outcome is Outcome.SHOWN else NoView(_why_not(kind, outcome))


def _image(picture: Picture) -> QImage:
    form = QImage.Format.Format_RGB888 if picture.channels == 3 else QImage.Format.Format_RGBA8888
    row = picture.width * picture.channels
    return QImage(picture.pixels, picture.width, picture.height, row, form).copy()


def _why_not(kind: Kind, outcome: Outcome) -> str:
    sentences = {
        Outcome.NOT_OPENED: _tr("This PDF could not be opened: it is damaged, or protected by a password."),
        Outcome.PAGE_NOT_DRAWN: _tr("A page of this PDF could not be drawn."),
        Outcome.NO_PAGES: _tr("This PDF has no pages."),
        Outcome.TOO_LARGE: _tr("Drawing this file needs more memory than a preview may have."),
        Outcome.POINTS_OUTSIDE: _tr("This picture is not shown because it wants to load other files."),
    }
    damaged = _tr("This picture could not be read: it is damaged, or too large for the preview.")
    return sentences.get(outcome, damaged if kind is Kind.PICTURE else sentences[Outcome.NOT_OPENED])
