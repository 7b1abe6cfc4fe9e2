"""The bar of the tabs: icon and word on one line and 8 px apart, both lit up in the tab that is looked at."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QStyle, QStyleOptionTab, QTabBar, QWidget

from desktop_app.ui.foundation import icons, theme

ICON, GAP, PAD = 16, 8, 12
LINE = 2
"""Pixels at the lower edge that mark the tab which is looked at."""


class TabBar(QTabBar):
    """Draws the labels itself: Qt puts an icon two pixels above its word and eleven before it, and always in grey."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons: list[str] = []

    def add_tab(self, icon: str, title: str) -> int:
        """A tab at the end; returns its place."""
        self._icons.append(icon)
        return self.addTab(title)

    def icon_tint(self, at: int) -> str:
        """The name of the colour of a tab's icon."""
        return icons.ACCENT if at == self.currentIndex() and not self._is_covered else icons.MUTED

    @property
    def _is_covered(self) -> bool:
        """Whether a page lies in the place of the tabs; the style sheet asks for the same property."""
        return bool(self.property("covered") == "true")

    def tabSizeHint(self, index: int) -> QSize:  # noqa: N802 - Qt's name
        """Icon and word with the same room at both sides."""
        words = QFontMetrics(self._label_font()).horizontalAdvance(self.tabText(index))
        return QSize(PAD + ICON + GAP + words + PAD, super().tabSizeHint(index).height())

    def minimumTabSizeHint(self, index: int) -> QSize:  # noqa: N802 - Qt's name
        """The same: where there is no room, the bar scrolls and cuts no word."""
        return self.tabSizeHint(index)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw each tab's ground and line by the style sheet, and on it its label."""
        with QPainter(self) as painter:
            for at in range(self.count()):
                option = QStyleOptionTab()
                self.initStyleOption(option, at)
                self.style().drawControl(QStyle.ControlElement.CE_TabBarTabShape, option, painter, self)
                self._draw_label(painter, option, at)

    def _draw_label(self, painter: QPainter, option: QStyleOptionTab, at: int) -> None:
        look = theme.current()
        lit = QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus
        is_lit = bool(option.state & lit) or self.icon_tint(at) == icons.ACCENT
        place: QRect = option.rect.adjusted(PAD, 0, -PAD, -LINE)
        top = place.center().y() - ICON // 2 + 1
        tint = theme.color(getattr(look, self.icon_tint(at)))
        ratio = painter.device().devicePixelRatio()
        painter.drawPixmap(place.left(), top, icons.pixmap(self._icons[at], tint, ICON, ratio))
        painter.setFont(self._label_font())
        painter.setPen(theme.color(look.text if is_lit else look.muted))
        room = place.adjusted(ICON + GAP, 0, 0, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.tabText(at))

    def _label_font(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.Medium)
        return font
