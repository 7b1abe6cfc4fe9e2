"""What runs in the decoder's process: a content becomes pixels. A prepared file may crash or take over what is here."""

import zlib

import pypdfium2
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt, QXmlStreamReader
from PySide6.QtGui import QImage, QImageReader

from desktop_app.ui.preview_decoder.wire import ANSWER_BYTES, PDF_PAGES, Kind, Outcome, Picture

IMAGE_PIXELS = 2_400
IMAGE_MEGABYTES = 256
PDF_WIDTH = 1_400
SVG_BYTES = 32 * 1024 * 1024

Drawn = tuple[Outcome, int, list[Picture]]


def draw(kind: Kind, content: bytes) -> Drawn:
    """The outcome, the number of pages, and the pictures of those that are shown."""
    return _pdf(content) if kind is Kind.PDF else _picture(content)


def load_formats() -> None:
    """Load the readers of every format now: once the process is shut in, it opens no more files."""
    QImageReader.supportedImageFormats()


def format_of(content: bytes) -> str:
    """The format that a picture's bytes speak of, whatever its name says; empty where Qt knows none."""
    data = QByteArray(content[:65_536])
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    found = bytes(QImageReader.imageFormat(buffer).data()).decode("ascii", "replace")
    buffer.close()
    return found


def _picture(content: bytes) -> Drawn:
    if format_of(content) in ("svg", "svgz") and _points_outside(content):
        return Outcome.POINTS_OUTSIDE, 1, []
    data = QByteArray(content)
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    QImageReader.setAllocationLimit(IMAGE_MEGABYTES)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    reader.setDecideFormatFromContent(True)
    if _is_too_large(reader.size()):
        reader.setScaledSize(_fitting(reader.size()))
    image = reader.read()
    # Some readers (TIFF) look at the buffer once more when they end: they must end first.
    del reader
    buffer.close()
    if image.isNull():
        return Outcome.DAMAGED, 1, []
    if _is_too_large(image.size()):
        image = image.scaled(_fitting(image.size()))
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    return Outcome.SHOWN, 1, [Picture(image.width(), image.height(), 4, bytes(image.constBits()))]


def _is_too_large(size: QSize) -> bool:
    return size.isValid() and max(size.width(), size.height()) > IMAGE_PIXELS


def _fitting(size: QSize) -> QSize:
    fits = size.scaled(QSize(IMAGE_PIXELS, IMAGE_PIXELS), Qt.AspectRatioMode.KeepAspectRatio)
    return fits.expandedTo(QSize(1, 1))


def _points_outside(content: bytes) -> bool:
    """Whether an SVG names another file, here or in the network: Qt would load it.

    It is read by the reader that Qt draws with, so that both see the same names.
    """
    if content.startswith(b"\x1f\x8b"):
        try:
            content = zlib.decompressobj(wbits=31).decompress(content, SVG_BYTES)
        except zlib.error:
            return False
    data = QByteArray(content)
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QXmlStreamReader(buffer)
    outside = False
    while not outside and not reader.atEnd():
        reader.readNext()
        if reader.isStartElement():
            names = reader.attributes()
            outside = any(
                _leads_outside(str(names.at(at).name()), str(names.at(at).value())) for at in range(names.size())
            )
    del reader
    buffer.close()
    return outside


def _leads_outside(name: str, value: str) -> bool:
    return name.lower() == "href" and not value.strip().startswith(("#", "data:"))


def _pdf(content: bytes) -> Drawn:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        return Outcome.NOT_OPENED, 1, []
    pages, left, drawn = len(document), ANSWER_BYTES, []
    try:
        for number in range(min(pages, PDF_PAGES)):
            picture = _page(document, number)
            left -= len(picture.pixels)
            if left < 0:
                break
            drawn.append(picture)
    except pypdfium2.PdfiumError:
        return Outcome.PAGE_NOT_DRAWN, 1, []
    return (Outcome.SHOWN, pages, drawn) if drawn else (Outcome.NO_PAGES, 1, [])


def _page(document: pypdfium2.PdfDocument, number: int) -> Picture:
    page = document[number]
    width, height = page.get_size()
    scale = min(PDF_WIDTH / max(width, 1.0), 4 * PDF_WIDTH / max(height, 1.0), 4.0)
    bitmap = page.render(scale=scale, rev_byteorder=True)
    row, source = bitmap.width * 3, memoryview(bitmap.buffer).cast("B")
    pixels = b"".join(source[at : at + row] for at in range(0, bitmap.height * bitmap.stride, bitmap.stride))
    drawn = Picture(bitmap.width, bitmap.height, 3, pixels)
    bitmap.close()
    page.close()
    return drawn
