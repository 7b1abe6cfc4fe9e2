"""Being told to end by the system: a signal, or the end of the session. What the window remembers is written first."""

import signal
import socket
import sys
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier, Signal
from PySide6.QtWidgets import QApplication

_SIGNALS = (signal.SIGTERM, signal.SIGINT)

if sys.platform == "win32":
    import ctypes

    _NOT_AFTER_CRASH_HANG_OR_REBOOT = 1 | 2 | 8

    def _let_be_opened_again() -> None:
        """An installer that closes the window for a newer version opens it again only where the window asked for it."""
        ctypes.windll.kernel32.RegisterApplicationRestart(None, _NOT_AFTER_CRASH_HANG_OR_REBOOT)
else:

    def _let_be_opened_again() -> None:
        """On Windows only."""


class ExitSignals(QObject):
    """``told`` when this process is to end; ``session_ending`` when the desktop's session may.

    Python runs a signal's function only between two steps of its own, and Qt's loop makes none while it waits: so the
    signal's number comes through a socket that Qt looks at.
    """

    told = Signal()
    session_ending = Signal()

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._here, self._there = socket.socketpair()
        for each in (self._here, self._there):
            each.setblocking(False)
        self._notifier = QSocketNotifier(self._here.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)
        application.commitDataRequest.connect(lambda _session: self.session_ending.emit())
        signal.set_wakeup_fd(self._there.fileno())
        for number in _SIGNALS:
            signal.signal(number, _note)
        _let_be_opened_again()

    def _on_signal(self) -> None:
        if set(self._here.recv(64)) & set(_SIGNALS):
            self.told.emit()


def _note(_number: int, _frame: FrameType | None) -> None:
    """The socket tells; without a function of ours the process would end at once."""
