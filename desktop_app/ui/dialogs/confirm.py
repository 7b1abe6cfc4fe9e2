"""Asking before something that is hard to take back."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QLineEdit, QWidget

from desktop_app.ui.text.plain import without_keys
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.dialog_title import entitle, title_heading
from desktop_app.ui.widgets.field import Field
from desktop_app.ui.widgets.styling import column, muted, row, take_needed_height

WIDTH = 440


@dataclass(frozen=True)
class Question:
    """What is asked; with ``type_name`` the person must type it before the verb can be pressed."""

    title: str
    text: str
    verb: str
    danger: bool = False
    type_name: str = ""
    cancel: str = ""
    option: str = ""
    """What is done as well unless the person says no."""
    option_help: str = ""


class Confirm(QDialog):
    """One question with a verb and a way out."""

    confirmed = Signal()

    def __init__(self, question: Question, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        entitle(self, question.title)
        self.setMinimumWidth(WIDTH)
        self._question = question
        self.verb = Button(question.verb, kind=Kind.DANGER if question.danger else Kind.PRIMARY)
        self.cancel = Button(question.cancel or self.tr("Cancel"))
        self.option = QCheckBox(question.option, self)
        self.option.setChecked(True)
        self._typed: Field | None = None
        self._build()
        take_needed_height(self, WIDTH)
        self.verb.clicked.connect(self._on_confirmed)
        self.cancel.clicked.connect(self.reject)

    def _build(self) -> None:
        layout = column(self, margin=24, gap=12)
        layout.addWidget(title_heading(self, 2))
        layout.addWidget(muted(self._question.text))
        if self._question.type_name:
            self._add_typing(layout.addWidget)
        self.option.setVisible(bool(self._question.option))
        if self._question.option:
            layout.addWidget(self.option)
            layout.addWidget(muted(self._question.option_help))
        layout.addSpacing(8)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.verb)
        layout.addLayout(buttons)
        # What destroys is never a key away.
        (self.cancel if self._question.danger else self.verb).setDefault(True)
        if not self._question.type_name:
            (self.cancel if self._question.danger else self.verb).setFocus()

    def _add_typing(self, add: Callable[[QWidget], None]) -> None:
        editor = QLineEdit()
        name = self._question.type_name
        self._typed = Field("name", self.tr("Type “{name}” to go on").format(name=without_keys(name)), editor)
        reason = self.tr("Type the name first.")
        self.verb.set_allowed(False, reason)
        editor.textChanged.connect(lambda text: self.verb.set_allowed(text.strip() == name, reason))
        add(self._typed)
        editor.setFocus()

    def _on_confirmed(self) -> None:
        self.confirmed.emit()
        self.accept()


def ask(parent: QWidget, question: Question, then: Callable[[], None]) -> Confirm:
    """Ask, and do *then* if the person says so."""
    dialog = Confirm(question, parent)
    dialog.confirmed.connect(then)
    dialog.open()
    return dialog
