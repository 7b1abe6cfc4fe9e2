"""From the bytes of a document to something that can be shown; runs away from the GUI thread, touches no widget."""

import csv
import io
from dataclasses import dataclass

import pypdfium2
from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

TEXT_LIMIT = 1_000_000
TABLE_ROWS = 1_000
TABLE_COLUMNS = 60
IMAGE_PIXELS = 2_400
IMAGE_MEGABYTES = 256
PDF_PAGES = 30
PDF_WIDTH = 1_400

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


def decode(content: bytes, file_name: str, mime_type: str) -> View:
    """The view of a content; never raises for what the content holds."""
    suffix = "." + file_name.rpartition(".")[2].lower()
    if not content:
        return NoView(_tr("This file is empty (0 bytes)."))
    if content.startswith(b"%PDF-") or suffix == ".pdf":
        return _pdf(content)
    if suffix in IMAGE_SUFFIXES or mime_type.startswith("image/"):
        return _image(content)
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
    text = _decoded(content[:TEXT_LIMIT]).replace("\x00", "")
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
    return TableView(even, len(rows) > TABLE_ROWS or len(content) > TEXT_LIMIT)


def _image(content: bytes) -> View:
    data = QByteArray(content)
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    QImageReader.setAllocationLimit(IMAGE_MEGABYTES)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > IMAGE_PIXELS:
        reader.setScaledSize(size.scaled(QSize(IMAGE_PIXELS, IMAGE_PIXELS), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    buffer.close()
    if image.isNull():
        return NoView(_tr("This picture could not be read: it is damaged, or too large for the preview."))
    return ImageView((image,))


def _pdf(content: bytes) -> View:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        return NoView(_tr("This PDF could not be opened: it is damaged, or protected by a password."))
    try:
        pages = len(document)
        images = tuple(_page_image(document, number) for number in range(min(pages, PDF_PAGES)))
    except pypdfium2.PdfiumError:
        return NoView(_tr("A page of this PDF could not be drawn."))
    finally:
        document.close()
    return ImageView(images, pages) if images else NoView(_tr("This PDF has no pages."))


def _page_image(document: pypdfium2.PdfDocument, number: int) -> QImage:
    page = document[number]
    width, height = page.get_size()
    scale = min(PDF_WIDTH / max(width, 1.0), 4 * PDF_WIDTH / max(height, 1.0), 4.0)
    bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=True)
    image = QImage(bitmap.buffer, bitmap.width, bitmap.height, bitmap.stride, QImage.Format.Format_RGBX8888).copy()
    bitmap.close()
    page.close()
    return image
