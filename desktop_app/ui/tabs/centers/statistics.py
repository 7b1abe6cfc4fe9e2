"""A center in numbers: tiles, and a bar of its samples by status."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QSizePolicy, QWidget

from desktop_app.ui.foundation import theme
from desktop_app.ui.text import formatting
from desktop_app.ui.text.badges import Badge
from desktop_app.ui.text.plain import give_tip
from desktop_app.ui.widgets.flow_layout import FlowLayout
from desktop_app.ui.widgets.pill import Pill
from desktop_app.ui.widgets.styling import clear, column, heading, muted, row

Tile = tuple[str, str, str]
"""Label, number, tooltip with the exact value."""


class ShareBar(QWidget):
    """Parts of a whole in the colours of their badges; the words stand beside it, never colour alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: Sequence[tuple[Badge, int]] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_parts(self, parts: Sequence[tuple[Badge, int]]) -> None:
        """Show these."""
        self._parts = [part for part in parts if part[1]]
        self.setVisible(bool(self._parts))
        self.update()

    def sizeHint(self) -> QSize:
        """A thin line."""
        return QSize(120, 8)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the parts side by side in one rounded bar."""
        total = sum(count for _, count in self._parts)
        if not total:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            shape = QPainterPath()
            shape.addRoundedRect(QRectF(self.rect()), 4, 4)
            painter.setClipPath(shape)
            left = 0.0
            for badge, count in self._parts:
                width = self.width() * count / total
                color, _ = theme.current().tone(badge.tone)
                painter.setBrush(color)
                painter.drawRect(QRectF(left, 0, max(1.0, width - 1), self.height()))
                left += width


class Statistics(QWidget):
    """Four tiles, a bar, and a pill with its number for each status."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles = QGridLayout()
        self._tiles.setSpacing(8)
        self._bar = ShareBar()
        self._pills = FlowLayout(gap=8)
        self._note = muted()
        layout = column(self, gap=12)
        layout.addLayout(self._tiles)
        layout.addWidget(self._bar)
        layout.addLayout(self._pills)
        layout.addWidget(self._note)
        self.wait()

    def wait(self) -> None:
        """The numbers are being read."""
        self._note.hide()

    def say(self, text: str) -> None:
        """There are no numbers, and why."""
        clear(self._tiles)
        clear(self._pills)
        self._bar.set_parts(())
        self._note.setText(text)
        self._note.show()

    def show_numbers(self, tiles: Sequence[Tile], parts: Sequence[tuple[Badge, int]]) -> None:
        """Show these."""
        self._note.hide()
        clear(self._tiles)
        for at, (label, number, tip) in enumerate(tiles):
            self._tiles.addWidget(_tile(label, number, tip), at // 2, at % 2)
        self._bar.set_parts(parts)
        clear(self._pills)
        for badge, count in parts:
            if count:
                words = f"{badge.text} {formatting.number(count)}"
                self._pills.addWidget(Pill(Badge(words, badge.icon, badge.tone), self))


def _tile(label: str, number: str, tip: str) -> QWidget:
    tile = QFrame()
    tile.setProperty("well", "true")
    give_tip(tile, tip)
    value: QLabel = heading(number, 1)
    inside = column(tile, margin=12, gap=4)
    inside.addWidget(value)
    line = row()
    line.addWidget(muted(label, caption=True))
    inside.addLayout(line)
    return tile
