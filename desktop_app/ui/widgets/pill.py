"""Status as a pill with icon and word, never by colour alone: painted in tables, and as a widget."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.ui.foundation import icons, theme
from desktop_app.ui.text.badges import Badge

HEIGHT = 22
_ICON = 12
_PAD = 8
_GAP = 5
_DOT = 8


_FONTS: dict[str, tuple[QFont, QFontMetrics]] = {}
"""A list paints one for each row: finding a font and its metrics again costs more than the pill."""


def pill_font(font: QFont) -> tuple[QFont, QFontMetrics]:
    """The font inside a pill, a step smaller and a step heavier, and its metrics."""
    key = font.key()
    if key not in _FONTS:
        made = QFont(font)
        made.setPixelSize(12)
        made.setWeight(QFont.Weight.Medium)
        _FONTS[key] = made, QFontMetrics(made)
    return _FONTS[key]


def pill_width(badge: Badge, font: QFont) -> int:
    """How wide the pill is, in logical pixels."""
    if badge.is_plain:
        return QFontMetrics(font).horizontalAdvance(badge.text) + _DOT + _PAD + 2
    return pill_font(font)[1].horizontalAdvance(badge.text) + _ICON + _GAP + 2 * _PAD


def paint_pill(painter: QPainter, rect: QRect, badge: Badge, font: QFont) -> None:
    """Draw the pill at the left of *rect*, centred in height, its word shortened where there is no room."""
    if badge.is_plain:
        _paint_plain(painter, rect, badge, font)
        return
    color, ground = theme.current().tone(badge.tone)
    width = min(pill_width(badge, font), rect.width())
    font, metrics = pill_font(font)
    box = QRect(rect.left(), rect.center().y() - HEIGHT // 2 + 1, width, HEIGHT)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    edge = QColor(color)
    edge.setAlpha(70)
    painter.setPen(QPen(edge, 1))
    painter.setBrush(ground)
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), HEIGHT / 2, HEIGHT / 2)
    ratio = painter.device().devicePixelRatio()
    painter.drawPixmap(
        box.left() + _PAD, box.center().y() - _ICON // 2 + 1, icons.pixmap(badge.icon, color, _ICON, ratio)
    )
    painter.setPen(color)
    painter.setFont(font)
    text = box.adjusted(_PAD + _ICON + _GAP, 0, -_PAD + 2, 0)
    shown = metrics.elidedText(badge.text, Qt.TextElideMode.ElideRight, text.width())
    painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
    painter.restore()


def _paint_plain(painter: QPainter, rect: QRect, badge: Badge, font: QFont) -> None:
    color, _ground = theme.current().tone(badge.tone)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(QRectF(rect.left() + 0.5, rect.center().y() - _DOT / 2 + 1, _DOT, _DOT))
    painter.setPen(theme.color(theme.current().text))
    painter.setFont(font)
    room = rect.adjusted(_DOT + _PAD, 0, 0, 0)
    shown = QFontMetrics(font).elidedText(badge.text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
    painter.restore()


class Pill(QWidget):
    """A pill beside other things."""

    def __init__(self, badge: Badge | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._badge = badge
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_badge(badge)

    @property
    def badge(self) -> Badge | None:
        """What it shows."""
        return self._badge

    def set_badge(self, badge: Badge | None) -> None:
        """Show something else, or nothing."""
        self._badge = badge
        # Without a parent it would be a window for a moment, and take the focus away.
        if badge is None or self.parentWidget() is not None:
            self.setVisible(badge is not None)
        self.setAccessibleName(badge.text if badge else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as its word."""
        return QSize(pill_width(self._badge, self.font()) if self._badge else 0, HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        if self._badge:
            with QPainter(self) as painter:
                paint_pill(painter, self.rect(), self._badge, self.font())
