"""Drives the real window as a person does, by mouse, keys and drops: for the tour, the pictures and the tests.

Nothing here waits a fixed time: `until` looks again as long as the thing it waits for has not happened.
"""

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QEventLoop,
    QLocale,
    QMessageLogContext,
    QMimeData,
    QPoint,
    QPointF,
    Qt,
    QTimer,
    QtMsgType,
    QUrl,
    qInstallMessageHandler,
)
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFontDatabase,
    QInputMethodEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from desktop_app import bootstrap
from desktop_app.server.launcher import BuiltinServer
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.shell import application
from desktop_app.ui.shell.application import Look
from desktop_app.ui.shell.main_window import MainWindow
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.widgets.actions import ActionButton, LiveAction
from desktop_app.ui.widgets.center_choice import CenterChoice
from desktop_app.ui.widgets.center_switcher import CenterPopup
from desktop_app.ui.widgets.drop_overlay import DropTarget
from desktop_app.ui.widgets.field import ChoiceBox, Field

TIMEOUT = 60.0
"""Seconds, on a machine that has other work too."""
LOCALE = "en_GB"
# Without it the offscreen screen has 800 x 800 pixels, and dialogs are pushed aside to lie on it.
SCREEN = {"name": "tour", "x": 0, "y": 0, "width": 1920, "height": 1080, "logicalDpi": 96, "dpr": 1.0}
FAMILIES = ("Noto Sans", "DejaVu Sans")
Value = TypeVar("Value")
Dialog = TypeVar("Dialog", bound=QDialog)


class DriveError(Exception):
    """The window did not do what was waited for; one sentence."""


def make_application() -> QApplication:
    """The application for programs without a display, with a font that has every letter and a locale of people."""
    qInstallMessageHandler(_tell)
    with tempfile.NamedTemporaryFile("w", prefix="labkeep-screen-", suffix=".json") as screen:
        json.dump({"screens": [SCREEN]}, screen)
        screen.flush()
        if os.environ.get("QT_QPA_PLATFORM", "offscreen") == "offscreen":
            os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screen.name}"
        made = application.make_application(["labkeep"], [LOCALE])
    QLocale.setDefault(QLocale(LOCALE))
    present = set(QFontDatabase.families())
    family = next((each for each in FAMILIES if each in present), None)
    if family is None:
        raise DriveError(f"No proper font is installed; one of these is needed: {', '.join(FAMILIES)}.")
    font = made.font()
    font.setFamily(family)
    made.setFont(font)
    return made


def _tell(_kind: QtMsgType, _where: QMessageLogContext, text: str) -> None:
    # The offscreen platform says for each window what only a window manager could do.
    if not text.startswith("This plugin does not support"):
        sys.stderr.write(f"{text}\n")


def until(condition: Callable[[], Value | None], what: str, seconds: float = TIMEOUT) -> Value:
    """Let the window live until *condition* is true and return what it gave; DriveError says *what* did not happen."""
    end = time.monotonic() + seconds
    # Sleeps until an event comes, but looks again after 10 ms: files and threads send none.
    wake = QTimer(interval=10)
    wake.start()
    try:
        while not (value := condition()):
            if time.monotonic() >= end:
                raise DriveError(f"This did not happen within {seconds:.0f} seconds: {what}.")
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            _bury()
    finally:
        wake.stop()
    return value


def _bury() -> None:
    """Delete what asked for it: outside of exec(), Qt keeps such objects for ever."""
    QCoreApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))


def click(button: QAbstractButton | LiveAction[Any]) -> None:
    """Press a button in its middle, or that of an action; DriveError says why it cannot be pressed."""
    if isinstance(button, LiveAction):
        _do(button)
        return
    words = button.text().replace("&", "") or button.accessibleName()
    if not button.isVisible():
        raise DriveError(f"The button “{words}” is not to be seen.")
    if not button.isEnabled():
        raise DriveError(f"The button “{words}” cannot be pressed: {button.toolTip()}")
    # A check box is as wide as its column; what counts is its left end.
    spot = (
        button.rect().center() if button.text() == "" or not button.isCheckable() else QPoint(8, button.height() // 2)
    )
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)


