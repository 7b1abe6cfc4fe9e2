"""What nobody foresaw: a banner, details without a name in them, the log, and no flood."""

import io
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop_app import log
from desktop_app.ui.dialogs.error_details import ErrorDetailsDialog
from desktop_app.ui.shell.main_window import MainWindow
from desktop_app.ui.shell.unexpected import MOST, PAUSE, Unexpected
from desktop_app.window_program import watch_unexpected
from tests.ui.window_fixture import WindowDriver

PATIENT = "Ayşe Yılmaz, P-1031"
SECRET = "gAAAAABkQ2hhbmdlTWVQbGVhc2VDaGFuZ2VNZQ=="


@pytest.fixture
def hooks() -> Iterator[None]:
    kept = sys.excepthook, threading.excepthook
    yield
    sys.excepthook, threading.excepthook = kept


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    yield log.set_up(tmp_path / "log")
    log.shut_down()


def fail_in_a_slot() -> None:
    QTimer.singleShot(0, lambda: int(f"{PATIENT} {SECRET}"))
    QCoreApplication.processEvents()


def enter(driver: WindowDriver) -> MainWindow:
    driver.enter()
    assert driver.window is not None
    watch_unexpected(driver.window.unexpected)
    return driver.window


def banner(driver: WindowDriver) -> str:
    assert driver.window is not None
    return driver.window.workspace.banner.text if driver.window.workspace else driver.window.sign_in.banner.text


def test_a_slot_that_fails_is_told_with_details_to_copy(
    driver: WindowDriver, hooks: None, log_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    window = enter(driver)
    fail_in_a_slot()
    driver.qtbot.waitUntil(lambda: banner(driver).startswith("Something unexpected happened."))
    assert window.workspace is not None
    window.workspace.banner._on_step()
    dialog = driver.dialog(ErrorDetailsDialog)
    dialog.copy.click()
    copied = QGuiApplication.clipboard().text()
    dialog.accept()
    log.shut_down()
    for text in (copied, log_file.read_text("utf-8"), capsys.readouterr().err):
        assert "ValueError" in text
        assert "test_unexpected.py" in text
        assert "P-1031" not in text
        assert SECRET not in text
    assert "Labkeep 0" in copied


def test_a_thread_that_fails_is_told_on_the_gui_thread(driver: WindowDriver, hooks: None, log_file: Path) -> None:
    window = enter(driver)
    threads = []
    window.unexpected.met.connect(lambda _text: threads.append(threading.current_thread()))
    thread = threading.Thread(target=lambda: dict[str, str]()[PATIENT])
    thread.start()
    thread.join()
    driver.qtbot.waitUntil(lambda: banner(driver).startswith("Something unexpected happened."))
    assert threads == [threading.main_thread()]
    assert "KeyError" in log_file.read_text("utf-8")
    assert "P-1031" not in log_file.read_text("utf-8")


def test_who_looks_at_a_terminal_sees_all_of_it(
    driver: WindowDriver, hooks: None, log_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    enter(driver)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    fail_in_a_slot()
    assert "P-1031" in terminal.getvalue()


def test_before_the_sign_in_and_on_the_lock_page_it_is_said_there(
    driver: WindowDriver, hooks: None, log_file: Path
) -> None:
    window = driver.open()
    watch_unexpected(window.unexpected)
    fail_in_a_slot()
    driver.qtbot.waitUntil(lambda: window.sign_in.banner.text.startswith("Something unexpected happened."))
    window.sign_in.sign_in_as("ayse.admin", "quiet tulip harbour")
    driver.wait_for_workspace()
    window.lock()
    threading.excepthook(threading.ExceptHookArgs((RuntimeError, RuntimeError(PATIENT), None, None)))
    driver.qtbot.waitUntil(lambda: window.locking.page.banner.text.startswith("Something unexpected happened."))
    notice = window.locking.page.banner.notice
    assert notice is not None
    assert notice.act is None, "nobody opens a dialog over the lock"


def test_what_happens_again_and_again_is_told_once_a_minute(log_file: Path) -> None:
    now = [1000.0]
    unexpected = Unexpected(clock=lambda: now[0])
    told: list[str] = []
    unexpected.met.connect(told.append)

    def fail(number: int) -> None:
        try:
            exec(compile(f"\n{'pass' + chr(10)}" * number + "1 / 0", f"place {number}", "exec"))
        except ZeroDivisionError as error:
            unexpected.take(error, "a slot")

    for _ in range(50):
        fail(1)
    QCoreApplication.processEvents()
    assert len(told) == 1
    for number in range(2, 30):
        fail(number)
    QCoreApplication.processEvents()
    assert len(told) == MOST
    assert log_file.read_text("utf-8").count("CRITICAL") == MOST
    now[0] += PAUSE
    fail(1)
    QCoreApplication.processEvents()
    assert len(told) == MOST + 1


def test_drawing_that_fails_each_time_neither_floods_nor_loops(
    driver: WindowDriver, hooks: None, log_file: Path
) -> None:
    class Broken(QWidget):
        drawn = 0

        def paintEvent(self, _event: object) -> None:
            Broken.drawn += 1
            raise RuntimeError(PATIENT)

    window = enter(driver)
    assert window.workspace is not None
    broken = Broken(window.workspace)
    broken.setGeometry(0, 0, 50, 50)
    broken.show()
    for _ in range(20):
        broken.update()
        QCoreApplication.processEvents()
    driver.qtbot.waitUntil(lambda: banner(driver).startswith("Something unexpected happened."))
    broken.hide()
    assert Broken.drawn >= 20
    assert log_file.read_text("utf-8").count("CRITICAL") == 1


def test_an_error_that_cannot_even_be_described_is_no_other_error() -> None:
    class StubbornError(Exception):
        @property
        def __cause__(self) -> BaseException:  # type: ignore[override]  # no sane error does that
            raise RuntimeError("no")

    assert Unexpected().take(StubbornError(), "a slot") == "StubbornError"
