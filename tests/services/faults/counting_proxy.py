"""A wire to the server on which every question is counted; at one of them it is cut, or something else is done."""

import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.services.lossy_proxy import LossyProxy, end, received

ASKS = b"QE"
"""Messages of PostgreSQL's protocol that make the server do something: Query, and Execute of a prepared one."""


class Cut(StrEnum):
    """When the connection is cut."""

    BEFORE = "before"
    DURING = "during"
    """The question is on its way, and nobody waits for what becomes of it."""
    AFTER = "after"
    """It was done, and the answer is lost."""


@dataclass(frozen=True)
class WireFault:
    """What goes wrong at which question. *stays*: nobody is let in again until the work is over."""

    at: int
    cut: Cut | None
    stays: bool = False
    act: Callable[[], None] | None = None
    """Done before the question goes on."""
    name: str = ""

    def __str__(self) -> str:
        done = self.name or f"cut {self.cut}"
        return f"{done}{', and away,' if self.stays else ''} at question {self.at}"


class CountingProxy(LossyProxy):
    """Counts questions on all of its connections together."""

    def __init__(self, folder: Path, server: Path) -> None:
        self._counting = threading.Lock()
        self._acting = threading.Lock()
        self._fault: WireFault | None = None
        self.questions: list[str] = []
        self.last: list[str] = []
        """The questions before ``let_in``."""
        super().__init__(folder, server)

    def watch(self, fault: WireFault | None = None) -> None:
        """Count from here on."""
        with self._counting:
            self._fault, self.questions = fault, []

    def let_in(self) -> None:
        """Be as if nothing had been, once whatever was being done is done."""
        with self._acting:
            pass
        self.last = self.questions
        self.watch()
        self.closed = False
        self.flowing.set()

    def wire(self, client: socket.socket, server: socket.socket) -> "_CountingWire":
        return _CountingWire(self, client, server)

    def meets(self, question: str) -> Cut | None:
        """A question has come; what is to be done with its connection."""
        with self._counting:
            number = len(self.questions)
            self.questions.append(question)
            fault = self._fault
            if fault is None or number != fault.at:
                return None
        if fault.act is not None:
            with self._acting:
                fault.act()
        if fault.stays and fault.cut is not Cut.AFTER:
            self.closed = True
        return fault.cut

    @property
    def is_going_away(self) -> bool:
        """Whether nobody is let in once the answer is lost."""
        return self._fault is not None and self._fault.stays


class _CountingWire:
    """Takes the client's messages apart (PostgreSQL's documentation, “Message Formats”)."""

    def __init__(self, proxy: CountingProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._losing = False

    def carry_questions(self) -> None:
        held, begun = b"", False
        try:
            while data := received(self._client):
                self._proxy.flowing.wait()
                held += data
                while (size := _size(held, begun)) is not None:
                    message, held = held[:size], held[size:]
                    cut = self._meet(message) if begun and message[:1] in b"QE" else None
                    begun = True
                    self._proxy.flowing.wait()
                    if cut is not Cut.BEFORE:
                        self._losing = self._losing or cut is Cut.AFTER
                        self._server.sendall(message)
                    if cut in (Cut.BEFORE, Cut.DURING):
                        return
        except OSError:
            return
        finally:
            if not self._losing:
                end(self._client)
                end(self._server)

    def _meet(self, message: bytes) -> Cut | None:
        return self._proxy.meets(message[5:-1].decode("utf-8", "replace"))

    def carry_answers(self) -> None:
        while data := received(self._server):
            self._proxy.flowing.wait()
            if self._losing:
                self._proxy.closed |= self._proxy.is_going_away
                break
            try:
                self._client.sendall(data)
            except OSError:
                break
        end(self._client)
        end(self._server)


def _size(held: bytes, begun: bool) -> int | None:
    """How long the first message is, if all of it is there; the very first one has no letter before its length."""
    letter = 1 if begun else 0
    if len(held) < letter + 4:
        return None
    (length,) = struct.unpack("!I", held[letter : letter + 4])
    size: int = letter + length
    return size if len(held) >= size else None