def _do(action: LiveAction[Any]) -> None:
    """By its button where it has one at the moment, else as from the menu behind ⋯."""
    owner = action.parent()
    assert isinstance(owner, QWidget)
    faces = (each for each in owner.findChildren(ActionButton) if each.action is action and each.isVisible())
    if (face := next(faces, None)) is not None:
        click(face)
        return
    if not action.isVisible():
        raise DriveError(f"“{action.words}” is not to be seen.")
    if not action.isEnabled():
        raise DriveError(f"“{action.words}” cannot be done: {action.toolTip()}")
    action.trigger()


def write(editor: QLineEdit | QPlainTextEdit, text: str) -> None:
    """Replace what stands in a field, the way an input method does, which knows every letter."""
    editor.setFocus()
    editor.selectAll()
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    if text:
        typed = QInputMethodEvent()
        typed.setCommitString(text)
        QApplication.sendEvent(editor, typed)


def fill(field: Field, value: object) -> None:
    """Write into a form's field, or choose in it."""
    editor = field.editor
    if isinstance(editor, CenterChoice) and editor.findText(str(value)) < 0:
        _find_center(editor, str(value))
    elif isinstance(editor, ChoiceBox):
        at = editor.findText(str(value), Qt.MatchFlag.MatchStartsWith)
        if at < 0:
            raise DriveError(f"“{value}” is not offered in “{editor.accessibleName()}”.")
        editor.setCurrentIndex(at)
    elif isinstance(editor, QLineEdit | QPlainTextEdit):
        write(editor, str(value))
    else:
        raise DriveError(f"Nobody types into “{editor.accessibleName()}”.")


def _find_center(choice: CenterChoice, name: str) -> None:
    """Open the search, type, and take the first that is found."""
    choice.showPopup()
    popup = next((each for each in choice.findChildren(CenterPopup) if each.isVisible()), None)
    if popup is None:
        raise DriveError("The search for a center does not open.")
    popup.search.setText(name)
    until(lambda: name in str(popup.list.currentIndex().data()), f"{name} is found")
    press(popup.search, Qt.Key.Key_Return)


