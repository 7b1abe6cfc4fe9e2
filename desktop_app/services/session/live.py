"""What others change appears at once: hints from the server, and the heads of the records, which say what is new.

A hint has no content (db/notifications.py). Whoever hears one looks: at the newest link of the center's record and of
the installation's, under his own rights. Where hints do not arrive, ``is_heard`` says so, and looking now and then
finds the same.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from desktop_app.db.notifications import Hint, Notifications
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.records.audit import InstallationAudit
from desktop_app.services.session.center_services import CenterServices

__all__ = ["Heads", "Hint", "LiveUpdates"]


@dataclass(frozen=True)
class Heads:
    """How many links the records have."""

    center: int | None
    """None where no center was looked at, or a closed one."""
    shared: int | None
    """None where only the center was looked at."""


class LiveUpdates:
    """Of one person in one installation; one connection, however many listen through it."""

    def __init__(self, context: PersonContext) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._told: Callable[[Hint], None] | None = None
        self._notifications: Notifications | None = None
        self._shared: UUID | None = None
        self._center: UUID | None = None

    def listen(self, told: Callable[[Hint], None]) -> None:
        """Call *told*, from another thread, whenever something of what was looked at last may be new."""
        with self._lock:
            self._told = told

    def look(self, work: CenterServices | None, *, at_shared: bool = True) -> Heads:
        """The newest links now; what was looked at is listened to from before this answer on."""
        shared = InstallationAudit(self._context).head() if at_shared else None
        center = work.audit.head() if work is not None and work.center.is_active else None
        with self._lock:
            self._shared = shared.channel if shared is not None else self._shared
            self._center = None if center is None else center.channel
            self._follow()
        return Heads(None if center is None else center.seq, None if shared is None else shared.seq)

    def concerns_all(self, hint: Hint) -> bool:
        """Whether more than the center may be new."""
        return not hint.channels <= {self._center}

    def hurry(self) -> None:
        """The server answers again: do not wait any longer to listen."""
        with self._lock:
            if self._notifications is not None:
                self._notifications.hurry()

    def stop(self) -> None:
        """Listen no more, until somebody looks again after the person came back."""
        with self._lock:
            notifications, self._notifications = self._notifications, None
        if notifications is not None:
            notifications.close()

    def _follow(self) -> None:
        if self._told is None or self._context.held is None:
            return
        if self._notifications is None or self._notifications.is_over:
            self._notifications = self._context.connection.listen(self._told)
        self._notifications.listen_to(frozenset({each for each in (self._shared, self._center) if each is not None}))
