"""One list of actions makes menu bar and sheet of shortcuts."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from desktop_app.domain.rights import Standing
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.dialogs.shortcuts import ShortcutsDialog
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.actions import LiveAction, Menu, plain_words
from desktop_app.ui.widgets.verbs import MoreButton
from tests.ui.fake_services import Lab
from tests.ui.made_records import sample
from tests.ui.window_fixture import WindowDriver


def fill(lab: Lab) -> None:
    lab.sample_rows = [sample(1), sample(2)]


@pytest.fixture
def space(driver: WindowDriver) -> Workspace:
    made = driver.enter(Standing.ADMIN, fill)
    made.show_tab(made.tabs.samples)
    return made


def opened(space: Workspace, which: Menu) -> dict[str, QAction]:
    """The entries of a menu as it would be now, those of menus inside of it too."""
    menu = space.menu_bar.menus[which]
    menu.aboutToShow.emit()
    found: dict[str, QAction] = {}

    def collect(inner: QMenu) -> None:
        for entry in inner.actions():
            below = entry.menu()
            if isinstance(below, QMenu):
                collect(below)
            elif not entry.isSeparator():
                found[plain_words(entry.text())] = entry

    collect(menu)
    return found


def test_every_action_of_the_window_is_in_a_menu_once(space: Workspace) -> None:
    shown = [entry for which in Menu for entry in opened(space, which).values()]
    all_of_them = list(space.actions_of_all)
    assert len({each.id for each in all_of_them}) == len(all_of_them)
    made = set(space.window().findChildren(LiveAction))
    assert {each.live for each in all_of_them} == made, "an action that no menu has"
    keys = {key.toString() for entry in shown for key in entry.shortcuts()}
    assert keys == {key.toString() for each in made for key in each.shortcuts()}
    assert all(each.words and not each.words.islower() for each in all_of_them)


def test_what_needs_a_record_says_so_until_one_is_chosen(space: Workspace) -> None:
    start = opened(space, Menu.SAMPLE)["Start processing"]
    assert not start.isEnabled()
    assert start.toolTip() == "Choose a record first."
    space.tabs.samples.records.table.choose_row(0)
    assert opened(space, Menu.SAMPLE)["Start processing"].isEnabled()
    assert opened(space, Menu.SAMPLE)["Complete"].toolTip() == "Not for what is chosen."
    space.show_tab(space.tabs.documents)
    hidden = opened(space, Menu.SAMPLE)["Start processing"]
    assert (hidden.isEnabled(), hidden.toolTip()) == (False, "Choose a record in Samples first.")


def test_a_menu_does_what_the_button_does_and_shows_where(space: Workspace, driver: WindowDriver) -> None:
    space.show_tab(space.tabs.documents)
    opened(space, Menu.SAMPLE)["New sample"].trigger()
    driver.qtbot.waitUntil(lambda: bool(space.tabs.samples.findChildren(SampleDialog)))
    assert space.page is space.tabs.samples
    driver.dialog(SampleDialog).close()


def test_f1_shows_every_shortcut(space: Workspace, driver: WindowDriver) -> None:
    QTest.keyClick(space, Qt.Key.Key_F1)
    dialog = driver.dialog(ShortcutsDialog)
    words = {label.text() for label in dialog.findChildren(PlainLabel)}
    for offer in space.actions_of_all:
        assert not offer.keys or offer.words in words
    dialog.close()


def test_ctrl_q_closes_the_window_also_before_anybody_is_there(driver: WindowDriver) -> None:
    window = driver.open()
    QTest.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert not window.isVisible()


def test_shortcuts_work_while_one_types(space: Workspace) -> None:
    fields = [space.header.search, space.tabs.samples.records.search]
    for field in fields:
        for offer in space.actions_of_all:
            if offer.tab or offer.live.action.name in ("quit", "lock", "leave", "undo"):
                continue
            field.setFocus()
            assert isinstance(QApplication.focusWidget(), QLineEdit)
            done: list[bool] = []
            offer.live.triggered.connect(lambda _on, done=done: done.append(True))
            for key in offer.keys:
                QTest.keySequence(field, key)
            close_what_opened()
            assert len(done) == len(offer.keys), offer.id


def close_what_opened() -> None:
    while (popup := QApplication.activePopupWidget()) is not None and popup.close():
        pass
    while (dialog := QApplication.activeModalWidget()) is not None and dialog.close():
        pass


def texts(menu: QMenu) -> list[str]:
    return ["—" if each.isSeparator() else plain_words(each.text()) for each in menu.actions()]


def test_what_every_tab_has_stands_once_in_a_menu_for_the_tab_in_front(space: Workspace) -> None:
    space.show_tab(space.tabs.documents)
    opened(space, Menu.EDIT)
    assert texts(space.menu_bar.menus[Menu.EDIT]) == ["Undo", "Search the list", "—", "Copy rows"]
    copy = opened(space, Menu.EDIT)["Copy rows"]
    assert copy.toolTip() == "Choose a record first.", "of the tab in front, not of another one"


def test_menus_are_parted_by_what_belongs_together(space: Workspace) -> None:
    opened(space, Menu.VIEW)
    view = ["Go to or do", "Switch center", "Today", "—", "Lower rows", "Read again", "—"]
    view += ["Centers", "Users", "Samples", "Documents", "Activity"]
    assert texts(space.menu_bar.menus[Menu.VIEW]) == view
    opened(space, Menu.SAMPLE)
    sample_menu = texts(space.menu_bar.menus[Menu.SAMPLE])
    assert sample_menu[:3] == ["New sample", "—", "Start processing"]
    assert "—" not in sample_menu[2 : sample_menu.index("Put on a work list")], "what is done with a record is together"
    opened(space, Menu.FILE)
    assert texts(space.menu_bar.menus[Menu.FILE])[-5:] == ["—", "Lock", "Sign out or switch user", "—", "Quit"]


def test_every_menu_of_the_window_shows_its_reasons(space: Workspace) -> None:
    samples = space.tabs.samples
    views = samples.views.menu(())
    rename = next(each for each in views.actions() if each.text() == "Rename or replace")
    assert not rename.isEnabled()
    assert rename.toolTip() == "No view is kept yet that you may change."
    columns = samples.records.table.menu()
    barcode = next(each for each in columns.actions() if each.text() == "Barcode" and not each.isEnabled())
    assert barcode.toolTip() == "The first column names the record, and is always shown."
    for menu in (views, columns, samples.record_menu(), space.header.person.menu()):
        assert menu.toolTipsVisible()
        menu.deleteLater() if menu is not space.header.person.menu() else None


def test_the_views_open_under_the_button_they_are_behind(space: Workspace, driver: WindowDriver) -> None:
    samples = space.tabs.samples
    samples.views.show_menu.trigger()
    driver.qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    more = next(each for each in samples.records.findChildren(MoreButton) if each.isVisible())
    button = QRect(more.mapToGlobal(QPoint()), more.size())
    assert menu.geometry().left() <= button.right()
    assert menu.geometry().right() >= button.left(), "beside the button"
    assert 0 <= menu.geometry().top() - button.bottom() < 8
    menu.close()
