"""Enter in a dialog presses the button that has the focus: who has gone to Cancel does not confirm."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.ui.dialogs.confirm import Confirm, Question
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.widgets.buttons import Button, naming
from desktop_app.ui.widgets.field import Field

ENTERS = pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter], ids=["return", "enter"])


@ENTERS
@pytest.mark.parametrize(("focused", "saves"), [("cancel", 0), ("verb", 1), ("field", 1)])
def test_enter_presses_the_button_that_has_the_focus(
    qtbot: QtBot, jobs: Jobs, key: Qt.Key, focused: str, saves: int
) -> None:
    saved: list[int] = []
    window = QWidget()
    qtbot.addWidget(window)
    dialog = FormDialog(jobs, FormText("Rename", "Save"), window)
    dialog.set_form([[Field("name", "&Name", QLineEdit())]], dict, lambda: lambda: saved.append(1))
    dialog.show()
    widget = dialog.fields["name"].editor if focused == "field" else getattr(dialog, focused)
    widget.setFocus()
    with qtbot.waitSignal(dialog.finished):
        QTest.keyClick(widget, key)
    assert len(saved) == saves


@ENTERS
def test_what_destroys_is_not_an_enter_away(qtbot: QtBot, key: Qt.Key) -> None:
    confirmed: list[int] = []
    window = QWidget()
    qtbot.addWidget(window)
    question = Confirm(Question("Delete it?", "It is gone then.", "Delete", danger=True), window)
    question.confirmed.connect(lambda: confirmed.append(1))
    question.show()
    question.verb.setFocus()
    QTest.keyClick(question.verb, key)
    assert confirmed == []


@ENTERS
def test_in_the_window_itself_enter_is_the_end_of_a_scan(qtbot: QtBot, key: Qt.Key) -> None:
    pressed: list[int] = []
    button = Button("Process")
    qtbot.addWidget(button)
    button.clicked.connect(lambda: pressed.append(1))
    button.show()
    QTest.keyClick(button, key)
    assert pressed == []


def test_the_name_on_a_button_is_short_and_none_of_it_is_an_underline() -> None:
    assert naming("Archive {name}", "A&B {x}") == "Archive A&&B {x}"
    assert naming("Archive {name}", "line\none") == "Archive line one"
    assert len(naming("Archive {name}", "x" * 10_000)) < 40
