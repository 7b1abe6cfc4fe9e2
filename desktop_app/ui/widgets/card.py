"""A framed ground for a list or a form."""

from PySide6.QtWidgets import QFrame, QWidget

from desktop_app.ui.widgets.styling import column


class Card(QFrame):
    """Rounded, on the surface colour; things go into ``body``."""

    def __init__(self, parent: QWidget | None = None, *, margin: int = 1, gap: int = 0) -> None:
        super().__init__(parent)
        self.setProperty("card", "true")
        self.body = column(self, margin=margin, gap=gap)
