"""A password that was made, shown once."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QDialog, QWidget

from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.styling import column, heading, muted, row


class OneTimePasswordDialog(QDialog):
    """Says the password and what to do with it; it is kept nowhere.

    It is the only sight of it, so no key that is pressed by habit, no Escape and no scanner ends it: first the person
    says that it was passed on or written down.
    """

    def __init__(self, who: str, username: str, password: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(self.tr("First password"))
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
        self.passed_on = QCheckBox(self.tr("I have &passed it on or written it down"))
        self.done_button = Button(self.tr("Close"), kind=Kind.PRIMARY)
        self.done_button.takes_enter = False  # the password is seen only now
        self.done_button.clicked.connect(self.accept)
        self.passed_on.toggled.connect(self._on_passed_on)
        self._on_passed_on(False)
        layout = column(self, margin=24, gap=12)
        layout.addWidget(heading(self.tr("First password of {who}").format(who=who), 2))
        explained = self.tr(
            "Give it to {user} in person. It is shown only now and kept nowhere; at the first sign-in another one "
            "must be chosen."
        )
        layout.addWidget(muted(explained.format(user=username)))
        line = row()
        line.addWidget(self.password, 1)
        line.addWidget(self._copy)
        layout.addLayout(line)
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

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.password.text())
        self._copy.setText(self.tr("Copied"))
