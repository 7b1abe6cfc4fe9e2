"""The locked window: nothing of the work is seen, the keys are gone, and only the password brings it all back."""

import logging
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragMoveEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QTableView, QWidget

from desktop_app.config import Settings, save_settings
from desktop_app.errors import UnavailableError
from desktop_app.services.documents.title_conflicts import ConflictQuestion
from desktop_app.services.session.sign_in import AccountChangedError
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.dialogs.document import DocumentDialog
from desktop_app.ui.dialogs.password_change import PasswordDialog
from desktop_app.ui.dialogs.title_conflict import TitleConflictDialog
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.shell.idle import Clock, IdleWatch
from tests.ui.editors import line
from tests.ui.fake_services import Lab
from tests.ui.made_records import document
from tests.ui.window_fixture import PASSWORD, WindowDriver

SECRET = "Pathology of P-1031"


def fill(lab: Lab) -> None:
    lab.document_rows = [document(1, title=SECRET, file_name="p.txt"), document(2, title="Another", file_name="q.txt")]


def working(driver: WindowDriver) -> Any:
    """A workspace with a document chosen and previewed."""
    workspace = driver.enter(fill=fill)
    records = workspace.tabs.documents.records
    records.table.choose_row(next(at for at, row in enumerate(records.model.rows) if row.title == SECRET))
    assert workspace.tabs.documents.preview.shown == "text"
    return workspace


def lock(driver: WindowDriver) -> Any:
    window: Any = driver.window
    driver.qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert window.locking.is_on
    return window


def seen(driver: WindowDriver) -> str:
    """Every word that can be read on the screen, window titles included."""
    words: list[str] = []
    for top in QApplication.topLevelWidgets():
        if not top.isVisible():
            continue
        words.append(top.windowTitle())
        for each in [top, *top.findChildren(QWidget)]:
            if not each.isVisible():
                continue
            words += [each.toolTip(), each.accessibleName()]
            if isinstance(each, QLabel | QLineEdit):
                words.append(each.text())
            elif isinstance(each, QPlainTextEdit):
                words.append(each.toPlainText())
            elif isinstance(each, QTableView):
                model = each.model()
                words += [
                    str(model.index(row, at).data())
                    for row in range(model.rowCount())
                    for at in range(model.columnCount())
                ]
    return "\n".join(words)


def unlock(window: Any, password: str = PASSWORD) -> None:
    window.locking.page.password.line.setText(password)
    window.locking.page.submit()


def test_the_locked_window_shows_nothing_of_the_work(driver: WindowDriver) -> None:
    workspace = working(driver)
    assert SECRET in seen(driver)
    assert "Istanbul" in seen(driver)
    window = lock(driver)
    assert SECRET not in seen(driver)
    assert "Istanbul" not in seen(driver)
    assert window.windowTitle() == "Labkeep is locked"
    assert "Ayşe Yılmaz" in seen(driver)
    assert workspace.tabs.documents.preview.text.toPlainText() == "", "not even behind the page"
    assert driver.sign_in.labs[0].closed, "the keys are gone"
    assert not workspace.monitor._timer.isActive(), "nobody asks the server"
    assert window.locking.page.password.line.hasFocus()


def test_after_unlocking_everything_is_as_it_was(driver: WindowDriver) -> None:
    workspace = working(driver)
    chosen = workspace.tabs.documents.records.current
    window = lock(driver)
    unlock(window)
    assert not window.locking.is_on
    assert window.workspace is workspace
    assert workspace.page is workspace.tabs.documents
    assert workspace.tabs.documents.records.current.id == chosen.id
    assert workspace.tabs.documents.preview.shown == "text"
    assert workspace.tabs.documents.preview.text.toPlainText() == "text\n"
    assert window.windowTitle() == "Istanbul Medical Center — Labkeep"
    assert workspace.monitor._timer.isActive()
    assert window.locking.page.password.line.text() == ""


def test_the_log_has_ids_and_no_names(driver: WindowDriver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "desktop_app")
    working(driver)
    window = lock(driver)
    unlock(window, "wrong")
    unlock(window)
    user = driver.sign_in.labs[0].user
    window.sign_out()
    said = [record.getMessage() for record in caplog.records]
    assert [words.partition(":")[0] for words in said] == [
        "Signed in", "Locked", "Not unlocked", "Unlocked", "Signed out",
    ]  # fmt: skip
    assert str(user.id) in said[1]
    for name in (user.username, user.first_name, "Test laboratories", "Istanbul", SECRET, PASSWORD, "wrong"):
        assert name not in "\n".join(said)


def test_a_remembered_password_is_asked_for_all_the_same(driver: WindowDriver) -> None:
    driver.sign_in.known = ["ayse.admin"]
    working(driver)
    window = lock(driver)
    window.locking.page.submit()
    assert window.locking.page.password.problem == "Type your password."
    assert window.locking.is_on
    assert ("ayse.admin", "remembered") not in driver.sign_in.calls


