"""The page of a locked window: who is away, the password, and the way for somebody else."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop_app.errors import InvalidInputError, LabkeepError
from desktop_app.ui.foundation import icons
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text.message_bus import sentence, tone_of
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.card import Card
from desktop_app.ui.widgets.icon_mark import IconMark
from desktop_app.ui.widgets.password_field import PasswordField
from desktop_app.ui.widgets.styling import column, heading, muted, row


class LockPage(QWidget):
    """Shows nothing of the work; ``submitted`` brings what was typed."""

    submitted = Signal(str)
    switch_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("page", "true")
        self.banner = Banner(closable=False)
        self._mark = IconMark("lock-keyhole", 32, icons.ACCENT)
        self._who = heading("", 1)
        self._where = muted()
        self.password = PasswordField("password", self.tr("&Password"))
        self.verb = Button(self.tr("Unlock"), kind=Kind.PRIMARY)
        self.switch = Button(self.tr("&Switch user"), "users", Kind.LINK)
        self._under_way = muted(caption=True)
        self._build()
        self.verb.clicked.connect(self.submit)
        self.password.line.returnPressed.connect(self.submit)
        self.switch.clicked.connect(self.switch_asked)

    def begin(self, who: str, where: str) -> None:
        """Lock for this person in this installation."""
        self._who.setText(who)
        self._where.setText(self.tr("{installation} is locked.").format(installation=where))
        self.banner.clear()
        self.password.line.clear()
        self.password.show_problem("")
        self.set_under_way(False)

    def set_under_way(self, under_way: bool) -> None:
        """Whether work goes on behind the page."""
        text = self.tr("Files are still being added. That goes on; your keys are dropped when it is done.")
        self._under_way.setText(text if under_way else "")
        self._under_way.setVisible(under_way)

    def take_focus(self) -> None:
        """The cursor stands where one goes on."""
        self.password.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        """Ask for the work behind the page."""
        if self.verb.is_busy:
            return
        self.banner.clear()
        if not self.password.line.text():
            self.password.show_problem(self.tr("Type your password."))
            return
        self.submitted.emit(self.password.line.text())

    def set_busy(self, busy: bool) -> None:
        """The password is being looked at."""
        self.verb.set_busy(busy)
        self.verb.setText(self.tr("Unlocking…") if busy else self.tr("Unlock"))
        self.password.line.setEnabled(not busy)

    def fail(self, error: LabkeepError) -> None:
        """Say why the window stays locked."""
        self.set_busy(False)
        problem = error.problems.get("password", "") if isinstance(error, InvalidInputError) else ""
        self.password.show_problem(problem)
        if problem:
            self.password.line.clear()
        else:
            self.banner.say(sentence(error), tone_of(error))
        self.take_focus()

    def warn(self, text: str) -> None:
        """Say something that did not go well while locking."""
        self.banner.say(text, Tone.WARNING)

    def _build(self) -> None:
        card = Card(margin=24, gap=16)
        card.setFixedWidth(420)
        top = row(gap=12)
        top.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        words = column(gap=4)
        words.addWidget(self._who)
        words.addWidget(self._where)
        top.addLayout(words, 1)
        card.body.addLayout(top)
        card.body.addSpacing(8)
        card.body.addWidget(self.banner)
        card.body.addWidget(self.password)
        self.verb.setMinimumHeight(36)
        card.body.addWidget(self.verb)
        card.body.addWidget(self._under_way)
        side = row()
        side.addStretch(1)
        side.addWidget(card)
        side.addStretch(1)
        below = row()
        below.addStretch(1)
        below.addWidget(self.switch)
        below.addStretch(1)
        layout = column(self, margin=24, gap=16)
        layout.addStretch(2)
        layout.addLayout(side)
        layout.addLayout(below)
        layout.addStretch(3)
