"""The window's entry point: ``labkeep``, or ``python -m desktop_app``."""

import argparse
import logging
import sys
import threading
from collections.abc import Sequence
from types import TracebackType

from PySide6.QtWidgets import QApplication

from desktop_app import __version__, bootstrap, log
from desktop_app.core_dumps import forbid_core_dumps
from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.shell import application
from desktop_app.ui.shell.desktop_signals import DesktopSignals
from desktop_app.ui.shell.exit_signals import ExitSignals
from desktop_app.ui.shell.main_window import MainWindow
from desktop_app.ui.shell.startup_services import LaunchOptions, StartupServices
from desktop_app.ui.shell.unexpected import Unexpected

LOGGER = logging.getLogger("desktop_app.window")  # __name__ is __main__ here, of which the log knows nothing
NO_DISPLAY = "There is no display to open a window on; `make tour` shows Labkeep without one."


def parse(arguments: Sequence[str]) -> LaunchOptions:
    """What the command line asks for; leaves with status 2 on wrong usage."""
    parser = argparse.ArgumentParser(prog="labkeep", description="Open the Labkeep window.")
    parser.add_argument("--version", action="version", version=f"labkeep {__version__}")
    parser.add_argument(
        "--demo", action="store_true", help="make the demo if there is none, and sign in to it as its administrator"
    )
    parser.add_argument("--profile", default="", metavar="NAME", help="the installation to sign in to")
    parser.add_argument("--center", default="", metavar="CENTER", help="the center to open: name, short name or id")
    given = parser.parse_args(list(arguments))
    return LaunchOptions(demo=given.demo, profile=given.profile, center=given.center)


def startup(app: bootstrap.App) -> StartupServices:
    """The window's door into a wired program."""
    return StartupServices(
        profiles=app.profiles,
        sign_in=app.sign_in,
        set_up=app.set_up,
        demo=app.demo,
        open_with=app.open_with,
        memory_file=app.paths.state_dir / "window.ini",
        settings_file=app.paths.settings_file,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed; 1 where there is no display or the program is incomplete."""
    forbid_core_dumps()
    options = parse(sys.argv[1:] if arguments is None else arguments)
    environment = application.environment()
    if application.display_is_missing(environment):
        sys.stderr.write(f"labkeep: {NO_DISPLAY}\n")
        return 1
    try:
        app = bootstrap.build(environment)
        log.set_up(app.paths.log_dir)
        qt = application.make_application(["labkeep"])
        jobs = Jobs()
        window = MainWindow(startup(app), jobs, application.Look(qt), options)
        watch_unexpected(window.unexpected)
        listen(qt, window)
    except LabkeepError as error:
        sys.stderr.write(f"labkeep: {error}\n")
        return 1
    LOGGER.info("The window opens, version %s.", __version__)
    window.show()
    status = qt.exec()
    jobs.close()
    app.close()
    watch_no_more()
    LOGGER.info("The window is closed.")
    log.shut_down()
    return status


def listen(qt: QApplication, window: MainWindow) -> None:
    """Let the window hear what the system and the desktop say."""
    ending = ExitSignals(qt)
    ending.told.connect(window.close_at_once)
    ending.session_ending.connect(window.save_layout)
    desktop = DesktopSignals(window)
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


if __name__ == "__main__":
    sys.exit(main())
