"""The window's entry point: ``labkeep``, or ``python -m desktop_app``."""

import argparse
import logging
import sys
from collections.abc import Sequence
from types import TracebackType

from PySide6.QtWidgets import QApplication

from desktop_app import __version__, bootstrap, log
from desktop_app.errors import LabkeepError
from desktop_app.ui import application
from desktop_app.ui.desktop_signals import DesktopSignals
from desktop_app.ui.ending import Ending
from desktop_app.ui.entrance import Entrance, Wish
from desktop_app.ui.jobs import Jobs
from desktop_app.ui.main_window import MainWindow

LOGGER = logging.getLogger("desktop_app.window")  # __name__ is __main__ here, of which the log knows nothing
NO_DISPLAY = "There is no display to open a window on; `make tour` shows Labkeep without one."


def parse(arguments: Sequence[str]) -> Wish:
    """What the command line asks for; leaves with status 2 on wrong usage."""
    parser = argparse.ArgumentParser(prog="labkeep", description="Open the Labkeep window.")
    parser.add_argument("--version", action="version", version=f"labkeep {__version__}")
    parser.add_argument(
        "--demo", action="store_true", help="make the demo if there is none, and sign in to it as its administrator"
    )
    parser.add_argument("--profile", default="", metavar="NAME", help="the installation to sign in to")
    parser.add_argument("--center", default="", metavar="CENTER", help="the center to open: name, short name or id")
    given = parser.parse_args(list(arguments))
    return Wish(demo=given.demo, profile=given.profile, center=given.center)


def entrance(app: bootstrap.App) -> Entrance:
    """The window's door into a wired program."""
    return Entrance(
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
    wish = parse(sys.argv[1:] if arguments is None else arguments)
    environment = application.environment()
    if application.display_is_missing(environment):
        sys.stderr.write(f"labkeep: {NO_DISPLAY}\n")
        return 1
    try:
        app = bootstrap.build(environment)
        log.set_up(app.paths.log_dir)
        sys.excepthook = note_unexpected
        qt = application.make_application(["labkeep"])
        jobs = Jobs()
        window = MainWindow(entrance(app), jobs, application.Look(qt), wish)
        listen(qt, window)
    except LabkeepError as error:
        sys.stderr.write(f"labkeep: {error}\n")
        return 1
    LOGGER.info("The window opens, version %s.", __version__)
    window.show()
    status = qt.exec()
    jobs.close()
    app.close()
    LOGGER.info("The window is closed.")
    log.shut_down()
    return status


def listen(qt: QApplication, window: MainWindow) -> None:
    """Let the window hear what the system and the desktop say."""
    ending = Ending(qt)
    ending.told.connect(window.close_at_once)
    ending.session_ending.connect(window.keep)
    desktop = DesktopSignals(window)
    desktop.leaving.connect(window.lock)
    desktop.listen()


def note_unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Put what nobody caught into the log, without its text, and say it on standard error as Python does."""
    LOGGER.critical("Something that nobody expected happened in the window.", exc_info=(kind, error, trace))
    sys.__excepthook__(kind, error, trace)


if __name__ == "__main__":
    sys.exit(main())
