"""Scans in the real window, at a scanner's speed: they open samples, fill barcodes, and reach nothing else."""

from collections.abc import Collection, Mapping

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Standing
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.dialogs.password_change import PasswordDialog
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.dialogs.settings import SettingsDialog
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.actions import ActionButton
from tests.ui.editors import line
from tests.ui.fake_services import in_memory
from tests.ui.made_records import sample
from tests.ui.scanner_keyboard import FIRST, SECOND, SLOW, UNKNOWN, Keyboard, enter, opened, settle
from tests.ui.window_fixture import PASSWORD, WindowDriver


@pytest.fixture
def keyboard(driver: WindowDriver) -> Keyboard:
    return Keyboard(driver)


def test_two_scans_open_two_samples_and_change_nothing(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace = enter(driver)
    table = workspace.tabs.samples.records.table
    table.choose_row(0)
    table.setFocus()
    before = list(driver.sign_in.labs[0].sample_rows)
    for code in (FIRST, SECOND):
        keyboard.scan(code)
        settle(driver)
        assert workspace.tabs.samples.sample_detail.subtitle.text() == code
        assert QApplication.activeModalWidget() is None
    assert driver.sign_in.labs[0].sample_rows == before
    assert workspace.tabs.samples.records.search.text() == ""


@pytest.mark.parametrize("place", ["documents", "header", "list search", "list", "button", "menu"])
def test_a_scan_is_one_wherever_the_focus_is(driver: WindowDriver, keyboard: Keyboard, place: str) -> None:
    workspace = enter(driver)
    workspace.tabs.samples._status.choose(SampleStatus.REJECTED)
    match place:
        case "documents":
            workspace.show_tab(workspace.tabs.documents)
            workspace.tabs.documents.records.table.setFocus()
        case "header":
            workspace.header.search.setFocus()
        case "list search":
            workspace.tabs.samples.records.search.setFocus()
        case "list":
            workspace.tabs.samples.records.table.setFocus()
        case "button":
            button_of(workspace).setFocus()
        case _:
            menu: QMenu = workspace.header.person.menu()
            menu.popup(workspace.mapToGlobal(workspace.rect().center()))
    keyboard.scan(FIRST)
    settle(driver)
    assert workspace.page is workspace.tabs.samples
    assert workspace.tabs.samples.sample_detail.subtitle.text() == FIRST
    assert workspace.header.search.text() == workspace.tabs.samples.records.search.text() == ""
    assert QApplication.activePopupWidget() is None
    assert QApplication.activeModalWidget() is None


@pytest.mark.parametrize("code", [FIRST, SECOND, UNKNOWN])
def test_no_key_after_a_scan_acts_on_the_sample_before_it(
    driver: WindowDriver, keyboard: Keyboard, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server may need a while to find what was scanned."""
    workspace = enter(driver)
    tab = workspace.tabs.samples
    tab.records.table.choose_row(6)
    shown = tab.sample_detail.subtitle.text()
    assert shown == FIRST
    seen: list[bool] = []
    samples = in_memory(workspace.work).samples
    find = samples.scanned

    def scanned(wanted: Collection[str]) -> Mapping[str, Sample]:
        tab.edit.click()
        seen.append(QApplication.activeModalWidget() is not None)
        return find(wanted)

    monkeypatch.setattr(samples, "scanned", scanned)
    keyboard.scan(code)
    settle(driver)
    assert seen
    assert not any(seen)
    assert tab.sample_detail.subtitle.text() == (FIRST if code == UNKNOWN else code)
    assert tab.edit.isEnabled()
    if code == UNKNOWN:
        driver.dialog(Confirm).reject()


def test_an_unknown_code_is_offered_to_be_made_and_the_next_scan_goes_on(
    driver: WindowDriver, keyboard: Keyboard
) -> None:
    workspace = enter(driver)
    keyboard.scan(UNKNOWN)
    settle(driver)
    first = opened(driver, Confirm)
    assert UNKNOWN in first.accessibleName()
    keyboard.scan(FIRST)
    settle(driver)
    assert not [each for each in QApplication.topLevelWidgets() if isinstance(each, Confirm) and each.isVisible()]
    assert workspace.tabs.samples.sample_detail.subtitle.text() == FIRST
    keyboard.scan(UNKNOWN)
    settle(driver)
    opened(driver, Confirm).verb.click()
    form = opened(driver, SampleDialog)
    assert line(form.fields["barcode"]).text() == UNKNOWN
    form._discarding = True
    form.reject()


def test_who_may_not_make_samples_is_told(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace = enter(driver, Standing.VIEWER)
    keyboard.scan(UNKNOWN)
    settle(driver)
    assert UNKNOWN in workspace.banner.text
    assert QApplication.activeModalWidget() is None


def test_caps_lock_is_noticed(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace = driver.enter(
        Standing.USER, lambda lab: setattr(lab, "sample_rows", [sample(1, barcode="Ab-12345"), sample(2)])
    )
    said: list[str] = []
    workspace.context.messages.said.connect(said.append)
    keyboard.scan("aB-12345")
    settle(driver)
    assert workspace.tabs.samples.sample_detail.subtitle.text() == "Ab-12345"
    assert said == ["aB-12345 was read as Ab-12345: Caps Lock seems to be on."]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("XQ-998877", "Caps Lock may be on"),
        ("ğq-998877", "The keyboard's language seems not to be"),
    ],
)
def test_what_the_keyboard_may_have_to_do_with_an_unknown_code_is_said(
    driver: WindowDriver, keyboard: Keyboard, typed: str, says: str
) -> None:
    enter(driver)
    keyboard.scan(typed)
    settle(driver)
    dialog = opened(driver, Confirm)
    assert says in text_of(dialog)
    dialog.reject()


def test_the_keys_of_an_unknown_code_tell_of_caps_lock(driver: WindowDriver, keyboard: Keyboard) -> None:
    enter(driver)
    for letter in "XQ-99887":
        keyboard.press(ord(letter), letter)
    keyboard.press(Qt.Key.Key_Return, "\r")
    settle(driver)
    dialog = opened(driver, Confirm)
    assert text_of(dialog).endswith("Caps Lock seems to be on.")
    dialog.reject()


def text_of(dialog: Confirm) -> str:
    return next(each.text() for each in dialog.findChildren(PlainLabel) if each.text().startswith("There is none"))


def test_typing_feels_as_before(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace = enter(driver)
    search = workspace.tabs.samples.records.search
    search.setFocus()
    for letter in "abc":
        keyboard.type(letter, SLOW)
        settle(driver)
    assert search.text() == "abc"
    # Two hands roll over the keys: fast, but not a code.
    keyboard.type("defgh", 20)
    settle(driver)
    assert search.text() == "abcdefgh"
    keyboard.press(Qt.Key.Key_Backspace, "\b", SLOW)
    assert search.text() == "abcdefg"
    keyboard.type("xy", 20)
    keyboard.press(Qt.Key.Key_Left, "", 20)
    assert search.text() == "abcdefgxy", "what is held back comes before the arrow"
    assert search.cursorPosition() == 8


def test_a_key_that_is_held_down_is_no_scan(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace = enter(driver)
    search = workspace.tabs.samples.records.search
    search.setFocus()
    keyboard.type("x", SLOW)
    for _ in range(20):
        keyboard.press(Qt.Key.Key_X, "x", 30, repeats=True)
    keyboard.press(Qt.Key.Key_Return, "\r", 30)
    settle(driver)
    assert search.text() == "x" * 21
    assert QApplication.activeModalWidget() is None


def button_of(workspace: Workspace) -> ActionButton:
    samples = workspace.tabs.samples
    return next(each for each in samples.findChildren(ActionButton) if each.action is samples.new)


def test_a_space_presses_its_button_once_and_lets_go(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace = enter(driver)
    new = button_of(workspace)
    new.setFocus()
    keyboard.press(Qt.Key.Key_Space, " ", SLOW)
    settle(driver)
    dialog = opened(driver, SampleDialog)
    dialog.reject()
    assert not new.isDown()


def test_the_mouse_gives_back_what_is_held(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace = enter(driver)
    workspace.tabs.samples.records.search.setFocus()
    keyboard.type("abc", 5)
    assert workspace.tabs.samples.records.search.text() == ""
    assert driver.window is not None
    QTest.mouseClick(driver.window.windowHandle(), Qt.MouseButton.LeftButton, pos=driver.window.rect().bottomLeft())
    assert workspace.tabs.samples.records.search.text() == "abc"


def test_keys_through_the_system_s_events(driver: WindowDriver) -> None:
    """QTest's keys go the whole way of a keyboard's: shortcuts, window, focus."""
    workspace = enter(driver)
    assert driver.window is not None
    handle = driver.window.windowHandle()
    workspace.tabs.samples.records.table.setFocus()
    QTest.keyClick(handle, Qt.Key.Key_Shift)  # what there is to draw is drawn
    QCoreApplication.processEvents()
    for letter in FIRST:
        # The stubs have letters for widgets alone; Qt takes them for windows, too.
        QTest.keyClick(handle, letter)  # type: ignore[call-overload]
    QTest.keyClick(handle, Qt.Key.Key_Return)
    settle(driver)
    assert workspace.tabs.samples.sample_detail.subtitle.text() == FIRST


def test_the_sign_in_page_takes_a_password_managers_keys(driver: WindowDriver, keyboard: Keyboard) -> None:
    window = driver.open()
    user, password = window.sign_in.username, window.sign_in.password
    user.setFocus()
    keyboard.type("ayse.admin", 2)
    keyboard.press(Qt.Key.Key_Tab, "\t", 2)
    assert user.text() == "ayse.admin"
    password.setFocus()
    keyboard.type(PASSWORD, 2)
    assert password.text() == PASSWORD
    keyboard.press(Qt.Key.Key_Return, "\r", 2)
    driver.qtbot.waitUntil(lambda: window.workspace is not None)


def test_the_lock_page_and_password_fields_are_never_listened_at(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace = enter(driver)
    window = driver.window
    assert window is not None
    dialog = PasswordDialog(driver.jobs, "ayse.admin", lambda *_: None, None, workspace)
    dialog.open()
    dialog = opened(driver, PasswordDialog)
    dialog.fields["new_password"].editor.setFocus()
    keyboard.type("swift7otter9", 2)
    assert line(dialog.fields["new_password"]).text() == "swift7otter9"
    dialog._discarding = True
    dialog.reject()
    window.lock()
    keyboard.type(PASSWORD, 2)
    assert window.locking.page.password.line.text() == PASSWORD
    keyboard.press(Qt.Key.Key_Return, "\r", 2)
    driver.qtbot.waitUntil(lambda: not window.locking.is_on)
    keyboard.scan(SECOND)
    settle(driver)
    assert workspace.tabs.samples.sample_detail.subtitle.text() == SECOND


def test_whoever_scans_is_there(driver: WindowDriver, keyboard: Keyboard) -> None:
    enter(driver)
    assert driver.window is not None
    driver.window.idle._last_input = 0.0
    keyboard.scan(FIRST)
    assert driver.window.idle._last_input > 0.0, "a window in which one scans does not lock itself"


def test_the_prefix_is_a_setting(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace = enter(driver)
    window = driver.window
    assert window is not None
    window.settings.ask()
    dialog = opened(driver, SettingsDialog)
    line(dialog.fields["scanner_prefix"]).setText("ğ")
    dialog.submit()
    assert dialog.fields["scanner_prefix"].problem
    line(dialog.fields["scanner_prefix"]).setText("~")
    dialog.submit()
    keyboard.scan(f"~{SECOND}", gap=60)
    settle(driver)
    assert workspace.tabs.samples.sample_detail.subtitle.text() == SECOND


@pytest.mark.parametrize("tab", ["samples", "users"])
def test_enter_on_a_row_goes_to_the_inspector_and_opens_no_form(driver: WindowDriver, tab: str) -> None:
    workspace = enter(driver, Standing.ADMIN)
    page = getattr(workspace.tabs, tab)
    workspace.show_tab(page)
    page.records.table.choose_row(0)
    page.records.table.setFocus()
    for _ in range(2):
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, Qt.Key.Key_Return)
        QTest.keyClick(focus, Qt.Key.Key_Space)
        assert QApplication.activeModalWidget() is None
    assert page.detail.hasFocus()
