"""The window's entry point: ``labkeep``, or ``python -m desktop_app``."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from desktop_app import __version__
from desktop_app.core_dumps import forbid_core_dumps
from desktop_app.deferred import deferred
from desktop_app.errors import LabkeepError
from desktop_app.ui.shell.startup_services import LaunchOptions

if TYPE_CHECKING:
    from desktop_app import bootstrap, log, window_program
else:
    # Words for the terminal need no window.
    bootstrap = deferred("desktop_app.bootstrap")
    log = deferred("desktop_app.log")
    window_program = deferred("desktop_app.window_program")

NO_DISPLAY = "There is no display to open a window on; `make tour` shows Labkeep without one."


def parse(arguments: Sequence[str]) -> LaunchOptions:
    """What the command line asks for; leaves with status 2 on wrong usage."""
    if not arguments:
        return LaunchOptions()  # the usual start; a parser also looks for translations of its own
    parser = argparse.ArgumentParser(prog="labkeep", description="Open the Labkeep window.")
    parser.add_argument("--version", action="version", version=f"labkeep {__version__}")
    parser.add_argument(
        "--demo", action="store_true", help="make the demo if there is none, and sign in to it as its administrator"
    )
    parser.add_argument("--profile", default="", metavar="NAME", help="the installation to sign in to")
    parser.add_argument("--center", default="", metavar="CENTER", help="the center to open: name, short name or id")
    parser.add_argument(
        "target", nargs="?", default="", metavar="FILE|LINK", help="a .labkeep-profile to keep, or a labkeep:// link"
    )
    given = parser.parse_args(list(arguments))
    return LaunchOptions(demo=given.demo, profile=given.profile, center=given.center, target=given.target)


def display_is_missing(environment: Mapping[str, str]) -> bool:
    """Whether Qt would abort because this Linux session has no display and none was asked for."""
    if not sys.platform.startswith("linux") or environment.get("QT_QPA_PLATFORM"):
        return False
    return not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed; 1 where there is no display or the program is incomplete."""
    forbid_core_dumps()
    options = parse(sys.argv[1:] if arguments is None else arguments)
    if display_is_missing(os.environ):
        sys.stderr.write(f"labkeep: {NO_DISPLAY}\n")
        return 1
    try:
        app = bootstrap.build(os.environ)
        log.set_up(app.paths.log_dir)
        status = window_program.run(app, options)
        app.close()
    except LabkeepError as error:
        sys.stderr.write(f"labkeep: {error}\n")
        return 1
    log.shut_down()
    return status


if __name__ == "__main__":
    sys.exit(main())
