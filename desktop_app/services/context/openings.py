"""What was opened and is not on the record yet: told to the server in the background, so that no opening waits for it.

A thread of its own gathers for a moment and tells each center in one short transaction. While the server is away it
goes on asking, and what waits is kept as long as the person's Lab is used. ``flush`` hurries it, for the end of the
work. What was refused, or is too much, is lost to the record: the person is told, once for each cause.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from desktop_app.domain.openings import OpenedVersion, Opening
from desktop_app.errors import LabkeepError, UnavailableError
from desktop_app.message import Message

LOGGER = logging.getLogger(__name__)
GATHERING = 1.0
"""Seconds: who goes through a list writes once, and not for each row."""
AGAIN = 20.0
"""Seconds until a server that did not answer is asked again."""
MOST_WAITING = 5_000
AT_ONCE = 200
NOT_SENT = Message(
    "What you opened is not on the record yet, because the server cannot be asked. "
    "It is tried again until you sign out."
)
TOO_MANY = Message("So much was opened while the server could not be asked that not all of it goes on the record.")
REFUSED = "What you opened could not be put on the record: {error}"


class Recorder(Protocol):
    """A center that takes openings; UnavailableError where it cannot be asked now."""

    def record_openings(self, opened: Sequence[OpenedVersion]) -> None:
        """Put these on its record."""


@dataclass(frozen=True)
class _Waiting:
    recorder: Recorder
    center_id: UUID
    version_id: UUID
    opening: Opening
    at: float = field(compare=False)


class OpeningsQueue:
    """Of one signed-in person; may be used by several threads."""

    def __init__(self, tell: Callable[[Message], None]) -> None:
        self._tell = tell
        self._told: set[str] = set()
        self._waiting: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._hurried = False
        self._failed = False
        """Whether the newest attempt found nobody to ask."""

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def note(self, center_id: UUID, recorder: Recorder, version_id: UUID, opening: Opening) -> None:
        """Somebody opened this; returns at once."""
        with self._changed:
            if any((each.version_id, each.opening) == (version_id, opening) for each in self._waiting):
                return
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.popleft()
                self._say(TOO_MANY)
            self._waiting.append(_Waiting(recorder, center_id, version_id, opening, time.monotonic()))
            self._work_on()

    def resume(self) -> None:
        """Go on with what waits, after the person came back."""
        with self._changed:
            self._work_on()

    def flush(self, seconds: float) -> int:
        """Tell all of it now, and wait no longer than that; how many are left."""
        with self._changed:
            if self._waiting:
                self._failed, self._hurried = False, True
                self._work_on()
                self._changed.notify_all()
                self._changed.wait_for(lambda: not self._waiting or self._failed, seconds)
            self._hurried = False
            return len(self._waiting)

    def stop(self) -> None:
        """Nobody can be asked from now on; what waits stays."""
        with self._changed:
            self._thread = None
            self._changed.notify_all()

    def _work_on(self) -> None:
        if self._thread is None and self._waiting:
            self._thread = threading.Thread(target=self._work, name="openings", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        me = threading.current_thread()
        pause = GATHERING
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._hurried or self._thread is not me, pause)
                if self._thread is not me or not self._waiting:
                    self._leave(me)
                    return
                batch = self._next()
            is_away = self._send(batch)
            with self._changed:
                self._failed, pause = is_away, AGAIN if is_away else 0.0
                if is_away:
                    self._hurried = False
                else:
                    done = {id(each) for each in batch}
                    self._waiting = deque(each for each in self._waiting if id(each) not in done)
                if not self._waiting:
                    self._leave(me)
                self._changed.notify_all()
                if self._thread is not me:
                    return

    def _leave(self, thread: threading.Thread) -> None:
        if self._thread is thread:
            self._thread = None

    def _next(self) -> list[_Waiting]:
        """The oldest, and what else waits for the same center."""
        center_id = self._waiting[0].center_id
        return [each for each in self._waiting if each.center_id == center_id][:AT_ONCE]

    def _send(self, batch: Sequence[_Waiting]) -> bool:
        """Whether nobody could be asked."""
        now = time.monotonic()
        late = [now - each.at for each in batch]
        opened = [
            OpenedVersion(each.version_id, each.opening, int(seconds) if seconds >= 2 * GATHERING else 0)
            for each, seconds in zip(batch, late, strict=True)
        ]
        try:
            batch[-1].recorder.record_openings(opened)
        except UnavailableError as error:
            LOGGER.warning("%d openings are not on the record yet: %s.", len(batch), error.code)
            self._say(NOT_SENT)
            return True
        except LabkeepError as error:
            LOGGER.warning("%d openings were not put on the record: %s.", len(batch), error.code)
            self._say(Message(REFUSED, error=error.message))
        return False

    def _say(self, words: Message) -> None:
        if str(words) not in self._told:
            self._told.add(str(words))
            self._tell(words)
