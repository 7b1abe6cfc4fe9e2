"""A menu whose grey entries say why they are grey."""

from PySide6.QtWidgets import QMenu, QWidget


class ReasonedMenu(QMenu):
    """The reason is the entry's tooltip.

    By the keys one does not come to a grey entry: there the palette names the reason beside each action.
    """

    def __init__(self, parent: QWidget, title: str = "") -> None:
        super().__init__(title, parent)
        self.setToolTipsVisible(True)

    def add_below(self, title: str) -> "ReasonedMenu":
        """A menu inside of this one."""
        inner = ReasonedMenu(self, title)
        self.addMenu(inner)
        return inner
