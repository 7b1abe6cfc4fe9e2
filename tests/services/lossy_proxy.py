"""A wire to a PostgreSQL server that loses what it is told to lose: the answer to a COMMIT that was done."""

import socket
import threading
from pathlib import Path
from typing import Protocol

PORT = 5432


class LossyProxy:
    """Listens on a Unix socket in *folder* as PostgreSQL would, and passes everything on until it is told otherwise."""

    def __init__(self, folder: Path, server: Path) -> None:
        self._server = server
        self.answers_to_lose = 0
        """How many more answers to a COMMIT after *word* are lost, with their connections."""
        self.word = b"save_versions"
        self.keeps_commits = False
        """Whether the COMMIT itself does not arrive, instead of its answer."""
        self.closes_after_loss = False
        """Whether nobody is let in any more once an answer was lost."""
        self.closed = False
        """Whether new connections are refused."""
        self.flowing = threading.Event()
        """While it is not set, nothing is passed on, and nobody is told so."""
        self.flowing.set()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / f".s.PGSQL.{PORT}"))
        self._listener.listen()
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """End every connection, and let no new one in."""
        self.closed = True
        for each in tuple(self._open):
            end(each)

    def stop(self) -> None:
        """End every connection and the thread."""
        self.flowing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(30)
        for each in (*self._open, self._listener):
            each.close()

    def wire(self, client: socket.socket, server: socket.socket) -> "Wire":
        """What carries one connection."""
        return _LossyWire(self, client, server)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            self._open += [client, server]
            if self.closed:
                client.close()
                continue
            try:
                server.connect(str(self._server))
            except OSError:  # nobody serves there now, and who comes is told so
                client.close()
                continue
            wire = self.wire(client, server)
            threading.Thread(target=wire.carry_questions, daemon=True).start()
            threading.Thread(target=wire.carry_answers, daemon=True).start()


class Wire(Protocol):
    """One connection; the two directions are carried by a thread each."""

    def carry_questions(self) -> None:
        """From the client to the server, to the end."""

    def carry_answers(self) -> None:
        """Back again."""


class _LossyWire:
    """Loses answers to a COMMIT."""

    def __init__(self, proxy: LossyProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._saving = False
        self._losing = False

    def carry_questions(self) -> None:
        while data := received(self._client):
            self._proxy.flowing.wait()
            self._saving = self._saving or self._proxy.word in data
            if self._saving and b"COMMIT" in data:
                self._saving = False
                if self._proxy.answers_to_lose > 0:
                    self._proxy.answers_to_lose -= 1
                    self._losing = True
                    if self._proxy.keeps_commits:
                        break
            try:
                self._server.sendall(data)
            except OSError:
                break
        if self._losing:
            end(self._client)
        end(self._server)

    def carry_answers(self) -> None:
        while data := received(self._server):
            self._proxy.flowing.wait()
            if self._losing:
                self._proxy.closed |= self._proxy.closes_after_loss
                break  # it was done, and nobody hears of it
            try:
                self._client.sendall(data)
            except OSError:
                break
        end(self._client)
        end(self._server)


def received(side: socket.socket) -> bytes:
    """What came; nothing once that side has ended."""
    try:
        return side.recv(65536)
    except OSError:
        return b""


def end(side: socket.socket) -> None:
    """Close a connection on that side."""
    try:
        side.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
