"""An icon beside words, painted in the colours of the moment: a change of the look needs nobody to draw it anew."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.ui.foundation import icons, theme


class IconMark(QWidget):
    """One icon, so many pixels square."""

    def __init__(self, icon: str, size: int, tint: str = icons.TEXT, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._size, self._tint = icon, size, tint
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(size, size)

    def set(self, icon: str, tint: str = icons.TEXT) -> None:
        """Show another icon; *tint* is the name of a colour of :class:`theme.Theme`, such as a tone's."""
        self._icon, self._tint = icon, tint
        self.update()

    def sizeHint(self) -> QSize:
        """As large as the icon."""
        return QSize(self._size, self._size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        color = QColor(getattr(theme.current(), self._tint))
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, icons.pixmap(self._icon, color, self._size, self.devicePixelRatioF()))
