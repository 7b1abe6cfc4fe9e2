"""Another key for a center: every document's key is opened, wrapped under it, and opened again before it counts.

The wrapping is done beforehand, page by page, with nobody waiting; the rotation is one transaction in which the
database puts it all in force, counts, and refuses if a document came meanwhile (docs/decisions/key-rotation.md).
"""

from dataclasses import dataclass
from uuid import UUID

from desktop_app.crypto.errors import CryptoError
from desktop_app.crypto.key_ring import KeyRing, tenant_key_digest
from desktop_app.crypto.trust_statements import KeyVersionStatement
from desktop_app.db import administration, keys, registry
from desktop_app.db.errors import KeyNotActiveError, KeysNotRewrappedError
from desktop_app.domain.ids import new_id
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.reasons import ReasonVerb
from desktop_app.domain.rights import Verb
from desktop_app.errors import RefusedError
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.center_keys import CenterKeys
from desktop_app.services.context.trust_log import TrustChange
from desktop_app.system.retrying import retried

PAGE = 2_000
"""So many document keys are wrapped at once: what a rotation holds in memory."""
ATTEMPTS = 20
"""How often documents may come while a rotation is under way."""


class UnreadableKeysError(RefusedError):
    """Some document keys do not open under the key that they are said to be wrapped by."""

    code = "unreadable_keys"


@dataclass(frozen=True)
class Rotation:
    """A key that was put in force: its number, and how many document keys are under it now."""

    number: int
    documents: int


@dataclass(frozen=True)
class KeyRotation:
    """The rotation of one center's key, by an administrator."""

    context: CenterContext

    def rotate(self, reason: str = "", report: Report = silent) -> Rotation:
        """Put a new key in force, sealed to everybody who belongs here now; ``report`` counts document keys.

        Whatever stops it, the former key is in force and every document opens. RefusedError when somebody else's
        rotation was first, UnreadableKeysError when a document key does not open.
        """
        self.context.person.require(Verb.MANAGE_KEYS, self.context.center.id)
        self.context.require_reason(ReasonVerb.KEYS, reason)
        self.context.forget()
        attempt = _Attempt(self.context, new_id(), self.context.keys(), report)

        def once() -> Rotation:
            attempt.wrap()
            return attempt.put_in_force(reason)

        try:
            return retried(once, lambda error: isinstance(error, KeysNotRewrappedError), (0.0,) * (ATTEMPTS - 1))
        except KeyNotActiveError:
            raise RefusedError(
                "Somebody else has given {center} a new key meanwhile; yours was not needed.",
                center=self.context.center.name,
            ) from None
        finally:
            self.context.forget()


class _Attempt:
    """The new key, and what was wrapped under it so far."""

    def __init__(self, context: CenterContext, rotation: UUID, old: CenterKeys, report: Report) -> None:
        self._context = context
        self._id = rotation
        self._old = old
        self._new = old.with_next()
        self._rings = (self._old.ring(), self._new.ring())
        self._report = report
        self._wrapped = 0

    def wrap(self) -> None:
        """Wrap what is not wrapped yet; each key is opened under the old one before and under the new one after."""
        with self._context.read() as session:
            total = keys.count_document_keys(session)
        after: UUID | None = None
        while True:
            self._report(min(self._wrapped, total), total)
            with self._context.change(Verb.MANAGE_KEYS) as session:
                page = keys.keys_to_rewrap(session, self._id, after, PAGE)
                if not page:
                    return
                opened = self._opened(page)
                kept = keys.keep_rewrapped(session, self._id, self._wrapped_anew(opened))
                _compare(self._rings[1], self._new.active, opened, kept)
            self._wrapped += len(kept)
            after = page[-1].version_id

    def _opened(self, page: list[keys.StoredKey]) -> dict[UUID, bytes]:
        opened, unreadable = {}, 0
        for stored in page:
            try:
                opened[stored.version_id] = self._rings[0].unwrap(stored.version_id, stored.key_version, stored.token)
            except CryptoError:
                unreadable += 1
        if unreadable:
            raise UnreadableKeysError(
                "The keys of {n} stored versions do not open, so the center's key was left as it is. "
                "“labkeep-admin doctor” names them.",
                one="The key of {n} stored version does not open, so the center's key was left as it is. "
                "“labkeep-admin doctor” names it.",
                n=unreadable,
            )
        return opened

    def _wrapped_anew(self, opened: dict[UUID, bytes]) -> dict[UUID, bytes]:
        return {version_id: self._rings[1].wrap(version_id, key).token for version_id, key in opened.items()}

    def put_in_force(self, reason: str) -> Rotation:
        """The one transaction: signed, sealed to whoever belongs here now, counted by the database."""
        person, center_id, number = self._context.person, self._context.center.id, self._new.active

        def act(change: TrustChange) -> Rotation:
            active = change.state.active_key(center_id)
            if active is None or active.number != self._old.active:
                raise KeyNotActiveError
            digest = tenant_key_digest(center_id, number, self._new.keys[number])
            entry = change.sign(KeyVersionStatement(center_id, number, digest))
            recipients = change.state.recipients(center_id, registry.server_date(change.session))
            grants = self._new.active_grants_to(recipients)
            documents = administration.rotate_key(change.session, center_id, number, self._id, entry, grants)
            if documents > self._wrapped:
                raise KeysNotRewrappedError("The database counts more document keys than were wrapped.")
            return Rotation(number, documents)

        return person.trust.change(person.shared, person.identity, act, reason=reason)


def _compare(ring: KeyRing, number: int, opened: dict[UUID, bytes], kept: dict[UUID, bytes]) -> None:
    """What the database kept opens under the new key, and is the very key that the old one opened."""
    for version_id, token in kept.items():
        if ring.unwrap(version_id, number, token) != opened[version_id]:
            raise UnreadableKeysError("A document key was changed on its way; the center's key was left as it is.")
