"""The icon as Windows and macOS want it: pictures of several sizes in one file, drawn from the one drawing."""

import os
import struct
from collections.abc import Mapping
from pathlib import Path

ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)
ICNS_TYPES = {
    b"icp4": 16,
    b"icp5": 32,
    b"ic11": 32,
    b"ic12": 64,
    b"ic07": 128,
    b"ic13": 256,
    b"ic08": 256,
    b"ic14": 512,
    b"ic09": 512,
    b"ic10": 1024,
}
"""Types of macOS's pictures in PNG, and their pixels; ic11 to ic14 and ic10 are for screens of double density."""


def drawn(drawing: Path, sizes: tuple[int, ...]) -> dict[int, bytes]:
    """Return PNG files of an SVG, each so many pixels wide and high; SystemExit where it is none."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
    from PySide6.QtGui import QImage, QImageWriter, QPainter
    from PySide6.QtSvg import QSvgRenderer

    renderer = QSvgRenderer(str(drawing))
    if not renderer.isValid():
        raise SystemExit(f"{drawing} is no drawing.")
    files = {}
    for size in sizes:
        picture = QImage(size, size, QImage.Format.Format_ARGB32)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        renderer.render(painter)
        painter.end()
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        if not QImageWriter(buffer, QByteArray(b"png")).write(picture):
            raise SystemExit(f"{drawing} could not be drawn.")
        files[size] = bytes(buffer.data().data())
    return files


def ico(pictures: Mapping[int, bytes]) -> bytes:
    """Return Windows' icon file of PNG pictures by their pixels, 256 at most.

    ICONDIR and ICONDIRENTRY: https://devblogs.microsoft.com/oldnewthing/20101018-00/?p=12513
    """
    head, place = struct.pack("<HHH", 0, 1, len(pictures)), 6 + 16 * len(pictures)
    for size, content in sorted(pictures.items()):
        # 256 is written as 0.
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(content), place)
        place += len(content)
    return head + b"".join(content for _, content in sorted(pictures.items()))


def icns(pictures: Mapping[int, bytes]) -> bytes:
    """Return macOS's icon file of PNG pictures by their pixels; all sizes of ``ICNS_TYPES`` are needed."""
    parts = [kind + struct.pack(">I", 8 + len(pictures[size])) + pictures[size] for kind, size in ICNS_TYPES.items()]
    content = b"".join(parts)
    return b"icns" + struct.pack(">I", 8 + len(content)) + content
