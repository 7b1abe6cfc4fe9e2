"""The window as ``labkeep`` starts it: which thread loads what it needs in order to hear of other starts.

Ends as soon as it listens, and prints as JSON whether the window's own thread loaded each of those modules.
"""

import json
import os
import sys
import threading
from importlib.machinery import ModuleSpec

from desktop_app import __main__ as program
from desktop_app.deferred import deferred, load

load(deferred("desktop_app.window_program"))

from desktop_app import window_program  # noqa: E402 - loaded as the program loads it
from desktop_app.ui.shell.main_window import MainWindow  # noqa: E402
from desktop_app.ui.shell.startup_services import Registration  # noqa: E402

FOR_IT = {"desktop_app.ui.shell.one_window", "desktop_app.ui.shell.other_starts", "PySide6.QtNetwork"}
found: dict[str, bool] = {}


class Watch:
    """Asked first where a module is to be found; leaves that to others."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Note the thread."""
        if name in FOR_IT:
            found.setdefault(name, threading.current_thread() is threading.main_thread())
        return None


def tell(window: MainWindow, entry: Registration) -> None:
    """It would listen now."""
    del window, entry
    json.dump(found, sys.stdout)
    sys.stdout.flush()
    os._exit(0)


sys.meta_path.insert(0, Watch())
window_program._hear_other_starts = tell
program.main([])