def press(widget: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press and let go of a key."""
    QTest.keyClick(widget, key, modifiers)


class Drag:
    """Files held over a target, from entering it to leaving or dropping; the data lives as long as the drag."""

    def __init__(self, target: DropTarget, paths: Sequence[Path]) -> None:
        self._target = target
        self._widget = cast("QWidget", target.parent())
        self._mime = QMimeData()
        self._mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        self._at = self._widget.rect().center()
        self.is_taken = self._enter() and self._move()

    @property
    def said(self) -> str:
        """What the overlay says."""
        return self._target.overlay.text

    def _arguments(self, at: QPoint) -> tuple[Any, ...]:
        # With Shift held a file manager would take its files away after the drop.
        offered = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
        return (at, offered, self._mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier)

    def _enter(self) -> bool:
        event = QDragEnterEvent(*self._arguments(QPoint(1, 1)))
        QApplication.sendEvent(self._widget, event)
        return event.isAccepted()

    def _move(self) -> bool:
        event = QDragMoveEvent(*self._arguments(self._at))
        QApplication.sendEvent(self._widget, event)
        return event.isAccepted()

    def drop(self) -> bool:
        """Let go; whether the widget took it, and left the files where they are."""
        at, *rest = self._arguments(self._at)
        event = QDropEvent(QPointF(at), *rest)
        # What enters with "not accepted" is how Qt itself hands a drop on.
        event.setAccepted(False)
        QApplication.sendEvent(self._widget, event)
        return event.isAccepted() and event.dropAction() == Qt.DropAction.CopyAction

    def leave(self) -> None:
        """Go away without dropping."""
        QApplication.sendEvent(self._widget, QDragLeaveEvent())


class Program:
    """One start of the real program on one home, from the empty window to the last thread.

    With *demo* the demo is there before it starts, at the page where one signs in.
    """

    def __init__(self, home: Path, look: Look, *, demo: bool = False, width: int = 1280, height: int = 800) -> None:
        self.home = home
        self.look = look
        self.app = bootstrap.build({"LABKEEP_HOME": str(home)})
        if demo:
            self.app.demo.make()
        self.jobs = Jobs()
        self.window = MainWindow(self.app, self.jobs, look)
        # What is driven has neither mouse nor keyboard, and would be locked in the middle of something.
        self.window.idle.set_minutes(0)
        self.window.resize(width, height)
        self.window.show()
        QTest.qWaitForWindowExposed(self.window)

    @property
    def workspace(self) -> Workspace:
        """The signed-in person's part of the window."""
        if self.window.workspace is None:
            raise DriveError("Nobody is signed in.")
        return self.window.workspace

    def settle(self) -> None:
        """Wait until nothing is being read or written and everything is drawn."""

        def quiet() -> bool:
            QCoreApplication.processEvents()
            _bury()
            # Who signed in is not there before his page is made.
            return self.jobs.running == 0 and not self.window.sign_in.verb.is_busy

        until(quiet, "the window comes to rest")
        until(quiet, "the window comes to rest")

    def dialog(self, kind: type[Dialog]) -> Dialog:
        """The dialog of this kind that is open, as soon as it is."""

        def find() -> Dialog | None:
            found = [each for each in self.window.findChildren(kind) if each.isVisible()]
            return found[-1] if found else None

        return until(find, f"a {kind.__name__} opens")

    def has_dialog(self, kind: type[QDialog] = QDialog) -> bool:
        """Whether one of this kind is open now."""
        return any(each.isVisible() for each in self.window.findChildren(kind))

    def answer_file_dialog(self, path: Path) -> None:
        """Name a file in the file dialog that is open, and accept it."""
        dialog = self.dialog(QFileDialog)
        dialog.setDirectory(str(path.parent))
        line = dialog.findChild(QLineEdit, "fileNameEdit")
        box = dialog.findChild(QDialogButtonBox)
        if line is None or box is None:
            raise DriveError("The file dialog is not Qt's own.")
        accept = next(b for b in box.buttons() if box.buttonRole(b) == QDialogButtonBox.ButtonRole.AcceptRole)

        def named() -> bool:
            # The dialog reads the folder on a thread, and looks at the name only while it is typed.
            if line.text() != str(path) or not accept.isEnabled():
                write(line, str(path))
            return accept.isEnabled()

        until(named, "the file dialog takes the name")
        click(accept)
        until(lambda: not self.has_dialog(QFileDialog), "the file dialog closes")

    def close(self) -> None:
        """Close the window as a person does and take everything down, as the program's end does."""
        self.window.close()
        if self.window.isVisible():
            raise DriveError("The window did not close; it asks something.")
        if not self.jobs.close(TIMEOUT):
            raise DriveError("Some work did not end with the program.")
        self.app.close()
        self.window.deleteLater()
        for _ in range(3):
            _bury()
            QCoreApplication.processEvents()

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self.close()
            return
        # The failure that brought us here is the one to be told; what is left only has to end.
        for each in self.window.findChildren(QDialog):
            each.hide()
        if self.window.workspace is not None:
            self.window.workspace.transfers.cancel()
        self.window.hide()
        self.jobs.close(TIMEOUT)
        self.app.close()
        self.window.deleteLater()


def leave_dialogs(program: Program) -> None:
    """Escape from what is open; "Leave without saving?" is answered with yes."""

    def left() -> bool:
        open_now = [each for each in program.window.findChildren(QDialog) if each.isVisible()]
        if not open_now:
            return True
        dialog = open_now[-1]
        if isinstance(dialog, Confirm) and len(open_now) > 1:
            click(dialog.verb)
        else:
            press(dialog, Qt.Key.Key_Escape)
        return False

    until(left, "the dialogs close")
    program.settle()


def stop_servers(home: Path) -> None:
    """Stop the built-in servers of a home and remove their data."""
    for data in (home / "data", home / "data" / "demo"):
        if (data / "server").exists():
            BuiltinServer(data / "server").remove()


@contextmanager
def temporary_home() -> Iterator[Path]:
    """A home that nobody else uses, taken away at the end."""
    home = Path(tempfile.mkdtemp(prefix="labkeep-tour-"))
    try:
        yield home
    finally:
        stop_servers(home)
        shutil.rmtree(home, ignore_errors=True)
