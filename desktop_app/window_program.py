"""The window as a program: Qt's application, the window, and what they hear from the system and the desktop."""

import logging
import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from desktop_app import __version__
from desktop_app.deferred import deferred, load
from desktop_app.ui.foundation.garbage import GarbageCollector
from desktop_app.ui.foundation.jobs import Jobs, Lane
from desktop_app.ui.shell import application
from desktop_app.ui.shell.exit_signals import ExitSignals
from desktop_app.ui.shell.labkeep_application import LabkeepApplication
from desktop_app.ui.shell.main_window import MainWindow
from desktop_app.ui.shell.startup_services import LaunchOptions, Outcome, Registration, StartupServices
from desktop_app.ui.shell.unexpected import Unexpected

if TYPE_CHECKING:
    from desktop_app.ui.shell import deferred_parts, one_window, other_starts, silent_window
else:
    # A way to other windows is needed where there are some, and one to this window once its first page is seen.
    deferred_parts = deferred("desktop_app.ui.shell.deferred_parts")
    one_window = deferred("desktop_app.ui.shell.one_window")
    other_starts = deferred("desktop_app.ui.shell.other_starts")
    silent_window = deferred("desktop_app.ui.shell.silent_window")

LOGGER = logging.getLogger(__name__)
LATEST_MS = 3000
"""A window that begins minimized is not painted. Another start waits a little longer for one that listens."""


def run(startup: StartupServices, options: LaunchOptions) -> int:
    """Open the window and stay until it is closed; Qt's exit status.

    Where a window is open already for what is asked, that one comes to the front instead: 0, or 1 where it is silent.
    """
    qt = application.make_application(["labkeep"])
    with startup.windows.looking():
        others = startup.windows.addresses()
        outcome = one_window.hand_over(others, options) if others else Outcome.NONE
        entry = startup.windows.register() if outcome is Outcome.NONE else None
    if outcome is Outcome.TAKEN:
        LOGGER.info("Another window took this start over.")
        return 0
    if outcome is Outcome.SILENT:
        return _say_silent(qt)
    try:
        return _open(qt, startup, options, entry)
    finally:
        if entry is not None:
            entry.close()


def _open(qt: LabkeepApplication, startup: StartupServices, options: LaunchOptions, entry: Registration | None) -> int:
    garbage = GarbageCollector(qt)
    jobs = Jobs()
    window = MainWindow(startup, jobs, application.Look(qt), options)
    window.opens_today = True
    watch_unexpected(window.unexpected)
    listen(qt, window)
    if entry is not None:
        window.opened.connect(lambda: _prepare_to_hear(jobs, window, entry))
    # On macOS nothing is started for a file or a link while the program runs.
    qt.opening_asked.connect(lambda text: _take_over(window, LaunchOptions(target=text)))
    LOGGER.info("The window opens, version %s.", __version__)
    window.show()
    QTimer.singleShot(LATEST_MS, window, window.say_opened)
    status = qt.exec()
    jobs.close()
    garbage.close()
    watch_no_more()
    LOGGER.info("The window is closed.")
    return status


def _prepare_to_hear(jobs: Jobs, window: MainWindow, entry: Registration) -> None:
    """Load what that needs beside the window, in which somebody types already."""

    def work() -> None:
        for module in (one_window, other_starts):
            load(module)

    jobs.read(window, "other starts", work, lambda _none: _hear_other_starts(window, entry), lane=Lane.LOCAL)


def _hear_other_starts(window: MainWindow, entry: Registration) -> None:
    """Who comes before, tries again meanwhile."""
    starts = other_starts.OtherStarts(window)
    listener = one_window.WindowListener(entry.address, starts.takes, window)
    listener.asked.connect(starts.take_over)


def _take_over(window: MainWindow, options: LaunchOptions) -> None:
    other_starts.OtherStarts(window).take_over(options)


def _say_silent(qt: QApplication) -> int:
    LOGGER.warning("Another window is open and does not answer.")
    if sys.stderr is not None:
        sys.stderr.write(f"labkeep: {silent_window.silent_sentence()}\n")
        sys.stderr.flush()
    application.Look(qt)
    window = silent_window.SilentWindow()
    window.show()
    qt.exec()
    return 1


def listen(qt: QApplication, window: MainWindow) -> None:
    """Let the window hear what the system and the desktop say."""
    ending = ExitSignals(qt)
    ending.told.connect(window.close_at_once)
    ending.session_ending.connect(window.save_layout)
    # Before anybody is signed in there is nothing to lock.
    window.workspace_opened.connect(lambda: _hear_desktop(window), Qt.ConnectionType.SingleShotConnection)


def _hear_desktop(window: MainWindow) -> None:
    desktop = deferred_parts.DesktopSignals(window)
    desktop.leaving.connect(window.lock)
    desktop.listen()


def watch_unexpected(unexpected: Unexpected) -> None:
    """Bring what nobody caught, in a slot or a thread, into the log and before the person.

    Who started the window from a terminal sees all of it there; where standard error is a file or the system's
    journal, which others may read, it gets no more than the log.
    """

    def say(error: BaseException, where: str) -> None:
        described = unexpected.take(error, where)
        if sys.stderr is not None and sys.stderr.isatty():
            sys.__excepthook__(type(error), error, error.__traceback__)
        elif sys.stderr is not None:
            sys.stderr.write(f"Traceback, without values:\n{described}\n")

    def in_a_slot(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        say(error, "a slot")

    def in_a_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            say(args.exc_value, "a thread")

    sys.excepthook = in_a_slot
    threading.excepthook = in_a_thread


def watch_no_more() -> None:
    """Python's own hooks again: the window is gone."""
    sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__
