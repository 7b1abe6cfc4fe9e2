"""What nobody foresaw reaches the person: one banner, with details to be copied that hold no name and no content.

An error in a slot or a thread ends nothing by itself, but it may be that something that was asked for did not happen:
the person must know. What happens again and again, such as in the drawing of a list, is said once a minute and not for
each time; the telling itself never fails loudly, because that would be told again.
"""

import contextlib
import logging
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Qt, Signal, Slot, qVersion

from desktop_app import __version__
from desktop_app.log import described

LOGGER = logging.getLogger(__name__)
PAUSE = 60.0
"""Seconds in which the same place is not told again."""
MOST = 5
"""In one pause, whatever the places."""


class Unexpected(QObject):
    """Takes errors from any thread, writes them into the log, and says ``met`` on the GUI thread, seldom enough."""

    met = Signal(str)
    """The details, redacted."""
    _came = Signal(str)

    def __init__(self, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._clock = clock
        self._told: dict[str, float] = {}
        self._came.connect(self._on_came, Qt.ConnectionType.QueuedConnection)

    def take(self, error: BaseException, where: str, *, asked: bool = False) -> str:
        """Note an error that nobody caught; *where* says in which part, such as a slot.

        It is told every time where the person *asked* for what failed. Returns its redacted description.
        """
        with contextlib.suppress(Exception):
            what = described(error)
            if self._is_new(what) or asked:
                LOGGER.critical("Something that nobody expected happened in %s.\n%s", where, what)
                self._came.emit(details(what, where))
            return what
        return type(error).__name__

    def _is_new(self, what: str) -> bool:
        now = self._clock()
        recent = {each: at for each, at in self._told.items() if now - at < PAUSE}
        is_new = what not in recent and len(recent) < MOST
        self._told = recent | {what: now} if is_new else recent
        return is_new

    @Slot(str)
    def _on_came(self, text: str) -> None:
        self.met.emit(text)


def details(what: str, where: str) -> str:
    """What may be sent to somebody who can mend it."""
    return (
        f"Labkeep {__version__}, {platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"Qt {qVersion()}\n{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, in {where}\n\n{what}\n"
    )
