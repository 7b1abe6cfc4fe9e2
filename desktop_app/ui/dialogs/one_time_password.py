"""A password that was made, shown once."""

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QDialog, QWidget

from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.dialog_title import entitle, title_heading
from desktop_app.ui.widgets.printing import print_text
from desktop_app.ui.widgets.styling import column, muted, row


class OneTimePasswordDialog(QDialog):
    """Says the password and what to do with it; it is kept nowhere.

    It is the only sight of it, so no key that is pressed by habit, no Escape and no scanner ends it: first the person
    says that it was passed on or written down.
    """

    def __init__(self, who: str, username: str, password: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        entitle(self, self.tr("First password of {who}").format(who=who))
        self.setMinimumWidth(460)
        self.password = PlainLabel(password)
        self.password.setProperty("mono", "true")
        self.password.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        font = self.password.font()
        font.setPixelSize(18)
        self.password.setFont(font)
        self._copy = Button(self.tr("&Copy"), "copy")
        self._copy.clicked.connect(self._on_copy)
        self._slip = _slip_text(who, username, password)
        self.print = Button(self.tr("&Print…"), "printer")
        self.print.clicked.connect(self._on_print)
        self.printed = muted()
        self.printed.hide()
        self.passed_on = QCheckBox(self.tr("I have passed it &on or written it down"))
        self.done_button = Button(self.tr("Close"), kind=Kind.PRIMARY)
        self.done_button.takes_enter = False  # the password is seen only now
        self.done_button.clicked.connect(self.accept)
        self.passed_on.toggled.connect(self._on_passed_on)
        self._on_passed_on(False)
        layout = column(self, margin=24, gap=12)
        layout.addWidget(title_heading(self, 2))
        explained = self.tr(
            "Give it to {user} in person. It is shown only now and kept nowhere; at the first sign-in another one "
            "must be chosen."
        )
        layout.addWidget(muted(explained.format(user=username)))
        line = row()
        line.addWidget(self.password, 1)
        line.addWidget(self._copy)
        line.addWidget(self.print)
        layout.addLayout(line)
        layout.addWidget(self.printed)
        layout.addSpacing(8)
        buttons = row()
        buttons.addWidget(self.passed_on)
        buttons.addStretch(1)
        buttons.addWidget(self.done_button)
        layout.addLayout(buttons)
        self._copy.setFocus()

    def reject(self) -> None:
        """Escape and the window's cross: only once the password is safe elsewhere."""
        if self.passed_on.isChecked():
            super().reject()

    def _on_passed_on(self, passed_on: bool) -> None:
        self.done_button.set_allowed(passed_on, self.tr("It cannot be shown again: pass it on first, and tick that."))

    def _on_print(self) -> None:
        print_text(self, self.tr("First password"), self._slip, (), self._on_printed)

    def _on_printed(self, taken: bool) -> None:
        """Whether there is paper is for the person to see; until then the password stays here."""
        self.printed.setText(
            self.tr("The printer took it. Look at the slip before you close this.")
            if taken
            else self.tr("The printer did not take it. The password is still here.")
        )
        self.printed.show()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.password.text())
        self._copy.setText(self.tr("Copied"))


def _slip_text(who: str, username: str, password: str) -> str:
    """What stands on the paper, each line a line."""
    template = QCoreApplication.translate(
        "OneTimePasswordDialog",
        "Labkeep: first password\n\n"
        "For:        {who}\n"
        "User name:  {username}\n"
        "Password:   {password}\n\n"
        "At the first sign-in you choose a password of your own.\n"
        "Destroy this slip then.",
    )
    return template.format(who=who, username=username, password=password)
