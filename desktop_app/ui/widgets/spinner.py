"""A small turning arc for what takes longer than a moment."""

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QWidget

from desktop_app.ui.foundation import theme


def paint_spinner(painter: QPainter, x: float, y: float, size: float, angle: int, color: str) -> None:
    """Draw the arc at *angle* degrees in a square of *size* pixels."""
    pen = QPen(QColor(color), 2)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawArc(QRectF(x + 1, y + 1, size - 2, size - 2), -angle * 16, 270 * 16)


class Spinner(QWidget):
    """The arc as a widget; it turns only while it is seen."""

    def __init__(self, size: int = 20, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(size, size)
        self._angle = 0
        self._timer = QTimer(self)
        self._timer.setInterval(40)
        self._timer.timeout.connect(self._on_turn)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to turn."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest."""
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the arc."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_spinner(painter, 0, 0, self.width(), self._angle, theme.current().accent)

    def _on_turn(self) -> None:
        self._angle = (self._angle + 12) % 360
        self.update()
