"""The verified result of reading the trust log: whom to trust with what."""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from uuid import UUID

from desktop_app.crypto.identities import PublicIdentity
from desktop_app.crypto.trust_register import Register, TrustedKey, TrustedMembership, TrustedPerson

NO_DIGEST = bytes(32)
LINEAGES = 40
"""So many lost lineages are remembered and signed away: what the longest entry has room for."""


class RefusalReason(Enum):
    """Why an entry stands in the log but does not count."""

    MALFORMED = "malformed"
    FOREIGN_INSTALLATION = "foreign installation"
    UNKNOWN_SIGNER = "unknown signer"
    RETIRED_SIGNER = "retired signer"
    REMOVED_SIGNER = "removed signer"
    BAD_SIGNATURE = "bad signature"
    NO_RIGHT = "no right"
    OWN_PLACE = "own place"
    UNKNOWN_PERSON = "unknown person"
    REMOVED_PERSON = "removed person"
    ALREADY_ENROLLED = "already enrolled"
    NO_CHANGE = "no change"
    SYSTEM_ADMINISTRATOR = "system administrator"
    STILL_MEMBER = "still a member"
    REUSED_LOGIN = "reused login"
    REUSED_KEYS = "reused keys"
    UNUSABLE_KEYS = "unusable keys"
    MUST_BE_PROVISIONAL = "must be provisional"
    PROVISIONAL_SIGNER = "provisional signer"
    WRONG_KEY_NUMBER = "wrong key number"
    SECOND_ROOT = "second root"
    CENTER_IS_THERE = "center is there already"
    UNKNOWN_ORIGIN = "unknown origin"


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """An entry that does not count: an alarm for the administrator. ``signer`` is the identity that it names."""

    sequence: int
    reason: RefusalReason
    signer: UUID


@dataclass(frozen=True, slots=True)
class TrustHead:
    """The newest entry seen; ``lineage`` is the digest of the last "restored" that counted, or zeros."""

    sequence: int
    digest: bytes
    lineage: bytes


@dataclass(frozen=True, slots=True)
class SeenLog:
    """What a workstation remembers of the newest log it verified.

    ``restorers`` are the fingerprints of the keys whose "restored" it would believe: those of the system
    administrators (no provisional ones) and of the root, as they were at ``head``. Fingerprints and not ids, because
    a log that was put back can give the same id to other keys.
    """

    head: TrustHead
    restorers: frozenset[bytes]
    lineages: tuple[bytes, ...] = ()
    """Every "restored" that was seen to count, and those that they signed away, by digest; the newest first."""


