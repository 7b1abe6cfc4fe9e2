"""Typing a password: hidden until one wants to see it, and with a word about Caps Lock."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.ui.widgets.password_field import PasswordField
from desktop_app.ui.widgets.styling import column
from tests.ui.window_fixture import PASSWORD, WindowDriver

NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def field(qtbot: QtBot) -> Iterator[PasswordField]:
    page = QWidget()
    made = PasswordField("password", "&Password")
    layout = column(page)
    layout.addWidget(made)
    layout.addWidget(QLineEdit())
    qtbot.addWidget(page)
    with qtbot.waitActive(page, timeout=20_000):
        page.show()
        page.activateWindow()
    made.line.setFocus()
    yield made
    page.close()


def press(field: PasswordField, letter: str, modifiers: Qt.KeyboardModifier = NONE) -> None:
    key = Qt.Key.Key_CapsLock if not letter else Qt.Key(ord(letter.upper()))
    QApplication.sendEvent(field.line, QKeyEvent(QEvent.Type.KeyPress, key, modifiers, letter))


@pytest.mark.parametrize(
    ("letter", "modifiers", "on"),
    [
        ("a", NONE, False),
        ("A", SHIFT, False),
        ("A", NONE, True),
        ("a", SHIFT, True),
        ("7", SHIFT, False),
        ("Ş", NONE, True),
    ],
)
def test_a_letter_gives_caps_lock_away(
    field: PasswordField, letter: str, modifiers: Qt.KeyboardModifier, on: bool
) -> None:
    press(field, letter, modifiers)
    assert (field.hint == "Caps Lock is on.") is on
    assert field.line.text() == letter


def test_the_key_itself_and_leaving_the_field_count(field: PasswordField) -> None:
    press(field, "A")
    press(field, "")
    assert field.hint == ""
    press(field, "")
    assert field.hint
    other = field.window().findChildren(QLineEdit)[-1]
    other.setFocus()
    assert field.hint == ""
    field.line.setFocus()
    press(field, "")
    assert field.hint == "", "nothing is known until a letter comes"


def test_it_is_shown_on_demand_and_hidden_again(field: PasswordField, qtbot: QtBot) -> None:
    hidden = QLineEdit.EchoMode.Password
    assert field.line.echoMode() == hidden
    qtbot.keyClick(field.line, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | SHIFT)
    assert field.line.is_shown
    qtbot.keyClick(field.line, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | SHIFT)
    assert field.line.echoMode() == hidden
    field.line.set_shown(True)
    field.line.clear()
    assert field.line.echoMode() == hidden, "the next one who types is not shown"


def test_one_signs_in_by_keys_alone(driver: WindowDriver) -> None:
    page = driver.open().sign_in
    assert page.username.hasFocus()
    driver.qtbot.keyClicks(page.username, "ayse.admin")
    driver.qtbot.keyClick(page.username, Qt.Key.Key_Return)
    assert page.password.hasFocus()
    driver.qtbot.keyClicks(page.password, PASSWORD)
    driver.qtbot.keyClick(page.password, Qt.Key.Key_Tab)
    assert page.remember.hasFocus()
    driver.qtbot.keyClick(page.remember, Qt.Key.Key_Space)
    driver.qtbot.keyClick(page.remember, Qt.Key.Key_Tab)
    assert page.verb.hasFocus()
    driver.qtbot.keyClick(page.verb, Qt.Key.Key_Space)
    assert driver.sign_in.calls == [("ayse.admin", PASSWORD, True, None)]


def test_one_unlocks_by_keys_alone(driver: WindowDriver) -> None:
    driver.enter()
    window = driver.window
    assert window is not None
    driver.qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    line = window.locking.page.password.line
    assert line.hasFocus()
    driver.qtbot.keyClicks(line, PASSWORD)
    driver.qtbot.keyClick(line, Qt.Key.Key_Return)
    assert not window.locking.is_on


def test_from_the_locked_page_somebody_else_gets_in_by_keys_alone(driver: WindowDriver) -> None:
    driver.enter()
    window = driver.window
    assert window is not None
    window.lock()
    page = window.locking.page
    for expected in (page.verb, page.switch):
        focused = QApplication.focusWidget()
        assert focused is not None
        driver.qtbot.keyClick(focused, Qt.Key.Key_Tab)
        assert expected.hasFocus()
    driver.qtbot.keyClick(page.switch, Qt.Key.Key_Space)
    assert window.sign_in.isVisible()
