"""F8: scans are listed instead of opening their samples, and one verb is done with all of them."""

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Standing
from desktop_app.errors import UnavailableError
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.dialogs.plan import PlanDialog
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.shell.scanner.mode import ScanMode
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.tabs.samples.work_lists import PutDialog
from tests.ui.fake_services import Lab, in_memory
from tests.ui.made_records import sample
from tests.ui.scanner_keyboard import CODES, FIRST, SECOND, SLOW, UNKNOWN, Keyboard, opened, settle
from tests.ui.window_fixture import PASSWORD, WindowDriver

REJECTED, BINNED = CODES[5], CODES[6]


def fill(lab: Lab) -> None:
    rows = [sample(number, name=f"Tube {number}") for number in range(1, 8)]
    rows[5] = replace(rows[5], status=SampleStatus.REJECTED)
    rows[6] = replace(rows[6], is_active=False)
    lab.sample_rows = rows


@pytest.fixture
def keyboard(driver: WindowDriver) -> Keyboard:
    return Keyboard(driver)


def begin(driver: WindowDriver, standing: Standing = Standing.ADMIN) -> tuple[Workspace, ScanMode]:
    workspace = driver.enter(standing, fill)
    press_f8(driver)
    assert driver.window is not None
    assert driver.window.scans is not None
    return workspace, driver.window.scans.mode


def press_f8(driver: WindowDriver) -> None:
    """In the window, to which nobody gives the focus back on a platform without a window manager."""
    assert driver.window is not None
    driver.window.activateWindow()
    driver.qtbot.waitUntil(lambda: QApplication.activeWindow() is driver.window)
    QTest.keyClick(driver.window, Qt.Key.Key_F8)


def codes(mode: ScanMode) -> list[str]:
    return [mode.page.rows.data(mode.page.rows.index(at, 0)) for at in range(mode.page.rows.rowCount())]


def words(mode: ScanMode, code: str) -> list[str]:
    rows = mode.page.rows
    at = rows.row_of(code)
    return [rows.data(rows.index(at, column)) for column in range(1, rows.columnCount())]


def scan(driver: WindowDriver, keyboard: Keyboard, *scanned: str) -> None:
    for code in scanned:
        keyboard.scan(code)
    settle(driver)


