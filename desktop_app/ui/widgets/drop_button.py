"""A quiet button in the header that opens a menu or a list, with the chevron of the combo boxes at its end."""

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolButton, QWidget

from desktop_app.ui.foundation import icons, theme
from desktop_app.ui.widgets.styling import restyle

CHEVRON = 14
PAD = 6


class DropButton(QToolButton):
    """Its words are shortened to *widest* pixels; without anything to open it has no chevron."""

    def __init__(self, widest: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widest = widest
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        # Wider than high: the style puts the words close beside the icon.
        self.setIconSize(QSize(20, 16))

    def set_words(self, words: str) -> None:
        """Show these, shortened in their middle."""
        self.ensurePolished()
        shown = self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, self._widest)
        self.setText(shown.replace("&", "&&"))

    def set_opens(self, opens: bool) -> None:
        """Whether there is something to open."""
        restyle(self, "opens", "true" if opens else "false")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button, and the chevron in the room that the style sheet leaves at its end."""
        super().paintEvent(event)
        if self.property("opens") != "true":
            return
        with QPainter(self) as painter:
            mark = icons.pixmap("chevron-down", QColor(theme.current().muted), CHEVRON, self.devicePixelRatioF())
            painter.drawPixmap(QPoint(self.width() - CHEVRON - PAD, (self.height() - CHEVRON) // 2), mark)
