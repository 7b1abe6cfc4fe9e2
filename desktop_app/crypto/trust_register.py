"""People, identities and tenant keys as the counted entries of the trust log leave them."""

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from desktop_app.crypto.identities import PublicIdentity
from desktop_app.crypto.trust_statements import RestoredStatement


@dataclass(frozen=True, slots=True)
class TrustedMembership:
    """A person's place in one center; ``until`` is the last day, if there is one."""

    center_id: UUID
    role: str
    until: date | None = None

    def lasts(self, today: date | None) -> bool:
        """Whether the last day is not over; without a day that is safely known, every membership lasts."""
        return self.until is None or today is None or today <= self.until


@dataclass(frozen=True, slots=True)
class TrustedPerson:
    """A person who was enrolled: a system administrator, or a member of centers (by id), or for the moment neither.

    Who was removed keeps his places: with them he comes back.
    """

    user_id: UUID
    login: str
    identity: PublicIdentity
    provisional: bool
    active: bool
    is_system: bool = False
    memberships: tuple[TrustedMembership, ...] = ()

    def membership(self, center_id: UUID) -> TrustedMembership | None:
        """The place in one center."""
        return next((each for each in self.memberships if each.center_id == center_id), None)

    def joined(self, center_id: UUID | None, role: str, until: date | None) -> "TrustedPerson":
        """The same person with this place made or changed."""
        if center_id is None:
            return replace(self, is_system=True)
        rest = [each for each in self.memberships if each.center_id != center_id]
        found = sorted([*rest, TrustedMembership(center_id, role, until)], key=lambda each: each.center_id)
        return replace(self, memberships=tuple(found))

    def left(self, center_id: UUID | None) -> "TrustedPerson":
        """The same person without this place."""
        if center_id is None:
            return replace(self, is_system=False)
        return replace(self, memberships=tuple(each for each in self.memberships if each.center_id != center_id))


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A tenant key's number and ``tenant_key_digest``."""

    number: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Origin:
    """Another center whose statements up to an entry are a restored center's own."""

    center_id: UUID
    until: int


@dataclass(frozen=True, slots=True)
class KnownIdentity:
    """An identity, whose it is (None: a root's), and from which entry until before which it counts."""

    public: PublicIdentity
    user_id: UUID | None
    since: int
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Restoration:
    """A counted "restored": its place, digest and words, the lineage before it, and the signer's fingerprint."""

    sequence: int
    digest: bytes
    statement: RestoredStatement
    lineage_before: bytes
    signed_with: bytes


@dataclass(slots=True)
class Register:
    """Changed only while entries are being verified, and then only in a copy of its own."""

    root: PublicIdentity
    people: dict[UUID, TrustedPerson] = field(default_factory=dict)
    identities: dict[UUID, KnownIdentity] = field(default_factory=dict)
    fingerprints: set[bytes] = field(default_factory=set)
    logins: set[str] = field(default_factory=set)
    keys: dict[UUID, tuple[TrustedKey, ...]] = field(default_factory=dict)
    deleted: dict[UUID, int] = field(default_factory=dict)
    """Centers that are no more, and by which entry; one that has keys again is not among them."""
    origins: dict[UUID, tuple[Origin, ...]] = field(default_factory=dict)
    """Of centers that were restored from a backup: whose documents they have."""
    history: dict[UUID, tuple[tuple[int, TrustedPerson], ...]] = field(default_factory=dict)
    restorations: tuple[Restoration, ...] = ()
    digests: list[bytes] = field(default_factory=list)

    def copy(self) -> "Register":
        """Independent of this one; the values are immutable."""
        return Register(
            self.root,
            dict(self.people),
            dict(self.identities),
            set(self.fingerprints),
            set(self.logins),
            dict(self.keys),
            dict(self.deleted),
            dict(self.origins),
            dict(self.history),
            self.restorations,
            list(self.digests),
        )

    def set_root(self, sequence: int, identity: PublicIdentity) -> None:
        """The first root, or the next one: the former counts no more."""
        self._retire(self.root.id, sequence)
        self._learn(sequence, identity, None)
        self.root = identity

    def set_person(self, sequence: int, person: TrustedPerson) -> None:
        """A person's new standing from this entry on."""
        self.people[person.user_id] = person
        self.history[person.user_id] = (*self.history.get(person.user_id, ()), (sequence, person))

    def delete_center(self, sequence: int, center_id: UUID) -> None:
        """No place in it from this entry on, of removed people too, and no key."""
        for person in list(self.people.values()):
            if person.membership(center_id) is not None:
                self.set_person(sequence, person.left(center_id))
        self.keys.pop(center_id, None)
        self.deleted[center_id] = sequence

    def restore_center(self, center_id: UUID, origin: Origin) -> None:
        """A new center has another one's documents, and those that the other one had from others before."""
        before = (
            Origin(each.center_id, min(each.until, origin.until)) for each in self.origins.get(origin.center_id, ())
        )
        self.origins[center_id] = (origin, *before)

    def knows_center(self, center_id: UUID) -> bool:
        """Whether this id ever was a center's: as one that is there, one that was deleted, or somebody's place."""
        return (
            center_id in self.keys
            or center_id in self.deleted
            or center_id in self.origins
            or any(person.membership(center_id) for past in self.history.values() for _at, person in past)
        )

    def enrol(self, sequence: int, person: TrustedPerson) -> None:
        """A new person with a new identity."""
        self._learn(sequence, person.identity, person.user_id)
        self.logins.add(person.login)
        self.set_person(sequence, person)

    def replace_keys(self, sequence: int, user_id: UUID, identity: PublicIdentity, provisional: bool) -> None:
        """A person's next identity: the former counts no more."""
        person = self.people[user_id]
        self._retire(person.identity.id, sequence)
        self._learn(sequence, identity, user_id)
        self.set_person(sequence, replace(person, identity=identity, provisional=provisional))

    def is_new(self, identity: PublicIdentity) -> bool:
        """Whether neither the id nor the keys ever stood in the log."""
        return identity.id not in self.identities and not self.fingerprints.intersection(halves(identity))

    def standing(self, identity_id: UUID, at_sequence: int) -> TrustedPerson | None:
        """The person as he was after that entry, if this was his identity then."""
        known = self.identities.get(identity_id)
        if known is None or known.user_id is None:
            return None
        if at_sequence < known.since or (known.until is not None and at_sequence >= known.until):
            return None
        return self.person_at(known.user_id, at_sequence)

    def person_at(self, user_id: UUID, at_sequence: int) -> TrustedPerson | None:
        """The person as he was after that entry; None before he was enrolled."""
        history = self.history[user_id]
        place = bisect_right(history, at_sequence, key=lambda item: item[0])
        return history[place - 1][1] if place else None

    def _learn(self, sequence: int, identity: PublicIdentity, user_id: UUID | None) -> None:
        self.identities[identity.id] = KnownIdentity(identity, user_id, sequence)
        self.fingerprints.update(halves(identity))

    def _retire(self, identity_id: UUID, sequence: int) -> None:
        known = self.identities.get(identity_id)
        if known is not None:
            self.identities[identity_id] = replace(known, until=sequence)


def halves(identity: PublicIdentity) -> tuple[bytes, ...]:
    """The three public keys of an identity."""
    # Each half by itself: keys mixed from two people's would be somebody's twice.
    return identity.ml_kem, identity.x25519, identity.ed25519
