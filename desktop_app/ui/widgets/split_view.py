"""The halves of a record tab, about 2:1: the list at the left, the record at the right, perhaps more below that."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from desktop_app.ui.foundation.window_state import WindowState
from desktop_app.ui.widgets.card import Card

LEAST_LEFT, LEAST_RIGHT = 420, 320


class SplitView(QSplitter):
    """Remembers where its handles were left."""

    def __init__(
        self, window_state: WindowState, name: str, left: QWidget, right: QWidget, below: QWidget | None
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._window_state = window_state
        self._name = name
        self._side = None if below is None else self._stacked(right, below)
        card = Card()
        card.body.addWidget(left)
        side = self._side or right
        self.addWidget(card)
        self.addWidget(side)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(8)
        self.setStretchFactor(0, 2)
        self.setStretchFactor(1, 1)
        card.setMinimumWidth(LEAST_LEFT)
        side.setMinimumWidth(LEAST_RIGHT)
        self.setSizes([820, 410])
        if (state := window_state.layout(name)) is not None:
            self.restoreState(state)

    def save(self) -> None:
        """Remember where the handles are."""
        self._window_state.keep_layout(self._name, self.saveState())
        if self._side is not None:
            self._window_state.keep_layout(f"{self._name}_side", self._side.saveState())

    def _stacked(self, above: QWidget, below: QWidget) -> QSplitter:
        side = QSplitter(Qt.Orientation.Vertical)
        side.addWidget(above)
        side.addWidget(below)
        side.setChildrenCollapsible(False)
        side.setHandleWidth(8)
        side.setSizes([300, 300])
        # What is known of a record comes first; the rest takes the room that is left.
        side.setStretchFactor(0, 0)
        side.setStretchFactor(1, 1)
        if (state := self._window_state.layout(f"{self._name}_side")) is not None:
            side.restoreState(state)
        return side
