"""Putting a person out, whatever transaction he leaves open: his login first, his sessions, and only then his rights.

In any other order a client that reconnects takes the locks again that the next step needs
(docs/decisions/open-transactions.md). Each step tells whom it waits for, and may be stopped; what was done by then is
said in the error.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from desktop_app.crypto.trust_register import TrustedPerson
from desktop_app.db import administration, registry
from desktop_app.db.lock_waits import Blocker
from desktop_app.db.sessions import OnWaiting, Session
from desktop_app.domain.progress import Waiting, nobody_waits
from desktop_app.domain.reasons import ReasonVerb, require_reason, required_reasons
from desktop_app.domain.records import User
from desktop_app.errors import Cancelled, RefusedError
from desktop_app.message import Message
from desktop_app.services.context.person_context import PersonContext


class DeactivationStoppedError(RefusedError):
    """Somebody stopped a deactivation; the sentence says how far it had come."""

    code = "deactivation_stopped"


@dataclass(frozen=True)
class Deactivating:
    """The way out of one person; *waiting* is told who stands in the way, and may raise ``Cancelled``."""

    context: PersonContext
    user: User
    waiting: Waiting = nobody_waits

    def close_login(self) -> None:
        """No sign-in, committed by itself and tried until it is; then end sessions until none is left."""
        with self._says(
            Message(
                "Stopped. {username} can still sign in; only open sessions were ended.", username=self.user.username
            )
        ):
            self.waiting("")
            while not self._closed():
                self.waiting(Message("Waiting to close the login of {username}…", username=self.user.username))
        with self.stopped_afterwards():
            while left := self._sessions_left():
                self.waiting(
                    Message(
                        "Waiting for {n} open sessions of {username} to end…",
                        one="Waiting for {n} open session of {username} to end…",
                        n=left,
                        username=self.user.username,
                    )
                )

    @contextmanager
    def stopped_afterwards(self) -> Iterator[None]:
        """Around what is left to do once the login is closed."""
        with self._says(
            Message(
                "Stopped. {username} cannot sign in any more, but still has the rights and keys. Deactivate "
                "{username} again to finish; whoever is deactivated can be activated again.",
                username=self.user.username,
            )
        ):
            yield

    @property
    def on_waiting(self) -> OnWaiting:
        """For the transactions of a deactivation: says who stands in their way."""
        return told(self.waiting)

    def _closed(self) -> bool:
        with self.context.shared.begin(waiting=self.on_waiting) as session:
            return administration.close_login(session, self.user.id)

    def _sessions_left(self) -> int:
        with self.context.shared.begin(waiting=self.on_waiting) as session:
            return administration.end_sessions(session, self.user.id)

    @contextmanager
    def _says(self, sentence: str) -> Iterator[None]:
        try:
            yield
        except Cancelled:
            raise DeactivationStoppedError(sentence) from None


def told(waiting: Waiting) -> Callable[[tuple[Blocker, ...]], None]:
    """Who stands in the way, as a sentence."""

    def tell(blockers: tuple[Blocker, ...]) -> None:
        names = sorted({blocker.username or "somebody else" for blocker in blockers})
        waiting(Message("Waiting for {names}: an open transaction stands in the way…", names=names))

    return tell


def require_reason_for(session: Session, person: TrustedPerson, verb: ReasonVerb, reason: str) -> None:
    """Before the first of several steps: the last of them would be refused without the reason."""
    for settings in _settings_of(session, person):
        require_reason(settings, verb, reason)


def is_reason_wanted(session: Session, person: TrustedPerson, verb: ReasonVerb) -> bool:
    """Whether one of the person's own centers wants a reason, as the database asks; no other center has a say."""
    return any(verb in required_reasons(settings) for settings in _settings_of(session, person))


def _settings_of(session: Session, person: TrustedPerson) -> Iterator[Mapping[str, Any]]:
    for place in person.memberships:
        yield registry.get_center(session, place.center_id).settings
