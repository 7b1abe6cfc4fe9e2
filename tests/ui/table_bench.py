"""The table of new samples as a person at the keyboard works in it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from desktop_app.domain.fields import FieldKind
from desktop_app.ui.dialogs.add_many import AddManyDialog
from tests.ui.fake_fields import defined
from tests.ui.fake_services import Lab
from tests.ui.made_records import sample

CONTROL, SHIFT, PLAIN = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)
BARCODE, TYPE, NAME, VOLUME = range(4)


def fill(lab: Lab) -> None:
    lab.sample_rows = [sample(1, name="There", barcode="B-1", sample_type="blood")]
    lab.defined = [defined("Volume", FieldKind.NUMBER, unit="mL")]


def paste(dialog: AddManyDialog, text: str, row: int = 0, column: int = 0) -> None:
    dialog.table.go_to(row, column)
    QGuiApplication.clipboard().setText(text)
    QTest.keyClick(dialog.table, Qt.Key.Key_V, CONTROL)


def press(dialog: AddManyDialog, *keys: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    for key in keys:
        QTest.keyClick(editor(dialog) or dialog.table, key, modifiers)


def type_words(dialog: AddManyDialog, words: str) -> None:
    for letter in words:
        QTest.keyClicks(editor(dialog) or dialog.table, letter)


def editor(dialog: AddManyDialog) -> QLineEdit | None:
    return next((each for each in dialog.table.viewport().findChildren(QLineEdit) if each.isVisible()), None)


def place(dialog: AddManyDialog) -> tuple[int, int]:
    index = dialog.table.currentIndex()
    return index.row(), index.column()
