"""The header of a list: says by an arrow what the list is sorted by, and which way, and what else it can be."""

from collections.abc import Collection

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from desktop_app.ui.foundation import icons, theme

ARROW = 14
PAD = 12


class ListHeader(QHeaderView):
    """Its sections may be moved, resized and clicked; the arrow is ours, because the style sheet's knows no colours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._sorted = -1
        self._descending = False
        self._sortable: frozenset[int] = frozenset()
        self._pointed = -1
        self.setSectionsMovable(True)
        self.viewport().setMouseTracking(True)

    def set_sortable(self, sections: Collection[int]) -> None:
        """These have an order: under the mouse they show a faint arrow, and the others show none."""
        self._sortable = frozenset(sections)
        self.viewport().update()

    @property
    def offered_section(self) -> int:
        """Where the faint arrow is; -1: nowhere."""
        return self._pointed if self._pointed in self._sortable and self._pointed != self._sorted else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The mouse is over another section."""
        super().mouseMoveEvent(event)
        self._point_at(self.logicalIndexAt(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        """The mouse is elsewhere."""
        super().leaveEvent(event)
        self._point_at(-1)

    def _point_at(self, section: int) -> None:
        if section != self._pointed:
            self._pointed = section
            self.viewport().update()

    def show_sort(self, section: int, descending: bool) -> None:
        """Show the arrow there; -1 shows none."""
        self._sorted, self._descending = section, descending
        self.viewport().update()

    @property
    def sorted_section(self) -> tuple[int, bool]:
        """Where the arrow is, and whether it points down."""
        return self._sorted, self._descending

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:  # noqa: N802 - Qt's name
        """Draw the section, and the arrow beside its words."""
        painter.save()
        super().paintSection(painter, rect, section)
        painter.restore()
        if section not in (self._sorted, self.offered_section):
            return
        look = theme.current()
        place = self._arrow(rect, section)
        # Words that are cut leave no room: the arrow stands on the ground of the header.
        painter.fillRect(place.adjusted(-2, 0, 2, 0), QColor(look.surface))
        name = "chevron-down" if self._descending or section != self._sorted else "chevron-up"
        color = look.text if section == self._sorted else look.muted
        ratio = painter.device().devicePixelRatio()
        painter.drawPixmap(place.topLeft(), icons.pixmap(name, QColor(color), ARROW, ratio))

    def _arrow(self, rect: QRect, section: int) -> QRect:
        font = QFont(self.font())
        font.setPixelSize(12)  # as in the style sheet, which tells a widget nothing about its sections
        font.setWeight(QFont.Weight.DemiBold)
        title = self.model().headerData(section, self.orientation(), Qt.ItemDataRole.DisplayRole)
        width = QFontMetrics(font).horizontalAdvance(str(title))
        side = self.model().headerData(section, self.orientation(), Qt.ItemDataRole.TextAlignmentRole)
        top = rect.center().y() - ARROW // 2
        if side & Qt.AlignmentFlag.AlignRight:
            left = max(rect.left() + 2, rect.right() - PAD - width - ARROW - 4)
        else:
            left = min(rect.left() + PAD + width + 4, rect.right() - ARROW - 4)
        return QRect(left, top, ARROW, ARROW)
