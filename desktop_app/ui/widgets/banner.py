"""A strip that says what happened, what it means, and the next step."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import QApplication, QFrame, QSizePolicy, QToolButton, QWidget

from desktop_app.ui.foundation import icons
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.text.plain import PlainLabel, give_tip
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.icon_mark import IconMark
from desktop_app.ui.widgets.styling import restyle, row

_ICONS = {
    Tone.NEUTRAL: "info",
    Tone.INFO: "info",
    Tone.GOOD: "circle-check",
    Tone.WARNING: "triangle-alert",
    Tone.DANGER: "circle-x",
}


PASSING_MS = 30_000
"""Time enough to read what became of many records, and to take it back."""


class Banner(QFrame):
    """Hidden until there is a notice; closable, with at most one next step."""

    def __init__(self, parent: QWidget | None = None, *, closable: bool = True) -> None:
        super().__init__(parent)
        self._act: Callable[[], None] | None = None
        self.notice: Notice | None = None
        """What is shown."""
        self._sign = IconMark(_ICONS[Tone.INFO], 18, parent=self)
        self._text = PlainLabel(parent=self)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._step = Button("", kind=Kind.PLAIN, parent=self)
        self._step.clicked.connect(self._on_step)
        self._close = QToolButton(self)
        self._close.setIcon(icons.icon("x"))
        self._close.setIconSize(QSize(14, 14))
        self._close.setProperty("kind", "quiet")
        give_tip(self._close, self.tr("Close this message"))
        self._close.setAccessibleName(self.tr("Close this message"))
        self._close.clicked.connect(self.clear)
        self._close.setVisible(closable)
        self._passing = QTimer(self, singleShot=True, interval=PASSING_MS)
        self._passing.timeout.connect(self._on_passed)
        layout = row(self, gap=8)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._step)
        layout.addWidget(self._close, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setMinimumHeight(40)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence that is shown, or an empty text."""
        return self._text.text() if not self.isHidden() else ""

    def show_notice(self, notice: Notice) -> None:
        """Show it instead of what was there."""
        self.notice = notice
        self._act = notice.act
        self._text.setText(notice.text)
        self._step.setText(notice.action)
        self._step.setVisible(bool(notice.action))
        restyle(self, "banner", notice.tone.value)
        self._sign.set(_ICONS[notice.tone], notice.tone.value)
        self.setAccessibleName(notice.text)
        self.show()
        if notice.passes:
            self._passing.start()
        else:
            self._passing.stop()

    def say(self, text: str, tone: Tone = Tone.DANGER) -> None:
        """Show a sentence without a next step."""
        self.show_notice(Notice(text, tone))

    def let_pass(self) -> None:
        """Something else is done: what passes is gone."""
        if self.notice is not None and self.notice.passes:
            self.clear()

    def clear(self) -> None:
        """Hide it."""
        self._passing.stop()
        self._act = self.notice = None
        self.hide()

    def _on_passed(self) -> None:
        # Who is about to press its button is not robbed of it.
        focus = QApplication.focusWidget()
        if self.underMouse() or (focus is not None and self.isAncestorOf(focus)):
            self._passing.start()
        else:
            self.let_pass()

    def _on_step(self) -> None:
        act = self._act
        self.clear()
        if act is not None:
            act()