@dataclass(frozen=True, slots=True, repr=False)
class TrustState:
    """What counts after ``head``. Made only by ``verify_log`` and ``extend``; never changed."""

    installation_id: UUID
    head: TrustHead
    refused: tuple[RefusedEntry, ...]
    register: Register

    @property
    def root(self) -> PublicIdentity:
        """The recovery kit's identity that counts now."""
        return self.register.root

    @property
    def seen(self) -> SeenLog:
        """What a workstation has to remember of this state."""
        people = self.system_administrators()
        own = (person.identity.fingerprint() for person in people if not person.provisional)
        known: dict[bytes, None] = {}
        for restoration in reversed(self.register.restorations):
            known |= dict.fromkeys((restoration.digest, *restoration.statement.lineages))
        return SeenLog(self.head, frozenset((*own, self.root.fingerprint())), tuple(known)[:LINEAGES])

    def root_with(self, fingerprint: bytes) -> PublicIdentity | None:
        """The root of now or of earlier that has these keys; None where there never was one."""
        known = self.register.identities.values()
        return next(
            (each.public for each in known if each.user_id is None and each.public.fingerprint() == fingerprint), None
        )

    def person(self, user_id: UUID) -> TrustedPerson | None:
        """A person who is or was enrolled."""
        return self.register.people.get(user_id)

    def identity(self, identity_id: UUID) -> tuple[PublicIdentity, UUID | None] | None:
        """Any identity that ever counted, with its user (None for a root)."""
        found = self.register.identities.get(identity_id)
        return None if found is None else (found.public, found.user_id)

    def recipients(self, center_id: UUID, today: date | None = None) -> tuple[PublicIdentity, ...]:
        """Whom to seal the center's key to: its active members, active system administrators, the root.

        ``today`` is the server's date where it was asked: who is a guest and over it gets nothing more. A server that
        lies about it can keep a guest who was trusted once, or leave one out, and nothing else.
        """
        people = (*self.members(center_id, today), *self.system_administrators())
        return (*(person.identity for person in people), self.root)

    def system_administrators(self) -> tuple[TrustedPerson, ...]:
        """Active system administrators."""
        return tuple(person for person in self.register.people.values() if person.active and person.is_system)

    def members(self, center_id: UUID, today: date | None = None) -> tuple[TrustedPerson, ...]:
        """Active people of one center whose last day is not over, without system administrators."""
        return tuple(
            person
            for person in self.register.people.values()
            if person.active and (place := person.membership(center_id)) is not None and place.lasts(today)
        )

    def member_since(self, user_id: UUID, center_id: UUID) -> int | None:
        """The entry from which on the person could open the center's documents without a break; None if he cannot."""
        since = None
        for sequence, person in reversed(self.register.history.get(user_id, ())):
            if not (person.active and (person.is_system or person.membership(center_id) is not None)):
                break
            since = sequence
        return since

    def root_since(self) -> int:
        """The entry that made the root of now."""
        return self.register.identities[self.root.id].since

    def active_key(self, center_id: UUID) -> TrustedKey | None:
        """The center's newest tenant key."""
        keys = self.register.keys.get(center_id)
        return keys[-1] if keys else None

    def is_deleted(self, center_id: UUID) -> bool:
        """Whether somebody who may do so has signed that this center is no more."""
        return center_id in self.register.deleted

    def is_of(self, center_id: UUID, signed_center: UUID, trust_sequence: int) -> bool:
        """Whether what was signed for one center when the log ended there is another one's: the same, or restored."""
        return signed_center == center_id or any(
            origin.center_id == signed_center and trust_sequence <= origin.until
            for origin in self.register.origins.get(center_id, ())
        )

    def places_to_restore(self, center_id: UUID) -> tuple[tuple[TrustedPerson, TrustedMembership], ...]:
        """Who belongs to a center, or did when it was deleted, and was not removed; without system administrators.

        Who left or was removed since is not among them, whatever a backup says.
        """
        deleted_by = self.register.deleted.get(center_id)
        found = []
        for person in self.register.people.values():
            then = person if deleted_by is None else self.register.person_at(person.user_id, deleted_by - 1)
            place = None if then is None else then.membership(center_id)
            if place is not None and person.active and not person.is_system:
                found.append((person, place))
        return tuple(found)

    def key_digest(self, center_id: UUID, number: int) -> bytes | None:
        """The digest of one tenant key version (32 bytes), or None if the log names none."""
        keys = self.register.keys.get(center_id, ())
        return keys[number - 1].digest if 1 <= number <= len(keys) else None

    def might_write(self, identity_id: UUID, center_id: UUID, at_sequence: int) -> bool:
        """Whether the identity, after entry ``at_sequence``, was a user's or admin's of the center,
        or a system administrator's. False for a point that was not read yet, and for provisional
        keys: whoever made them could sign in the person's name."""
        if not 1 <= at_sequence <= self.head.sequence:
            return False
        standing = self.register.standing(identity_id, at_sequence)
        if standing is None or not standing.active or standing.provisional:
            return False
        place = standing.membership(center_id)
        return standing.is_system or (place is not None and place.role in ("admin", "user"))

    def __repr__(self) -> str:
        return f"TrustState(head {self.head.sequence} {self.head.digest.hex()[:16]}, {len(self.refused)} refused)"
