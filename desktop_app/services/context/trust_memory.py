"""The trust log as far as this workstation verified it for a person, kept from one start to the next."""

import logging
from dataclasses import dataclass, field
from uuid import UUID

from desktop_app import __version__
from desktop_app.crypto.errors import CryptoError
from desktop_app.crypto.identities import Identity
from desktop_app.crypto.trust_snapshot import PURPOSE, pack, unpack
from desktop_app.crypto.trust_state import TrustState
from desktop_app.errors import LabkeepError
from desktop_app.message import Message
from desktop_app.storage.trust_snapshots import TrustSnapshots
from desktop_app.system.secret import Secret

LOGGER = logging.getLogger(__name__)
WORTH_KEEPING = 64
"""Entries: so many are verified in a thirtieth of a second, and that is what a start may cost each time."""
CHANGED = Message(
    "What this computer kept of the verified trust log was changed by somebody. It was not used: "
    "the whole log was verified again."
)


@dataclass
class TrustMemory:
    """Of one installation. Without an identity at hand nothing is recalled and nothing kept."""

    snapshots: TrustSnapshots
    installation_id: UUID
    notices: list[str] = field(default_factory=list)
    """What the person should know of it, one sentence each."""
    _user_id: UUID | None = None
    _identity_id: UUID | None = None
    _key: Secret | None = None
    _kept: bytes | None = None
    """The digest of the newest entry in the file, as far as we know."""
    _kept_entries: int = 0

    def belongs_to(self, user_id: UUID, identity: Identity) -> None:
        """From now on this person's file is used; its key comes from the private halves."""
        self._user_id, self._identity_id = user_id, identity.public.id
        self._key = identity.secret_for(PURPOSE)
        self._kept, self._kept_entries = None, 0

    def close(self) -> None:
        """Drop the key."""
        self._key = None

    def recall(self) -> TrustState | None:
        """What was verified at an earlier start; None where there is nothing that may be believed."""
        if self._key is None or self._user_id is None or self._identity_id is None:
            return None
        try:
            packed = self.snapshots.read(self.installation_id, self._user_id)
            state = None if packed is None else unpack(packed, self._key, self._identity_id, __version__)
        except CryptoError:
            LOGGER.warning("The kept trust log was changed; it is verified again.")
            self.notices.append(CHANGED)
            return None
        except LabkeepError as error:
            LOGGER.warning("The kept trust log could not be read: %s.", error.code)
            return None
        if state is not None:
            self._kept, self._kept_entries = state.head.digest, state.head.sequence
        return state

    def keep(self, state: TrustState) -> None:
        """Keep what was verified, where it is worth it; what cannot be written costs the next start some time."""
        if self._key is None or self._user_id is None or self._identity_id is None:
            return
        extends = 1 <= self._kept_entries <= state.head.sequence and (
            state.register.digests[self._kept_entries - 1] == self._kept
        )
        if state.head.sequence - (self._kept_entries if extends else 0) < WORTH_KEEPING:
            return
        try:
            packed = pack(state, self._key, self._identity_id, __version__)
            self.snapshots.write(self.installation_id, self._user_id, packed)
        except LabkeepError as error:
            LOGGER.warning("The verified trust log could not be kept: %s.", error.code)
            return
        self._kept, self._kept_entries = state.head.digest, state.head.sequence