def test_a_wrong_password_is_said_under_the_field(driver: WindowDriver) -> None:
    working(driver)
    window = lock(driver)
    unlock(window, "wrong")
    page = window.locking.page
    assert page.password.problem == "This is not your password."
    assert page.password.line.text() == ""
    assert page.password.line.hasFocus()
    assert window.locking.is_on
    assert driver.sign_in.labs[0].closed


@pytest.mark.parametrize(
    "error", [UnavailableError("The server does not answer."), AccountChangedError("Your account was changed.")]
)
def test_what_else_keeps_it_locked_is_said_above(driver: WindowDriver, error: Any) -> None:
    working(driver)
    window = lock(driver)
    driver.sign_in.errors = [error]
    unlock(window)
    assert window.locking.page.banner.text == str(error)
    assert window.locking.is_on
    unlock(window)
    assert not window.locking.is_on


def test_somebody_else_is_one_click_away(driver: WindowDriver) -> None:
    working(driver)
    window = lock(driver)
    window.locking.page.switch.click()
    assert window.workspace is None
    assert window.sign_in.isVisible()
    assert not window.locking.is_on
    window.sign_in.sign_in_as("mehmet", PASSWORD)
    assert driver.wait_for_workspace().isVisible()


def test_a_form_is_hidden_with_what_was_typed_and_comes_back(driver: WindowDriver) -> None:
    workspace = working(driver)
    workspace.tabs.documents.edit.click()
    dialog = driver.dialog(DocumentDialog)
    line(dialog.fields["title"]).setText("Half a tit")
    window = lock_by_menu(driver)
    assert not dialog.isVisible()
    assert "Half a tit" not in seen(driver)
    unlock(window)
    assert dialog.isVisible()
    assert dialog.isModal()
    assert line(dialog.fields["title"]).text() == "Half a tit"
    dialog._discarding = True
    dialog.reject()


def lock_by_menu(driver: WindowDriver) -> Any:
    """A modal dialog takes the shortcuts; the watch and the desktop lock behind it all the same."""
    window: Any = driver.window
    window.lock()
    assert window.locking.is_on
    return window


def test_a_password_in_a_form_does_not_wait_behind_the_page(driver: WindowDriver) -> None:
    workspace = working(driver)
    workspace.header.password_asked.emit()
    dialog = driver.dialog(PasswordDialog)
    line(dialog.fields["old_password"]).setText(PASSWORD)
    window = lock_by_menu(driver)
    assert line(dialog.fields["old_password"]).text() == ""
    unlock(window)
    assert dialog.isVisible()
    dialog._discarding = True
    dialog.reject()


def test_who_takes_over_is_told_what_is_lost(driver: WindowDriver) -> None:
    workspace = working(driver)
    workspace.tabs.documents.edit.click()
    line(driver.dialog(DocumentDialog).fields["title"]).setText("Half a tit")
    window = lock_by_menu(driver)
    window.locking.page.switch.click()
    question = driver.dialog(Confirm)
    assert "not saved is lost" in seen(driver)
    question.cancel.click()
    assert window.locking.is_on
    window.locking.page.switch.click()
    driver.dialog(Confirm).verb.click()
    assert window.workspace is None


def test_a_dialog_that_opens_meanwhile_waits(driver: WindowDriver, tmp_path: Path) -> None:
    """A file whose title exists asks what to do: not over the page that hides the titles."""
    workspace = working(driver)
    window = lock(driver)
    TitleConflictDialog(question(tmp_path), "Istanbul", 0, workspace).open()
    driver.qtbot.waitUntil(lambda: SECRET not in seen(driver))
    dialog = next(iter(window.findChildren(TitleConflictDialog)))
    driver.qtbot.waitUntil(lambda: not dialog.isVisible())
    unlock(window)
    assert dialog.isVisible()
    dialog.reject()


def question(folder: Path) -> Any:
    return ConflictQuestion(folder / "a.txt", SECRET, (document(1, title=SECRET),), f"{SECRET} (2)")


