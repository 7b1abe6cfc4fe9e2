"""How many there are of each choice: at the right of the choice while the box is open."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from desktop_app.ui.foundation import theme

COUNT = Qt.ItemDataRole.UserRole
"""Where an entry of a box has its count, in words."""
WIDEST = "10,000+"
GAP = 16
PAD = 10


class CountedChoice(QStyledItemDelegate):
    """Draws a choice with its count; there is always room for one, because it comes when the box is open already."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """As wide as both."""
        hint = super().sizeHint(option, index)
        return QSize(hint.width() + GAP + option.fontMetrics.horizontalAdvance(WIDEST) + PAD, max(28, hint.height()))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the choice, and the count in the second colour."""
        super().paint(painter, option, index)
        count = index.data(COUNT)
        if count:
            painter.save()
            painter.setFont(option.font)
            painter.setPen(theme.color(theme.current().muted))
            room: QRect = option.rect.adjusted(0, 0, -PAD, 0)
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count)
            painter.restore()
