"""Labkeep's window as ``labkeep`` starts it; ends when the sign-in page is painted and takes input."""
# ruff: noqa: E402 - Qt is loaded as the program loads it, and no sooner.

import os

from desktop_app import __main__ as program
from desktop_app.deferred import deferred, load

load(deferred("desktop_app.window_program"))

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app import window_program
from desktop_app.ui.shell.main_window import MainWindow


class Painted(QObject):
    """Ends the process once the watched button was painted and can be pressed."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget) and watched.isEnabled():
            QTimer.singleShot(0, lambda: os._exit(0))
        return False


painted, listen = Painted(), window_program.listen


def watch(qt: QApplication, window: MainWindow) -> None:
    """Listen as the program does, and to the button."""
    listen(qt, window)
    window.sign_in.verb.installEventFilter(painted)


window_program.listen = watch
program.main([])
