"""What a signed-in person works with: one object that the use cases are given."""

from dataclasses import dataclass
from uuid import UUID

from desktop_app.crypto.identities import Identity
from desktop_app.db.person_engine import SignedOutError
from desktop_app.db.sessions import CenterSessions, SharedSessions
from desktop_app.domain.profiles import Profile
from desktop_app.domain.records import User
from desktop_app.domain.rights import Standing, Verb, least_standing, may
from desktop_app.errors import RefusedError
from desktop_app.services.connecting import Connection
from desktop_app.services.trust import TrustWatch
from desktop_app.storage.remembered import Remembered
from desktop_app.storage.store import Store


@dataclass
class Access:
    """A person's open door: database sessions under his own rights, his identity, the trust log, the store."""

    profile: Profile
    user: User
    connection: Connection
    held: Identity | None
    """The person's key pairs; None after ``close``."""
    trust: TrustWatch
    store: Store
    remembered: Remembered

    @property
    def identity(self) -> Identity:
        """The person's key pairs (SignedOutError after ``close``)."""
        if self.held is None:
            raise SignedOutError("You are signed out; sign in again.")
        return self.held

    def close(self) -> None:
        """Drop the identity, close the connections and forget the password."""
        self.held = None
        self.connection.close()

    @property
    def installation_id(self) -> UUID:
        """The installation that the profile names."""
        return self.profile.installation_id

    @property
    def shared(self) -> SharedSessions:
        """Sessions on the tables that all centers share."""
        return self.connection.shared

    def sessions(self, center_id: UUID) -> CenterSessions:
        """Sessions bound to one center for their life."""
        return self.connection.center(center_id)

    def standing_in(self, center_id: UUID | None) -> Standing | None:
        """The person's weight in a center (None: in the installation); None if he has none there."""
        if self.user.is_system_administrator:
            return Standing.SYSTEM
        return self.user.standing if center_id is not None and self.user.center_id == center_id else None

    def require(self, verb: Verb, center_id: UUID | None) -> None:
        """Refuse early and kindly what the database would refuse anyway."""
        standing = self.standing_in(center_id)
        if standing is None or not may(standing, verb):
            raise RefusedError(f"This needs the rights of {_ROLE_WORDS[least_standing(verb)]}.")


_ROLE_WORDS = {
    Standing.VIEWER: "a member of the center",
    Standing.USER: "a user of the center",
    Standing.ADMIN: "an administrator of the center",
    Standing.SYSTEM: "a system administrator",
}
