"""The window as ``labkeep`` starts it: what is there of the program when its sign-in page is painted.

Ends then, and prints as JSON the names of the modules that are loaded, the classes of Qt that are made, and the files
whose text was read.
"""

import json
import linecache
import os
import sys

from desktop_app import __main__ as program
from desktop_app.deferred import deferred, load

load(deferred("desktop_app.window_program"))

from PySide6.QtCore import QEvent, QObject  # noqa: E402 - Qt is loaded as the program loads it, and no sooner
from PySide6.QtWidgets import QApplication  # noqa: E402

from desktop_app import window_program  # noqa: E402
from desktop_app.ui.shell.main_window import MainWindow  # noqa: E402


class Painted(QObject):
    """Tells at once, before anything else is begun."""

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            classes = [f"{name}.{each}" for name in sys.modules if name.startswith("PySide6.Qt") for each in made(name)]
            json.dump({"modules": list(sys.modules), "classes": classes, "read": list(linecache.cache)}, sys.stdout)
            sys.stdout.flush()
            os._exit(0)
        return False


def made(module: str) -> list[str]:
    """PySide puts a class into its module when it is first asked for."""
    return [name for name in vars(sys.modules[module]) if name.startswith("Q")]


painted, listen = Painted(), window_program.listen


def watch(qt: QApplication, window: MainWindow) -> None:
    """Listen as the program does, and to the button."""
    listen(qt, window)
    window.sign_in.verb.installEventFilter(painted)


window_program.listen = watch
program.main([])
