"""The halves of a record tab: the list at the left, the inspector at the right while something is chosen.

What lies in a splitter is made inside of it: a widget that moves from parent to parent is dressed by the style sheet
anew each time, with all that lies on it, and that is most of what a tab costs.
"""

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QSplitter, QWidget

from desktop_app.ui.foundation.window_state import WindowState
from desktop_app.ui.widgets.card import Card

LEAST_LEFT, LEAST_RIGHT, USUAL_RIGHT = 420, 320, 380
ROOM_LEFT = 600


class SplitView(QSplitter):
    """Remembers where its handles were left."""

    def __init__(self, window_state: WindowState, name: str, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._window_state = window_state
        self._name = name
        self._wanted = USUAL_RIGHT
        self.left = Card(self)
        self.right = QSplitter(Qt.Orientation.Vertical, self)

    def arrange(self, left: QWidget, right: QWidget, below: QWidget | None) -> None:
        """Lay out what was made inside: *left* on the card, the others one above the other."""
        self.left.body.addWidget(left)
        self._stack(right, below)
        self.addWidget(self.left)
        self.addWidget(self.right)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(8)
        self.setStretchFactor(0, 1)
        self.setStretchFactor(1, 0)
        self.left.setMinimumWidth(LEAST_LEFT)
        self.right.setMinimumWidth(LEAST_RIGHT)
        kept = self._window_state.layout(self._name)
        digits = bytes(kept.data()).decode("ascii", "replace") if kept is not None else ""
        self._wanted = int(digits) if digits.isdecimal() and len(digits) < 6 else USUAL_RIGHT
        self.right.hide()
        self.splitterMoved.connect(lambda _at, _which: self._note_width())

    def open_right(self, opened: bool) -> None:
        """Show the right half, as wide as it was left, or give its room to the left one."""
        if opened is not self.right.isHidden():
            return
        self.right.setVisible(opened)
        if opened:
            # On a small window the list keeps the room for its filters.
            wanted = max(LEAST_RIGHT, min(self._wanted, self.width() - ROOM_LEFT))
            self.setSizes([max(LEAST_LEFT, self.width() - wanted - self.handleWidth()), wanted])

    def save(self) -> None:
        """Remember where the handles are."""
        self._window_state.keep_layout(self._name, QByteArray(str(self._wanted).encode("ascii")))
        if self.right.count() > 1:
            self._window_state.keep_layout(f"{self._name}_side", self.right.saveState())

    def _note_width(self) -> None:
        self._wanted = self.right.width()

    def _stack(self, above: QWidget, below: QWidget | None) -> None:
        side = self.right
        side.addWidget(above)
        if below is None:
            return
        side.addWidget(below)
        side.setChildrenCollapsible(False)
        side.setHandleWidth(8)
        side.setSizes([300, 300])
        # What is known of a record comes first; the rest takes the room that is left.
        side.setStretchFactor(0, 0)
        side.setStretchFactor(1, 1)
        if (state := self._window_state.layout(f"{self._name}_side")) is not None:
            side.restoreState(state)
