"""Labkeep's window as ``labkeep`` starts it, until all of the program is loaded behind its sign-in page.

Writes the gaps between two turns of the event loop meanwhile, in seconds, as JSON.
"""
# ruff: noqa: E402 - Qt is loaded as the program loads it, and no sooner.

import json
import os
import sys

from desktop_app import __main__ as program
from desktop_app.deferred import deferred, left, load

load(deferred("desktop_app.window_program"))

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from desktop_app import window_program
from desktop_app.ui.foundation import qt_classes
from desktop_app.ui.shell.main_window import MainWindow
from desktop_app.ui.shell.workstation_scan import WANTED_BY_A_CLICK
from tests.benchmarks.turns import Silence

listen, silence, timer = window_program.listen, Silence(), QTimer()


def look() -> None:
    """Write the gaps and end the process once the last module is loaded, and Qt's last class made."""
    if not left(*WANTED_BY_A_CLICK) and not qt_classes.left():
        silence.end()
        sys.stdout.write(json.dumps(silence.gaps["load"]))
        sys.stdout.flush()
        os._exit(0)


def watch(qt: QApplication, window: MainWindow) -> None:
    """Listen as the program does, and to the clock once the page is painted."""
    listen(qt, window)
    timer.timeout.connect(look)
    window.sign_in.painted.connect(lambda: silence.begin("load"))
    window.sign_in.painted.connect(lambda: timer.start(50))


window_program.listen = watch
program.main([])
