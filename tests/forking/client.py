"""Stands for a program that tests/forking/server.py forks: hands on what it was given, and ends as the program ends.

Run by file, isolated and without any library that takes time to load.
"""

import _signal  # type: ignore[import-not-found]  # what signal is made of, which loads enum
import _socket
import marshal
import os
import sys

SERVER_GONE = 99


def main(socket: str, *arguments: str) -> None:
    """Have the program run, hand signals on to it, and end as it does."""
    umask = os.umask(0)
    given = (list(map(os.fsencode, arguments)), dict(os.environb), os.getcwdb(), umask)  # noqa: PTH109  # no pathlib here
    body = marshal.dumps(given)
    server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    server.connect(socket)
    files = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))
    server.sendmsg([len(body).to_bytes(8, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, files)])
    server.sendall(body)
    pid = told(server)
    for number in (_signal.SIGINT, _signal.SIGTERM):
        _signal.signal(number, lambda number, _frame: os.kill(pid, number))
    for number in (0, 1, 2):
        os.close(number)
    status = told(server)
    if status < 0:
        if status != -_signal.SIGKILL:
            _signal.signal(-status, _signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


def told(server: _socket.socket) -> int:
    """A number from the server; where it is gone nobody takes its silence for a good end."""
    number = server.recv(8)
    if len(number) < 8:
        os._exit(SERVER_GONE)
    return int.from_bytes(number, "big", signed=True)


main(*sys.argv[1:])
