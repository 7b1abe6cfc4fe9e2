"""Pictures of the window with what lies over it, as small PNG files of at most 256 colours."""

import heapq
import itertools
from collections import Counter
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.ui.foundation import theme
from tools.driver import DriveError

COLORS = 256


def take(window: QWidget, path: Path) -> None:
    """Write the window, and the dialogs and lists that are open over it, to *path*."""
    QApplication.processEvents()
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(image)
    for each in _over(window):
        at = each.mapToGlobal(QPoint()) - window.mapToGlobal(QPoint())
        drawn = each.grab()
        painter.drawPixmap(at, drawn)
        # The frame that a desktop draws around a window, which is not there without one.
        painter.setPen(QPen(QColor(theme.current().border), 1))
        painter.drawRect(QRect(at, each.size()).adjusted(-1, -1, 0, 0))
    painter.end()
    if not indexed(image).save(str(path), quality=0):
        raise DriveError(f"The picture {path} could not be written.")


def _over(window: QWidget) -> list[QWidget]:
    tops = [each for each in QApplication.topLevelWidgets() if each.isVisible() and each is not window]
    # Qt gives them in no order: a question about a dialog belongs to it, and lies above it.
    return sorted((each for each in tops if each.width() > 1), key=_depth)


def _depth(window: QWidget) -> int:
    above = window.parentWidget()
    return 0 if above is None else 1 + _depth(above.window())


Color = tuple[int, int, int, int]
"""Red, green, blue, and how many pixels have it."""
Box = tuple[float, int, int, list[Color]]
"""Its weight below zero, a number that no other box has, the channel to be cut, its colours."""


def indexed(image: QImage) -> QImage:
    """The image with the 256 colours that stand for its own best, by median cut."""
    counts = Counter(memoryview(image.constBits()).cast("I").tolist())
    numbers = itertools.count()
    whole = [(value >> 16 & 255, value >> 8 & 255, value & 255, number) for value, number in counts.items()]
    boxes = [_box(whole, next(numbers))]
    while len(boxes) < COLORS and boxes[0][0] < 0:
        _, _, channel, colors = heapq.heappop(boxes)
        for half in _halves(colors, channel):
            heapq.heappush(boxes, _box(half, next(numbers)))
    table = [_mean(box[-1]) for box in boxes]
    flags = Qt.ImageConversionFlag.ThresholdDither | Qt.ImageConversionFlag.AvoidDither
    return image.convertToFormat(QImage.Format.Format_Indexed8, table, flags)


def _box(colors: list[Color], number: int) -> Box:
    """A box and how much it wants to be cut: far apart and often seen; one colour alone never."""
    spread, channel = max(
        (max(color[at] for color in colors) - min(color[at] for color in colors), at) for at in range(3)
    )
    # The square root keeps large flat grounds from taking all the colours.
    return -spread * sum(color[3] for color in colors) ** 0.5, number, channel, colors


def _halves(box: list[Color], channel: int) -> list[list[Color]]:
    box.sort(key=lambda color: color[channel])
    half, passed = sum(color[3] for color in box) / 2, 0
    for at, color in enumerate(box[:-1], start=1):
        passed += color[3]
        if passed >= half:
            return [box[:at], box[at:]]
    return [box[:-1], box[-1:]]


def _mean(box: list[Color]) -> int:
    total = sum(color[3] for color in box)
    # The commonest colour of a box as it is, so that grounds and text keep theirs exactly.
    commonest = max(box, key=lambda color: color[3])
    if commonest[3] * 2 > total:
        red, green, blue = commonest[:3]
    else:
        red, green, blue = (round(sum(color[at] * color[3] for color in box) / total) for at in range(3))
    return 255 << 24 | red << 16 | green << 8 | blue