class SlowDocuments:
    """Documents whose saving waits until it is let go."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.began, self.may_end = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def add(self, *arguments: Any, **more: Any) -> Any:
        self.began.set()
        assert self.may_end.wait(20)
        return self._inner.add(*arguments, **more)


def test_what_is_being_sealed_goes_on_and_then_the_keys_are_dropped(
    driver: WindowDriver, threaded_jobs: Jobs, tmp_path: Path
) -> None:
    driver.jobs = threaded_jobs
    window: Any = driver.open()
    driver.qtbot.waitUntil(lambda: window.sign_in.isVisible() and window.sign_in.profile.value is not None)
    window.sign_in.sign_in_as("ayse.admin", PASSWORD)
    driver.qtbot.waitUntil(lambda: window.workspace is not None and window.workspace.work is not None)
    workspace, lab = window.workspace, driver.sign_in.labs[0]
    slow: Any = SlowDocuments(workspace.work.documents)
    workspace.work.documents = slow
    (tmp_path / "a.txt").write_text("a")
    workspace.tabs.documents.add_paths([tmp_path / "a.txt"])
    assert slow.began.wait(20)
    window.lock()
    assert "Files are still being added" in seen(driver)
    driver.qtbot.waitUntil(lambda: not any(job.lane.name == "READ" for job in threaded_jobs._running))
    assert not lab.closed, "a batch that is cut off would be lost work"
    slow.may_end.set()
    driver.qtbot.waitUntil(lambda: lab.closed)
    assert window.locking.is_on
    assert "Files are still being added" not in seen(driver)
    unlock(window)
    driver.qtbot.waitUntil(lambda: not window.locking.is_on)
    driver.qtbot.waitUntil(lambda: threaded_jobs.running == 0)
    assert [row.title for row in workspace.tabs.documents.records.model.rows] == ["a.txt"]
    del workspace, slow


class Hands:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.steady = self.wall = 1_000.0

    def clock(self) -> Clock:
        return Clock(lambda: self.steady, lambda: self.wall)

    def pass_by(self, seconds: float, *, asleep: bool = False) -> None:
        self.wall += seconds
        self.steady += 0 if asleep else seconds


def idling(driver: WindowDriver, hands: Hands, minutes: int = 10) -> Any:
    save_settings(driver.settings_file, Settings(idle_lock_minutes=minutes))
    working(driver)
    window: Any = driver.window
    window.idle._clock = hands.clock()
    window.idle.start()
    return window


def wait_in_steps(window: Any, hands: Hands, seconds: int) -> None:
    for _ in range(0, seconds, 30):
        hands.pass_by(30)
        window.idle.look()


def test_nobody_there_for_the_chosen_time_locks(driver: WindowDriver) -> None:
    hands = Hands()
    window = idling(driver, hands)
    wait_in_steps(window, hands, 9 * 60 + 30)
    assert not window.locking.is_on
    wait_in_steps(window, hands, 30)
    assert window.locking.is_on
    unlock(window)
    window.idle.look()
    assert not window.locking.is_on, "who has just unlocked it is here"


def inputs() -> dict[str, QEvent]:
    button, none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    mime = QMimeData()
    return {
        "mouse": QMouseEvent(QEvent.Type.MouseMove, QPointF(5, 5), QPointF(5, 5), button, button, none),
        "key": QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, none),
        "drag": QDragMoveEvent(QPoint(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, none),
    }


@pytest.mark.parametrize("kind", ["mouse", "key", "drag"])
def test_whoever_moves_something_is_there(driver: WindowDriver, kind: str) -> None:
    hands = Hands()
    window = idling(driver, hands)
    wait_in_steps(window, hands, 9 * 60)
    QApplication.sendEvent(window.windowHandle(), inputs()[kind])
    wait_in_steps(window, hands, 9 * 60)
    assert not window.locking.is_on
    wait_in_steps(window, hands, 60)
    assert window.locking.is_on


def test_typing_in_a_dialog_counts(driver: WindowDriver) -> None:
    hands = Hands()
    window = idling(driver, hands)
    window.workspace.tabs.documents.edit.click()
    dialog = driver.dialog(DocumentDialog)
    driver.qtbot.waitUntil(lambda: QApplication.focusWindow() is dialog.windowHandle())
    wait_in_steps(window, hands, 9 * 60)
    QApplication.sendEvent(dialog.windowHandle(), inputs()["mouse"])
    wait_in_steps(window, hands, 9 * 60)
    assert not window.locking.is_on
    dialog.reject()


def test_never_is_never_but_for_a_computer_that_slept(driver: WindowDriver) -> None:
    hands = Hands()
    window = idling(driver, hands, minutes=0)
    wait_in_steps(window, hands, 24 * 3600)
    assert not window.locking.is_on
    hands.pass_by(3600, asleep=True)
    window.idle.look()
    assert window.locking.is_on


def test_nobody_is_locked_out_of_the_sign_in_page(driver: WindowDriver) -> None:
    window: Any = driver.open()
    window.lock()
    assert not window.locking.is_on
    assert window.sign_in.isVisible()
    assert not window.idle._timer.isActive()


def test_the_watch_notices_in_the_real_time(qapp: QApplication, driver: WindowDriver) -> None:
    hands = Hands()
    watch = IdleWatch(qapp, hands.clock())
    watch.set_minutes(1)
    watch._timer.setInterval(1)
    watch.start()
    hands.pass_by(61)
    with driver.qtbot.waitSignal(watch.left_alone, timeout=20_000):
        pass
    assert not watch._timer.isActive()
