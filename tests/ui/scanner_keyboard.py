"""A scanner and a person at the keyboard of the real window, and what their tests begin with."""

from typing import Protocol

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.domain.rights import Standing
from desktop_app.ui.shell.workspace import Workspace
from tests.ui.fake_services import Lab
from tests.ui.made_records import sample
from tests.ui.window_fixture import Shown, WindowDriver

FAST, SLOW = 6, 90
CODES = [f"20261121-{number:04}" for number in range(1, 8)]
FIRST, SECOND, UNKNOWN = CODES[0], CODES[1], "XQ-998877"


def fill(lab: Lab) -> None:
    lab.sample_rows = [sample(number, name=f"Tube {number}") for number in range(1, 8)]


class Windowed(Protocol):
    """What drives a window."""

    @property
    def window(self) -> QWidget | None:
        """The window."""


class Keyboard:
    """Keys with the times of a scanner or a person, sent where a keyboard's go: to the window that has the focus."""

    def __init__(self, driver: Windowed) -> None:
        self._driver = driver
        self.now = 10_000

    @property
    def target(self) -> QWidget:
        """Where keys go on a platform without a window manager, which may give the focus to nobody."""
        modal = QApplication.activeModalWidget()
        assert self._driver.window is not None
        return modal or self._driver.window

    def scan(self, code: str, gap: int = FAST, end: int = Qt.Key.Key_Return) -> None:
        self.type(code, gap)
        self.press(end, "\r" if end != Qt.Key.Key_Tab else "\t", gap)
        self.now += 1_000

    def type(self, text: str, gap: int = FAST) -> None:
        for letter in text:
            shift = Qt.KeyboardModifier.ShiftModifier if letter.isupper() else Qt.KeyboardModifier.NoModifier
            if letter.isupper():
                self.press(Qt.Key.Key_Shift, "", 0, shift)
            self.press(ord(letter.upper()), letter, gap, shift)

    def press(
        self,
        key: int,
        text: str,
        gap: int = FAST,
        held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
        *,
        repeats: bool = False,
    ) -> None:
        self.now += gap
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            window = QApplication.focusWindow() or self.target.windowHandle()
            event = QKeyEvent(kind, key, held, text, repeats)
            event.setTimestamp(self.now)
            QCoreApplication.sendEvent(window, event)


def enter(driver: WindowDriver, standing: Standing = Standing.USER) -> Workspace:
    workspace = driver.enter(standing, fill)
    workspace.show_tab(workspace.tabs.samples)
    return workspace


def opened(driver: WindowDriver, kind: type[Shown]) -> Shown:
    """The dialog, once the keyboard is its."""
    dialog = driver.dialog(kind)
    driver.qtbot.waitUntil(lambda: QApplication.activeWindow() is dialog)
    return dialog


def settle(driver: WindowDriver) -> None:
    """Until nothing is held back and what was scanned was looked up."""
    assert driver.window is not None
    listener = driver.window.scanner
    driver.qtbot.waitUntil(
        lambda: not listener._held and not listener._key_timer.isActive() and not listener._rest.isActive()
    )
    QCoreApplication.processEvents()
