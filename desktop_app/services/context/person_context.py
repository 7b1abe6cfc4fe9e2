"""What a signed-in person works with: one object that the use cases are given."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from desktop_app.crypto.identities import Identity
from desktop_app.crypto.trust_register import TrustedPerson
from desktop_app.db import administration
from desktop_app.db.api_rows import GrantRow
from desktop_app.db.sessions import CenterSessions, Session, SharedSessions
from desktop_app.db.user_engine import SignedOutError
from desktop_app.domain.profiles import Profile
from desktop_app.domain.records import User
from desktop_app.domain.rights import Standing, Verb, least_standing, may
from desktop_app.errors import RefusedError
from desktop_app.message import Message
from desktop_app.policy import Policy
from desktop_app.services.context.compatibility import require_fitting_program
from desktop_app.services.context.connections import Connection
from desktop_app.services.context.openings import OpeningsQueue
from desktop_app.services.context.rollback_detection import RollbackDetector, RolledBackError
from desktop_app.services.context.trust_log import TrustLog
from desktop_app.storage.seen_heads import SeenHeads
from desktop_app.storage.store import Store


@dataclass
class PersonContext:
    """A person who is signed in: database sessions under his own rights, his identity, the trust log, the store."""

    profile: Profile
    user: User
    connection: Connection
    held: Identity | None
    """The person's key pairs; None after ``close``."""
    trust: TrustLog
    store: Store
    remembered: SeenHeads
    policy: Policy
    """What the laboratory fixed on this workstation."""
    watches: dict[UUID | None, RollbackDetector] = field(default_factory=dict)
    """Who watches the records of the centers, and (None) the installation's own."""
    changing_keys: threading.RLock = field(default_factory=threading.RLock)
    """Held while the person's keys are being replaced: whoever signs with the former ones waits for the new ones."""
    under_way: set[UUID] = field(default_factory=set)
    """The versions that this program is saving: its own sweep never gives them up."""
    openings: OpeningsQueue = field(init=False)
    """What was opened and is not on the record yet."""

    def __post_init__(self) -> None:
        """What could not be put on record is one of the notices."""
        self.openings = OpeningsQueue(self.trust.memory.notices.append)

    @property
    def identity(self) -> Identity:
        """The person's key pairs (SignedOutError after ``close``)."""
        if self.held is None:
            raise SignedOutError("You are signed out; sign in again.")
        return self.held

    def close(self) -> None:
        """Drop the identity, close the connections and forget the password."""
        self.held = None
        self.trust.memory.close()
        self.openings.flush(AT_THE_END)
        self.openings.stop()
        self.connection.close()
        for watch in tuple(self.watches.values()):
            watch.flush()

    @property
    def installation_id(self) -> UUID:
        """The installation that the profile names."""
        return self.profile.installation_id

    @property
    def shared(self) -> SharedSessions:
        """Sessions on the tables that all centers share."""
        return self.connection.shared

    @contextmanager
    def change_shared(self, reason: str = "") -> Iterator[Session]:
        """A transaction on the shared tables that changes something; refused as ``require_writable`` says."""
        with self.shared.begin(reason=reason) as session:
            session.connection()  # begins: what record and schema are now is seen
            self.require_writable()
            yield session
        self.shared.look()

    def sessions(self, center_id: UUID) -> CenterSessions:
        """Sessions bound to one center for their life, whose record is watched."""
        return self.connection.center(center_id, self.watch(center_id))

    def watch(self, center_id: UUID | None) -> RollbackDetector:
        """Who watches the record of a center, or (None) the installation's own."""
        return self.watches.setdefault(
            center_id, RollbackDetector(self.remembered, self.installation_id, center_id, self.trust.believed_lineage)
        )

    def rollback_of(self, center_id: UUID | None) -> Message | None:
        """The sentence of the alarm, if what the database has of a center (None: of the installation) is an older
        state than this workstation saw, and nobody who is believed here signed for that."""
        if self.trust.rollback is not None:
            return Message("{rollback} Until then nothing is written.", rollback=self.trust.rollback)
        lost = self.watch(center_id).lost
        if lost is None:
            return None
        whose = "installation" if center_id is None else "center"
        return Message(
            "The record of this {whose} lacks link {sequence}, which this workstation saw: somebody put "
            "an older state back. {until}",
            whose=whose,
            sequence=lost.sequence,
            until=UNTIL,
        )

    def require_writable(self, *, over_a_rollback: bool = False) -> None:
        """Refuse to change what is shared by an old program, or (unless told so) over an older state."""
        found = self.watch(None).schema
        if found is not None:
            require_fitting_program(found)
        if not over_a_rollback:
            self.require_present(None, self.shared)

    def require_present(self, center_id: UUID | None, sessions: CenterSessions | SharedSessions) -> None:
        """Refuse to write over an older state than this workstation saw, unless somebody signed for it meanwhile."""
        if self.rollback_of(center_id) is None:
            return
        self.refresh_trust()
        sessions.look()
        alarm = self.rollback_of(center_id)
        if alarm is not None:
            raise RolledBackError(alarm)

    def refresh_trust(self) -> None:
        """Read what was signed meanwhile."""
        with self.shared.begin() as session:
            self.trust.refresh(session)

    def own_grants(self, session: Session, center_id: UUID) -> list[GrantRow]:
        """What of a center's keys was granted to whoever is at work, read in a shared session."""
        return administration.own_grants(session, center_id)

    @property
    def person(self) -> TrustedPerson | None:
        """The signed-in person as the trust log names him; None for somebody it does not let in (any more)."""
        person = self.trust.state.person(self.user.id)
        return person if person is not None and person.active else None

    def standing_in(self, center_id: UUID | None) -> Standing | None:
        """The person's standing in a center (None: in the installation) by the trust log; None if he has none there."""
        person = self.person
        if person is None:
            return None
        if person.is_system:
            return Standing.SYSTEM
        place = None if center_id is None else person.membership(center_id)
        return None if place is None else Standing(place.role)

    def require(self, verb: Verb, center_id: UUID | None) -> None:
        """Refuse early and kindly what the database would refuse anyway."""
        standing = self.standing_in(center_id)
        if standing is None or not may(standing, verb):
            raise RefusedError("This needs the rights of {role_words}.", role_words=_ROLE_WORDS[least_standing(verb)])


AT_THE_END = 2.0
"""Seconds that closing waits for a slow server to take what was opened."""
UNTIL = Message("Nothing is written until a system administrator signs that this was restored from a backup.")
_ROLE_WORDS = {
    Standing.VIEWER: "a member of the center",
    Standing.USER: "a user of the center",
    Standing.ADMIN: "an administrator of the center",
    Standing.SYSTEM: "a system administrator",
}