def test_scans_are_listed_with_what_is_unusual_about_them(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace, mode = begin(driver)
    assert mode.page.isVisible()
    assert mode.page.empty.isVisible()
    scan(driver, keyboard, SECOND, UNKNOWN, FIRST, SECOND, REJECTED, BINNED)
    assert codes(mode) == [SECOND, UNKNOWN, FIRST, REJECTED, BINNED], "in the order of the scans, each once"
    assert mode.strip.words.text() == "Scan mode: 4 samples, 1 unknown, 1 twice"
    assert words(mode, SECOND)[1:3] == ["Pending", "Scanned twice"]
    assert words(mode, UNKNOWN)[1] == "Unknown"
    assert words(mode, REJECTED)[1] == "Rejected"
    assert words(mode, BINNED)[1] == "Deactivated"
    assert QApplication.activeModalWidget() is None, "nothing is offered to be made"
    assert workspace.tabs.samples.records.current is None, "and nothing opened"
    assert mode.page.code.text() == ""


def test_twenty_quick_scans_are_all_there_and_few_questions(
    driver: WindowDriver, keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, mode = begin(driver)
    work = in_memory(workspace.work)
    many = [f"20261122-{number:04}" for number in range(20)]
    for number, code in enumerate(many):
        work.samples._rows.put(sample(100 + number, barcode=code))
    workspace.monitor.stop()  # its own looks would be among the questions
    waiting: list[Any] = []
    with monkeypatch.context() as slow:
        # The server takes its time.
        slow.setattr(driver.jobs._runner, "submit", lambda lane, task: waiting.append((lane, task)))
        for code in many:
            keyboard.scan(code)
        settle(driver)
    assert codes(mode) == many, "also before any of them is known"
    assert mode.strip.words.text() == "Scan mode: 0 samples, 20 being looked up"
    assert not mode.page._verbs["process"].isEnabled()
    for lane, task in waiting:
        driver.jobs._runner.submit(lane, task)
    assert mode.strip.words.text() == "Scan mode: 20 samples"
    assert codes(mode) == many
    assert work.samples._trouble.calls.count("samples.scanned") == 2, "the first one, and all that came meanwhile"


def test_codes_are_typed_and_pasted_too_and_rows_taken_out(driver: WindowDriver, keyboard: Keyboard) -> None:
    _workspace, mode = begin(driver)
    line = mode.page.code
    assert line.hasFocus()
    keyboard.type("B-1", SLOW)
    settle(driver)
    QTest.keyClick(line, Qt.Key.Key_Return)
    QGuiApplication.clipboard().setText(f"{FIRST}\tTube 1\r\n\r\n {SECOND} \nB-1\n")
    QTest.keySequence(line, QKeySequence(QKeySequence.StandardKey.Paste))
    assert codes(mode) == ["B-1", FIRST, SECOND]
    assert mode.strip.words.text() == "Scan mode: 2 samples, 1 unknown, 1 twice"
    mode.page.table.choose_row(0)
    mode.page.table.setFocus()
    QTest.keyClick(mode.page.table, Qt.Key.Key_Delete)
    assert codes(mode) == [FIRST, SECOND]
    line.setFocus()
    line.setText("half")
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert (line.text(), mode.is_on) == ("", True), "Escape empties the field first"


def test_one_verb_for_all_says_what_stays_and_is_taken_back(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace, mode = begin(driver)
    scan(driver, keyboard, FIRST, REJECTED, SECOND, BINNED)
    mode.page._verbs["process"].click()
    dialog = opened(driver, PlanDialog)
    assert dialog.accessibleName() == "Start processing 2 samples?"
    assert {each.name for each in dialog.left_alone.model.rows} == {REJECTED, BINNED}
    keyboard.scan(CODES[2])
    settle(driver)
    assert dialog.fields["reason"].value == "", "no scan falls into a form"
    dialog.submit()
    assert [words(mode, code)[1] for code in (FIRST, SECOND, CODES[2])] == ["Processing", "Processing", "Pending"]
    workspace.undo.take_back()
    assert words(mode, FIRST)[1] == "Pending"
    assert not mode.page._verbs["complete"].isEnabled(), "none of them is ready for it"
    assert mode.page._verbs["active"].text() == "Deactivate", "also where one of them is in the bin"


def test_all_are_put_on_a_work_list_in_the_order_of_the_scans(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace, mode = begin(driver)
    scan(driver, keyboard, CODES[3], BINNED, FIRST)
    mode.page._verbs["worklist"].click()
    form = opened(driver, PutDialog)
    form.fields["name"].set_value("PCR")
    form.submit()
    lists = in_memory(workspace.work).work_lists
    assert [each.barcode for each in lists.items(lists.list()[0].id)] == [CODES[3], BINNED, FIRST]
    press_f8(driver)
    assert not mode.is_on, "something was done with it: nothing is asked"


def test_an_unknown_one_can_be_made(driver: WindowDriver, keyboard: Keyboard) -> None:
    _workspace, mode = begin(driver)
    scan(driver, keyboard, UNKNOWN)
    mode.page.create_sample.click()
    form = opened(driver, SampleDialog)
    form.fields["name"].set_value("New tube")
    form.submit()
    assert words(mode, UNKNOWN)[:2] == ["New tube", "Pending"]
    assert mode.strip.words.text() == "Scan mode: 1 sample"


def test_leaving_asks_while_nothing_was_done(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace, mode = begin(driver)
    QTest.keyClick(mode.page.code, Qt.Key.Key_Escape)
    assert not mode.is_on, "an empty list is left at once"
    assert not mode.strip.isVisible()
    press_f8(driver)
    scan(driver, keyboard, FIRST)
    mode.strip.leave.click()
    question = opened(driver, Confirm)
    keyboard.scan(SECOND)
    settle(driver)
    assert QApplication.activeModalWidget() is None, "more is in the list than what was asked about"
    assert codes(mode) == [FIRST, SECOND]
    assert driver.window is not None
    driver.window.close()
    asked = opened(driver, Confirm)
    assert asked is not question
    asked.reject()
    assert mode.is_on
    press_f8(driver)
    opened(driver, Confirm).verb.click()
    assert not mode.is_on
    scan(driver, keyboard, FIRST)
    assert workspace.tabs.samples.sample_detail.subtitle.text() == FIRST, "scans open their samples again"


def test_the_mode_is_seen_in_every_tab_and_lists_on(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace, mode = begin(driver)
    assert not mode.strip.show_list.isVisible()
    workspace.show_tab(workspace.tabs.documents)
    assert not mode.page.isVisible()
    scan(driver, keyboard, FIRST)
    assert workspace.page is workspace.tabs.documents
    assert mode.strip.words.text() == "Scan mode: 1 sample"
    mode.strip.show_list.click()
    assert mode.page.isVisible()
    mode.page.table.choose_row(0)
    mode.page.table.opened.emit()
    assert workspace.tabs.samples.sample_detail.subtitle.text() == FIRST
    assert mode.is_on


def test_locking_hides_the_list_and_brings_it_back(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace, mode = begin(driver)
    scan(driver, keyboard, FIRST)
    # The keys go while something is looked up.
    driver.sign_in.labs[0].trouble.next("samples.scanned", UnavailableError("Locked."))
    scan(driver, keyboard, CODES[2])
    window = driver.window
    assert window is not None
    window.lock()
    assert not mode.page.isVisible()
    assert not mode.strip.isVisible()
    keyboard.scan(SECOND)
    assert codes(mode) == [FIRST, CODES[2]], "before the lock page nothing is scanned"
    samples = in_memory(workspace.work).samples
    samples._rows.change(samples.get(FIRST), status=SampleStatus.COMPLETED)
    window.locking.page.password.line.setText(PASSWORD)
    window.locking.page.submitted.emit(PASSWORD)
    driver.qtbot.waitUntil(lambda: not window.locking.is_on)
    assert mode.page.isVisible()
    assert codes(mode) == [FIRST, CODES[2]]
    assert words(mode, FIRST)[1] == "Completed", "what a colleague did meanwhile is seen"
    assert words(mode, CODES[2])[1] == "Pending"


def test_each_center_has_its_own_list(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace, mode = begin(driver, Standing.SYSTEM)
    lab = driver.sign_in.labs[0]
    workspace.open_center(lab.istanbul)
    scan(driver, keyboard, FIRST, SECOND)
    workspace.open_center(lab.ankara)
    assert codes(mode) == []
    assert "Istanbul Medical Center (2 codes)" in workspace.banner.text
    assert "Ankara" in mode.page.title.text()
    scan(driver, keyboard, CODES[2])
    workspace.open_center(lab.istanbul)
    assert codes(mode) == [FIRST, SECOND]
    assert mode.lists.unhandled == 3
    mode.lists.empty()
    workspace.open_center(lab.ankara)
    mode.lists.empty()


def test_a_server_that_is_away_loses_no_scan(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace, mode = begin(driver)
    trouble = driver.sign_in.labs[0].trouble
    trouble.next("samples.scanned", UnavailableError("The server does not answer."))
    scan(driver, keyboard, FIRST)
    assert codes(mode) == [FIRST]
    assert words(mode, FIRST)[1] == "Being looked up"
    assert mode.page.banner.text == "The server does not answer."
    trouble.next("samples.scanned", UnavailableError("The server does not answer."))
    scan(driver, keyboard, SECOND)
    scan(driver, keyboard, CODES[2])
    assert [words(mode, code)[1] for code in CODES[:3]] == ["Pending"] * 3, "the next scan asks for all that wait"
    trouble.next("samples.scanned", UnavailableError("The server does not answer."))
    scan(driver, keyboard, CODES[3])
    assert mode.page.banner.text
    workspace.monitor.back.emit()
    assert words(mode, CODES[3])[1] == "Pending"
    assert mode.page.banner.text == "", "and it is said no more"
    mode.lists.empty()


def test_who_may_only_read_sees_why(driver: WindowDriver, keyboard: Keyboard) -> None:
    _workspace, mode = begin(driver, Standing.VIEWER)
    scan(driver, keyboard, FIRST)
    assert codes(mode) == [FIRST]
    assert not any(each.isVisible() for each in mode.page._verbs.values())
    assert mode.page.why_not.text().startswith("Only users and administrators")
    mode.lists.empty()


def test_caps_lock_is_said_and_the_sample_found(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace, mode = begin(driver)
    in_memory(workspace.work).samples._rows.put(sample(50, barcode="Ab-12345"))
    scan(driver, keyboard, "aB-12345", "Ab-12345")
    assert codes(mode) == ["Ab-12345"]
    assert words(mode, "aB-12345")[3] == "Caps Lock seems to be on (scanned: aB-12345)."
    assert mode.strip.words.text() == "Scan mode: 1 sample, 1 twice"
    for letter in "xq-9988":
        # What the system makes of Shift and x, or of Q alone, with Caps Lock on.
        keyboard.press(ord(letter.upper()), letter.upper())
    keyboard.press(Qt.Key.Key_Return, "\r")
    settle(driver)
    assert words(mode, "XQ-9988")[3] == "Caps Lock seems to be on."
    mode.lists.empty()


def test_a_list_takes_so_many_and_says_what_had_no_room(driver: WindowDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    _workspace, mode = begin(driver)
    monkeypatch.setattr("desktop_app.ui.shell.scanner.scanned_lists.MOST", 3)
    monkeypatch.setattr("desktop_app.ui.shell.scanner.page.MOST", 3)
    mode.page.take([*CODES[:5], FIRST])
    assert codes(mode) == CODES[:3]
    assert mode.page.banner.text == "The list takes 3 codes. Left out: 2."
    assert mode.strip.words.text() == "Scan mode: 3 samples, 1 twice"
    mode.lists.empty()


def test_of_many_alike_one_is_asked_what_may_be_done(driver: WindowDriver) -> None:
    """Of ten thousand each would be asked at each scan, and the window be deaf for half a second."""
    _workspace, mode = begin(driver)
    mode.page.take(CODES[:5])
    asked: list[Sample] = []
    deactivate = mode.page._actions["active"]

    def allowed(one: Sample) -> tuple[bool, str]:
        asked.append(one)
        return deactivate.allowed(one)

    mode.page._actions["active"] = replace(deactivate, allowed=allowed)
    mode.page.refresh()
    assert len(asked) == 1
    mode.lists.empty()


def test_a_colleague_s_change_is_seen(driver: WindowDriver, keyboard: Keyboard) -> None:
    workspace, mode = begin(driver)
    scan(driver, keyboard, FIRST)
    samples = in_memory(workspace.work).samples
    samples._rows.change(samples.get(FIRST), status=SampleStatus.COMPLETED)
    workspace.monitor.center_moved.emit(True)
    assert words(mode, FIRST)[1] == "Completed"
    mode.lists.empty()
