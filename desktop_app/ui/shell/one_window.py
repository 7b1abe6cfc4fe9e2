"""One window for each profile: a second start hands what it was asked for to the first, which comes to the front.

Who may connect to the socket is this account alone. What comes over it is what the command line could have said, and is
believed no more than that.
"""

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, replace

from PySide6.QtCore import QByteArray, QDeadlineTimer, QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from desktop_app.domain.links import LONGEST, LinkError, read_target
from desktop_app.ui.shell.startup_services import LaunchOptions, Outcome

LOGGER = logging.getLogger(__name__)
ANSWER_SECONDS = 4.0
"""A window that is busy for longer does not answer at all."""
_LOOK_EVERY = 0.05  # seconds
_LARGEST = 4 * LONGEST
_MOST_CALLERS = 8
_TAKEN, _OTHERS = b"taken\n", b"other\n"


def hand_over(addresses: Sequence[str], options: LaunchOptions, seconds: float = ANSWER_SECONDS) -> Outcome:
    """Ask the open windows, one after the other, to take these options over; blocks."""
    options = replace(options, target=_whole(options.target))
    answers = [_ask(address, options, seconds) for address in addresses[:_MOST_CALLERS]]
    if _TAKEN in answers:
        return Outcome.TAKEN
    return Outcome.SILENT if any(answer not in (_TAKEN, _OTHERS) for answer in answers) else Outcome.NONE


def _whole(target: str) -> str:
    """A path of a file as it is called from everywhere; what is none is the other window's to refuse."""
    try:
        return str(read_target(target)) if target else ""
    except LinkError:
        return target[:LONGEST]


def _ask(address: str, options: LaunchOptions, seconds: float) -> bytes:
    socket = QLocalSocket()
    until = QDeadlineTimer(int(seconds * 1000))
    while True:
        socket.connectToServer(address)
        if socket.waitForConnected(until.remainingTime()):
            break
        if until.hasExpired():
            return b""
        time.sleep(_LOOK_EVERY)  # one that was started just now does not listen yet
    socket.write(QByteArray(json.dumps(asdict(options)).encode() + b"\n"))
    while not socket.canReadLine():
        if until.hasExpired() or not socket.waitForReadyRead(max(1, until.remainingTime())):
            return b""
    return bytes(socket.readLine(len(_TAKEN) + 1).data())


class WindowListener(QObject):
    """Hears other starts; *takes* says at once whether this window is the one they mean."""

    asked = Signal(object)
    """:class:`LaunchOptions` that this window has taken over."""

    def __init__(self, address: str, takes: Callable[[LaunchOptions], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._takes = takes
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.setMaxPendingConnections(_MOST_CALLERS)
        self._server.newConnection.connect(self._on_connection)
        if not self._server.listen(address):
            LOGGER.warning("Other starts cannot reach this window: %s.", self._server.errorString())

    def close(self) -> None:
        """Hear nobody any more."""
        self._server.close()

    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(lambda socket=socket: self._on_ready(socket))
            socket.disconnected.connect(socket.deleteLater)
            patience = QTimer(socket, singleShot=True, interval=int(ANSWER_SECONDS * 1000))
            patience.timeout.connect(lambda socket=socket: socket.abort())
            patience.start()
            self._on_ready(socket)

    def _on_ready(self, socket: QLocalSocket) -> None:
        if socket.bytesAvailable() > _LARGEST:
            socket.abort()
            return
        if not socket.canReadLine():
            return
        options = _options(bytes(socket.readLine(_LARGEST).data()))
        if options is None:
            socket.abort()
            return
        taken = self._takes(options)
        socket.write(QByteArray(_TAKEN if taken else _OTHERS))
        socket.flush()
        socket.disconnectFromServer()
        if taken:
            LOGGER.info("Another start was taken over.")
            self.asked.emit(options)


def _options(line: bytes) -> LaunchOptions | None:
    """What a line asks for; None for anything that no start of ours would say."""
    try:
        values = json.loads(line)
        kinds = {each.name: type(each.default) for each in fields(LaunchOptions)}
        if values.keys() != kinds.keys() or any(type(values[name]) is not kind for name, kind in kinds.items()):
            return None
        return LaunchOptions(**values)
    except (ValueError, AttributeError, RecursionError):
        return None
