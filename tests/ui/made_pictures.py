"""Pictures and PDFs as a test wants them: good, damaged, and made to do harm."""

import random
import struct
import zlib

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage, QImageWriter

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40">'
    b'<rect width="60" height="40" fill="red"/><text x="4" y="20">Lab</text></svg>'
)
GIF = bytes.fromhex("47494638396101000100800000ff000000000021f90400000000002c00000000010001000002024401003b")


def encoded(form: str, width: int = 60, height: int = 40) -> bytes:
    """A picture in a format that Qt writes, of colours that do not compress to nothing."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    for y in range(height):
        for x in range(width):
            image.setPixelColor(x, y, QColor(x * 4 % 256, y * 6 % 256, (x * y) % 256))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert QImageWriter(buffer, form.encode("ascii")).write(image)
    buffer.close()
    return bytes(data.data())


def of_suffix(suffix: str) -> bytes:
    """A good picture of this suffix."""
    if suffix == ".svg":
        return SVG
    return GIF if suffix == ".gif" else encoded(suffix.removeprefix("."))


def flipped(content: bytes, seed: int) -> bytes:
    """Some bits turned over, the first bytes left so that it is still taken for what it was."""
    chance, damaged = random.Random(seed), bytearray(content)
    for _ in range(max(3, len(content) // 200)):
        damaged[chance.randrange(min(8, len(damaged) - 1), len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that call themselves a picture of this size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    data = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def tiff_that_claims(width: int, height: int) -> bytes:
    """The same as a TIFF of one strip."""
    entries = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1)]
    entries += [(278, 4, height), (279, 4, width * height)]
    folder = struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries
    )
    return b"II*\x00" + struct.pack("<I", 8) + folder + bytes(4)


def pdf_of(*objects: bytes) -> bytes:
    """A PDF of these objects; the first is the catalog."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % at for at in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def stream(head: bytes, data: bytes) -> bytes:
    """A PDF object with a body."""
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (head, len(data), data)


def _page(content: bytes, resources: bytes = b"") -> tuple[bytes, ...]:
    return (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Contents 4 0 R /Resources << %s >> >>" % resources,
        content,
    )


def good_pdf() -> bytes:
    """One page with a red square."""
    return pdf_of(*_page(stream(b"", b"1 0 0 rg 20 20 100 100 re f")))


def svg_that_never_ends(depth: int = 12) -> bytes:
    """Groups that hold ten of the next group each: ten to the power of *depth* squares."""
    groups = ['<g id="a0"><rect width="9" height="9"/></g>']
    groups += [f'<g id="a{at}">' + f'<use xlink:href="#a{at - 1}"/>' * 10 + "</g>" for at in range(1, depth)]
    space = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    inside = f'<defs>{"".join(groups)}</defs><use xlink:href="#a{depth - 1}"/>'
    return f'<svg {space} width="60" height="40">{inside}</svg>'.encode()


def pdf_that_never_ends() -> bytes:
    """A shading that is worked out by a small program for each pixel, drawn very often."""
    function = stream(b"/FunctionType 4 /Domain [0 1 0 1] /Range [0 1 0 1 0 1]", b"{ sin cos sin cos dup dup }")
    shading = b"<< /ShadingType 1 /ColorSpace /DeviceRGB /Domain [0 1 0 1] /Function 6 0 R /Matrix [200 0 0 300 0 0] >>"
    return pdf_of(*_page(stream(b"", b"/S sh " * 200_000), b"/Shading << /S 5 0 R >>"), shading, function)


def pdf_that_eats_memory(depth: int = 12) -> bytes:
    """Forms that draw ten of the next form each, and PDFium keeps them all."""
    forms = []
    for level in range(depth):
        last = level == depth - 1
        body = b"0 0 9 9 re f " if last else b"/F Do " * 10
        names = b"" if last else b"/Resources << /XObject << /F %d 0 R >> >>" % (6 + level)
        forms.append(stream(b"/Type /XObject /Subtype /Form /BBox [0 0 200 300] " + names, body))
    return pdf_of(*_page(stream(b"", b"/F Do " * 10), b"/XObject << /F 5 0 R >>"), *forms)
