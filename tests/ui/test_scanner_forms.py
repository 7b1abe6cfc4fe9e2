"""Scans while a form is open: they fill its barcode before the keys that follow, and never save it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.domain.lifecycle import Step
from desktop_app.domain.rights import Standing
from desktop_app.ui.dialogs.confirm import Confirm, Question, ask
from desktop_app.ui.dialogs.reason import ReasonDialog
from desktop_app.ui.dialogs.sample import SampleDialog
from tests.ui.editors import line
from tests.ui.scanner_keyboard import FAST, FIRST, SLOW, Keyboard, enter, opened, settle
from tests.ui.window_fixture import WindowDriver


@pytest.fixture
def keyboard(driver: WindowDriver) -> Keyboard:
    return Keyboard(driver)


@pytest.mark.parametrize("end", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab])
def test_an_open_form_gets_the_barcode_and_is_not_submitted(driver: WindowDriver, keyboard: Keyboard, end: int) -> None:
    workspace = enter(driver)
    workspace.tabs.samples.new.click()
    dialog = opened(driver, SampleDialog)
    dialog.fields["name"].editor.setFocus()
    line(dialog.fields["name"]).setText("Serum")
    keyboard.scan("NEW-000123", end=end)
    settle(driver)
    assert dialog.isVisible()
    assert line(dialog.fields["name"]).text() == "Serum"
    assert line(dialog.fields["barcode"]).text() == "NEW-000123"
    assert "samples.create" not in driver.sign_in.labs[0].trouble.calls
    keyboard.scan("NEW-000124", end=end)
    settle(driver)
    assert line(dialog.fields["barcode"]).text() == "NEW-000124"
    dialog._discarding = True
    dialog.reject()


def test_keys_after_a_scan_act_after_it(driver: WindowDriver, keyboard: Keyboard) -> None:
    """A program that was busy finds the scan and what was typed after it in one go: nothing else runs between."""
    workspace = enter(driver)
    workspace.tabs.samples.new.click()
    dialog = opened(driver, SampleDialog)
    name, barcode = line(dialog.fields["name"]), line(dialog.fields["barcode"])
    dialog.fields["sample_type"].editor.setFocus()
    keyboard.scan("NEW-000123")
    keyboard.press(Qt.Key.Key_Backtab, "", SLOW, Qt.KeyboardModifier.ShiftModifier)
    for letter in "serum":
        keyboard.type(letter, SLOW)
    settle(driver)
    assert (name.text(), barcode.text()) == ("serum", "NEW-000123")
    dialog._discarding = True
    dialog.reject()


@pytest.mark.parametrize("place", ["name", "barcode"])
def test_what_is_typed_after_a_scan_is_no_part_of_the_code(
    driver: WindowDriver, keyboard: Keyboard, place: str
) -> None:
    workspace = enter(driver)
    workspace.tabs.samples.new.click()
    dialog = opened(driver, SampleDialog)
    name, barcode = line(dialog.fields["name"]), line(dialog.fields["barcode"])
    dialog.fields[place].editor.setFocus()
    keyboard.scan("NEW-000123")
    settle(driver)
    for letter in "-7":
        keyboard.type(letter, SLOW)
        settle(driver)
    assert barcode.text() == "NEW-000123"
    assert name.text() == ("-7" if place == "name" else ""), "the cursor stays, and from the code it goes on"
    dialog._discarding = True
    dialog.reject()


@pytest.mark.parametrize("gap", [FAST, SLOW])
def test_enter_in_the_barcode_field_never_submits(driver: WindowDriver, keyboard: Keyboard, gap: int) -> None:
    workspace = enter(driver)
    workspace.tabs.samples.new.click()
    dialog = opened(driver, SampleDialog)
    line(dialog.fields["name"]).setText("Serum")
    barcode = line(dialog.fields["barcode"])
    barcode.setFocus()
    for letter in "SLOW-1":
        keyboard.type(letter, gap)
        settle(driver)
    QTest.keyClick(barcode, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert barcode.text() == "SLOW-1"
    assert not barcode.hasFocus(), "one goes on to the next field"
    assert "samples.create" not in driver.sign_in.labs[0].trouble.calls
    dialog._discarding = True
    dialog.reject()


def test_another_form_gets_the_code_where_the_cursor_is_and_no_enter(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace = enter(driver)
    workspace.tabs.samples.records.table.choose_row(0)
    workspace.tabs.samples.steps[Step.REJECT].click()
    dialog = opened(driver, ReasonDialog)
    dialog.fields["reason"].editor.setFocus()
    keyboard.scan(FIRST)
    settle(driver)
    assert dialog.isVisible()
    assert line(dialog.fields["reason"]).text() == FIRST
    dialog._discarding = True
    dialog.reject()


def test_a_question_is_not_answered_by_a_scan(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace = enter(driver, Standing.ADMIN)
    asked = []
    dialog = ask(workspace, Question("Really?", "It goes on.", "Go on"), lambda: asked.append(True))
    keyboard.scan(FIRST)
    settle(driver)
    assert dialog.isVisible()
    assert not asked
    dialog.reject()


def test_a_form_says_that_caps_lock_would_turn_the_new_barcode_over(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace = enter(driver)
    for letter in "xq-998877":
        # What the system makes of a scanner's x with Caps Lock on.
        keyboard.press(ord(letter.upper()), letter.upper())
    keyboard.press(Qt.Key.Key_Return, "\r")
    settle(driver)
    opened(driver, Confirm).verb.click()
    dialog = opened(driver, SampleDialog)
    assert line(dialog.fields["barcode"]).text() == "XQ-998877"
    assert dialog.fields["barcode"]._help.text().startswith("Caps Lock seems to be on")
    keyboard.now += 1_000
    keyboard.scan("XQ-998878")
    settle(driver)
    assert dialog.fields["barcode"]._help.text().startswith("Scan or type it"), "it is off again"
    assert workspace.isVisible()
    dialog._discarding = True
    dialog.reject()
