"""Icons from resources/icons, tinted by the palette at the moment they are painted."""

from functools import cache, lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from desktop_app.paths import resources_dir
from desktop_app.ui.foundation import theme
from desktop_app.ui.foundation.theme import Tone

TEXT = "text"
MUTED = "muted"
ACCENT = "accent"
ON_ACCENT = "on_accent"


@cache
def _folder() -> Path:
    return resources_dir() / "icons"


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    return (_folder() / f"{name}.svg").read_text(encoding="utf-8")


def read_all() -> None:
    """Read every file, so that whoever paints reads none: for a job."""
    for path in _folder().glob("*.svg"):
        _source(path.stem)


@lru_cache(maxsize=1024)
def _pixmap(name: str, color: str, width: int, height: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(QSize(round(width * ratio), round(height * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    svg = _source(name).replace("currentColor", color)
    with QPainter(pixmap) as painter:
        # Buttons ask for more width than height, which keeps the words at a distance.
        side = min(width, height)
        QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, side, side))
    return pixmap


def pixmap(name: str, color: QColor, size: int, ratio: float = 1.0) -> QPixmap:
    """The icon in one colour, ``size`` logical pixels square."""
    return _pixmap(name, color.name(), size, size, ratio)


class _TintedEngine(QIconEngine):
    """Asks the theme for the colour each time, so a change of theme needs no new icons."""

    def __init__(self, name: str, tint: str) -> None:
        super().__init__()
        self._name = name
        self._tint = tint

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        # Not painter.device(): what it is would have to be found among all classes of QtWidgets, and load them.
        ratio = painter.deviceTransform().m11() or 1.0
        painter.drawPixmap(rect, self._draw(rect.size(), mode, ratio))

    def pixmap(self, size: QSize, mode: QIcon.Mode, _state: QIcon.State) -> QPixmap:
        return self._draw(size, mode, 1.0)

    def scaledPixmap(  # noqa: N802 - Qt's name
        self, size: QSize, mode: QIcon.Mode, _state: QIcon.State, scale: float
    ) -> QPixmap:
        # Since Qt 6.8 the size is in logical pixels; before it was in the screen's, and more of them do no harm.
        return self._draw(size, mode, scale)

    def clone(self) -> QIconEngine:
        return _TintedEngine(self._name, self._tint)

    def _draw(self, size: QSize, mode: QIcon.Mode, ratio: float) -> QPixmap:
        tint = MUTED if mode == QIcon.Mode.Disabled else self._tint
        return _pixmap(self._name, getattr(theme.current(), tint), size.width(), size.height(), ratio)


def icon(name: str, tint: str = TEXT) -> QIcon:
    """An icon that follows the theme; ``tint`` is the name of a colour of :class:`theme.Theme`."""
    return QIcon(_TintedEngine(name, tint))


def toned(name: str, tone: Tone) -> QIcon:
    """An icon in the colour of a meaning."""
    return icon(name, tone.value)
