"""The values of one entry, before and after, side by side."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from desktop_app.ui.text.plain import PlainLabel, give_tip
from desktop_app.ui.widgets.styling import clear, column, muted, take_any_width

NAME, BEFORE, AFTER = range(3)


class Changes(QWidget):
    """Field, value before, value after; a column in which nothing would stand is left out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        for place, share in ((NAME, 2), (BEFORE, 3), (AFTER, 3)):
            self._grid.setColumnStretch(place, share)
        column(self).addLayout(self._grid)

    def show_changes(self, changes: Sequence[tuple[str, str, str]]) -> None:
        """Show these; an empty old or new value is a dash where the other side has one."""
        clear(self._grid)
        sides = [side for side in (BEFORE, AFTER) if any(change[side] for change in changes)]
        heads = {BEFORE: self.tr("Before"), AFTER: self.tr("After")}
        for side in sides:
            self._put(0, side, muted(heads[side], caption=True))
            self._grid.setColumnStretch(side, 3)
        for side in {BEFORE, AFTER}.difference(sides):
            self._grid.setColumnStretch(side, 0)
        for line, change in enumerate(changes, 1):
            self._put(line, NAME, muted(change[NAME]))
            for side in sides:
                value = PlainLabel(change[side] or "—")
                value.setWordWrap(True)
                value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                if side == BEFORE or not change[side]:
                    value.setProperty("muted", "true")
                value.setAccessibleName(f"{change[NAME]}, {heads[side]}: {change[side]}")
                self._put(line, side, value)

    def _put(self, line: int, place: int, label: QLabel) -> None:
        give_tip(label, label.text())
        self._grid.addWidget(take_any_width(label), line, place, Qt.AlignmentFlag.AlignTop)
