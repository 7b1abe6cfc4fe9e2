"""Ctrl+N and Ctrl+L work wherever the focus is; Ctrl+L also above a dialog."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog

from desktop_app.domain.rights import Standing
from desktop_app.ui.dialogs.center import CenterDialog
from desktop_app.ui.dialogs.confirm import Question, ask
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.dialogs.user import UserDialog
from tests.ui.editors import line
from tests.ui.window_fixture import WindowDriver

CONTROL = Qt.KeyboardModifier.ControlModifier
MADE: dict[str, type[QDialog]] = {
    "centers": CenterDialog,
    "users": UserDialog,
    "samples": SampleDialog,
    "documents": QFileDialog,
}


def press_new() -> None:
    """Where the focus is."""
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Qt.Key.Key_N, CONTROL)


def press_lock() -> None:
    """As it comes from the keyboard: to the window of the system that has the focus."""
    QTest.keyClick(QApplication.focusWindow(), Qt.Key.Key_L, CONTROL)


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("where", ["header", "tabs", "columns", "search", "person"])
def test_ctrl_n_makes_what_the_tab_is_of(driver: WindowDriver, name: str, where: str) -> None:
    space = driver.enter(Standing.SYSTEM)
    page = getattr(space.tabs, name)
    space.open_center(driver.sign_in.labs[0].istanbul)
    space.show_tab(page)
    places = {
        "header": space.header.search, "tabs": space.area.bar, "columns": page.records.columns,
        "search": page.records.search, "person": space.header.person,
    }  # fmt: skip
    places[where].setFocus()
    assert QApplication.focusWidget() is places[where]
    press_new()
    dialog = driver.dialog(MADE[name])
    dialog.close()
    if dialog.isVisible():
        driver.dialog(QDialog).close()


def test_ctrl_n_makes_nothing_where_nothing_is_made(driver: WindowDriver) -> None:
    space = driver.enter(Standing.SYSTEM)
    space.show_tab(space.tabs.activity)
    press_new()
    assert not [each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible()]


@pytest.mark.parametrize("name", ["centers", "users"])
def test_f2_edits_what_is_chosen(driver: WindowDriver, name: str) -> None:
    space = driver.enter(Standing.SYSTEM)
    page = getattr(space.tabs, name)
    space.open_center(driver.sign_in.labs[0].istanbul)
    space.show_tab(page)
    driver.qtbot.waitUntil(lambda: page.records.model.record(page.records.model.index(0, 0)) is not None)
    page.records.table.selectRow(0)
    page.records.table.setFocus()
    driver.qtbot.waitUntil(page.action("edit").isEnabled)
    QTest.keyClick(page.records.table, Qt.Key.Key_F2)
    driver.dialog(MADE[name]).close()


def test_ctrl_l_locks_above_a_form_and_above_its_question(driver: WindowDriver) -> None:
    space = driver.enter(Standing.SYSTEM)
    space.open_center(driver.sign_in.labs[0].istanbul)
    space.show_tab(space.tabs.samples)
    press_new()
    dialog = driver.dialog(SampleDialog)
    line(dialog.fields["name"]).setText("Half typed")
    driver.qtbot.waitUntil(lambda: QApplication.focusWindow() is dialog.windowHandle())
    question = ask(dialog, Question("Sure?", "Really.", "Yes"), lambda: None)
    driver.qtbot.waitUntil(lambda: QApplication.focusWindow() is question.windowHandle())
    press_lock()
    window = driver.window
    assert window is not None
    assert window.locking.is_on
    assert not dialog.isVisible()
    assert not question.isVisible()
    assert dialog.fields["name"].value == "Half typed"
    press_lock()
    assert window.locking.is_on
    window.locking.leave()


def test_a_plain_l_is_a_letter(driver: WindowDriver) -> None:
    space = driver.enter(Standing.SYSTEM)
    space.header.search.setFocus()
    QTest.keyClick(QApplication.focusWindow(), Qt.Key.Key_L)
    # The scanner lets it go when no other key has followed.
    driver.qtbot.waitUntil(lambda: space.header.search.text() == "l")
    assert driver.window is not None
    assert not driver.window.locking.is_on


def test_no_key_means_two_things_at_a_time(driver: WindowDriver) -> None:
    space = driver.enter(Standing.SYSTEM)
    own = {tab: {key.toString() for each in tab.actions() for key in each.shortcuts()} for tab in space.tabs}
    assert not space.window().findChildren(QShortcut), "a key that no menu knows"
    offers = [each for each in space.actions_of_all if not each.tab]
    shared = [key.toString() for each in offers for key in each.keys]
    assert len(shared) == len(set(shared)) == 13 + len(own)
    for tab, keys in own.items():
        assert keys.isdisjoint(shared), tab.title()
        assert len(keys) == sum(len(each.shortcuts()) for each in tab.actions()), tab.title()
    assert own[space.tabs.documents] == {"Ctrl+C", "Ctrl+N", "Ctrl+O", "Ctrl+S", "Ctrl+Shift+E", "F2"}
