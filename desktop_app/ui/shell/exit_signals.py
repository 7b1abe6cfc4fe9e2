"""Being told to end by the system: a signal, or the end of the session. What the window remembers is written first."""

import os
import signal
import sys
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier, Signal
from PySide6.QtWidgets import QApplication

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_MOST = 64  # bytes; a signal is one

if sys.platform == "win32":
    import ctypes
    import socket

    _NOT_AFTER_CRASH_HANG_OR_REBOOT = 1 | 2 | 8

    def _let_be_opened_again() -> None:
        """An installer that closes the window for a newer version opens it again only where the window asked for it."""
        ctypes.windll.kernel32.RegisterApplicationRestart(None, _NOT_AFTER_CRASH_HANG_OR_REBOOT)

    class _Line:
        """Where Python writes what Qt looks at: on Windows both can do so with sockets only."""

        def __init__(self) -> None:
            self._here, self._there = socket.socketpair()
            for each in (self._here, self._there):
                each.setblocking(False)
            self.reads, self.writes = self._here.fileno(), self._there.fileno()

        def take(self) -> bytes:
            return self._here.recv(_MOST)
else:

    class _Line:
        """Where Python writes what Qt looks at."""

        def __init__(self) -> None:
            self.reads, self.writes = os.pipe()
            for each in (self.reads, self.writes):
                os.set_blocking(each, False)

        def take(self) -> bytes:
            return os.read(self.reads, _MOST)

    def _let_be_opened_again() -> None:
        """On Windows only."""


class ExitSignals(QObject):
    """``told`` when this process is to end; ``session_ending`` when the desktop's session may.

    Python runs a signal's function only between two steps of its own, and Qt's loop makes none while it waits: so the
    signal's number comes through a line that Qt looks at.
    """

    told = Signal()
    session_ending = Signal()

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._line = _Line()
        self._notifier = QSocketNotifier(self._line.reads, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)
        application.commitDataRequest.connect(lambda _session: self.session_ending.emit())
        signal.set_wakeup_fd(self._line.writes)
        for number in _SIGNALS:
            signal.signal(number, _note)
        _let_be_opened_again()

    def _on_signal(self) -> None:
        if set(self._line.take()) & set(_SIGNALS):
            self.told.emit()


def _note(_number: int, _frame: FrameType | None) -> None:
    """The line tells; without a function of ours the process would end at once."""
