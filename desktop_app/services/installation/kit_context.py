"""At work with the recovery kit and the database administrator's connection: nobody has signed in.

The trust log is verified from the profile's root first, as at every sign-in; only then is the kit compared with it.
What the kit opens is checked against that log, whatever the database says.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from desktop_app.crypto.errors import OtherKitError, ReplacedKitError
from desktop_app.crypto.identities import Identity
from desktop_app.crypto.recovery_kit import RecoveryKit
from desktop_app.crypto.trust_register import TrustedPerson
from desktop_app.crypto.trust_state import TrustState
from desktop_app.db import kit as kit_rows
from desktop_app.db.api_rows import GrantRow
from desktop_app.db.sessions import Session
from desktop_app.domain.profiles import Profile
from desktop_app.domain.records import User
from desktop_app.domain.rights import Standing
from desktop_app.policy import Policy
from desktop_app.services.context.compatibility import require_fitting_installation
from desktop_app.services.context.connections import AdministratorNeededError, Connection, Servers
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.context.trust_log import TrustLog
from desktop_app.storage.seen_heads import SeenHeads
from desktop_app.storage.store import OpenStore

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
NOBODY = User(
    id=UUID(int=0),
    created_at=_NEVER,
    updated_at=_NEVER,
    created_by="",
    updated_by="",
    is_active=True,
    row_version=1,
    username="",
    email="",
    login="",
)
"""Who is at work with a kit: the root is no person, and no trust log knows this id."""


class KitContext(PersonContext):
    """Signs as the root and opens what is sealed to it; the database lets its administrator do everything anyway."""

    def own_grants(self, session: Session, center_id: UUID) -> list[GrantRow]:
        """What of a center's keys is sealed to the kit."""
        return kit_rows.grants_of(session, center_id, self.identity.public.id)

    @property
    def person(self) -> TrustedPerson | None:
        """Nobody."""
        return None

    def standing_in(self, center_id: UUID | None) -> Standing | None:
        """The root's: its signature counts wherever a system administrator's does."""
        return Standing.SYSTEM


@dataclass(frozen=True)
class KitAccess:
    """Opens installations for whoever holds a kit."""

    servers: Servers
    open_store: OpenStore
    remembered: SeenHeads

    @contextmanager
    def open(self, profile: Profile, dsn: str | None, *, read_only: bool = False) -> Iterator[KitContext]:
        """The installation with its verified trust log, and no kit yet (``take``).

        *dsn* is the database administrator's; the built-in server has its own. Raises AdministratorNeededError,
        TrustError for a log that is broken or has another root, RefusedError for another installation. A log that was
        put back to an older state is read, and nothing may be changed from it.
        """
        connection = self.servers.connect_as_administrator(profile, dsn, read_only=read_only)
        try:
            context = self._context(profile, connection)
        except BaseException:
            connection.close()
            raise
        try:
            yield context
        finally:
            context.close()

    def _context(self, profile: Profile, connection: Connection) -> KitContext:
        trust = TrustLog(profile.installation_id, bytes.fromhex(profile.root_fingerprint), self.remembered)
        with connection.shared.begin() as session:
            if not kit_rows.sees_everything(session):
                raise AdministratorNeededError(
                    "This connection is not the database administrator's: a superuser's is needed."
                )
            require_fitting_installation(session, profile)
            trust.refresh(session)
        store = self.open_store(profile.store, profile.installation_id)
        # Nothing is written in clear with a kit: what a policy forbids is not done here.
        context = KitContext(profile, NOBODY, connection, None, trust, store, self.remembered, Policy())
        context.shared.watch = context.watch(None)
        trust.guard = lambda over: context.require_writable(over_a_rollback=over)
        return context


def root_identity(kit: RecoveryKit, state: TrustState, *, former: bool = False) -> Identity:
    """The kit as an identity of this installation; ReplacedKitError (unless *former* ones are meant), OtherKitError."""
    found = state.root_with(kit.fingerprint())
    if found is None:
        raise OtherKitError("These words were typed correctly, but they are another installation's recovery kit.")
    if found != state.root and not former:
        raise ReplacedKitError(
            "These words were typed correctly, but another recovery kit has taken this one's place. Use the newest."
        )
    return kit.identity(found.id)
