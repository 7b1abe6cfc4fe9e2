"""A card that says of one kind of check what came of it, when, and perhaps has the button that does it now."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QScrollArea

from desktop_app.ui.foundation import icons
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.card import Card
from desktop_app.ui.widgets.icon_mark import IconMark
from desktop_app.ui.widgets.styling import column, heading, muted, row

GOOD, WARNING = ("circle-check", Tone.GOOD.value), ("triangle-alert", Tone.WARNING.value)
NOT_YET = ("clock", icons.MUTED)


class Check(Card):
    """One kind of check: what it is, what came of it when, and perhaps the way to do it now."""

    def __init__(self, title: str, explanation: str, button: Button | None = None) -> None:
        super().__init__(margin=12, gap=0)
        self.mark = IconMark("clock", 16)
        self.result = PlainLabel()
        self.result.setWordWrap(True)
        self.button = button
        self._is_asked = False
        words = column(gap=4)
        words.addWidget(heading(title, 3))
        words.addWidget(muted(explanation))
        line = row(gap=8)
        line.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.result, 1)
        words.addLayout(line)
        inside = row(gap=16)
        inside.addLayout(words, 1)
        if button is not None:
            inside.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
            button.clicked.connect(self._on_asked)
        self.body.addLayout(inside)

    def say(self, look: tuple[str, str], text: str) -> None:
        """What came of it; to be seen, where somebody asked for it here."""
        self.mark.set(*look)
        self.result.setText(text)
        if self._is_asked:
            self._is_asked = False
            QTimer.singleShot(0, self, self._reveal)  # when the card is as high as its new words need

    def _on_asked(self) -> None:
        self._is_asked = True

    def _reveal(self) -> None:
        above = self.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        page = above.widget() if above is not None else None
        layout = page.layout() if page is not None else None
        if above is not None and page is not None and layout is not None:
            # The page grows for the new words before it is scrolled to them.
            page.resize(page.width(), max(page.height(), layout.totalHeightForWidth(page.width())))
            layout.activate()
            above.ensureWidgetVisible(self)
