"""A center's keys in the hands of a signed-in person: opened, checked against the trust log, passed on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from desktop_app.crypto.identities import Identity, PublicIdentity
from desktop_app.crypto.key_ring import KeyRing, check_tenant_key, make_tenant_key, open_grant, seal_grant
from desktop_app.crypto.trust_state import TrustState
from desktop_app.db.api_rows import GrantRow
from desktop_app.db.errors import KeysReplacedError
from desktop_app.errors import RefusedError


@dataclass(frozen=True, repr=False)
class CenterKeys:
    """Every version of a center's tenant key that a person was granted; each checked against the trust log."""

    installation_id: UUID
    center_id: UUID
    keys: dict[int, bytes]
    active: int

    def ring(self) -> KeyRing:
        """The ring that wraps and unwraps document keys."""
        return KeyRing(self.installation_id, self.center_id, self.keys, self.active)

    def with_next(self) -> "CenterKeys":
        """These keys and a new one, which would be in force after a rotation."""
        number = self.active + 1
        return replace(self, keys=self.keys | {number: make_tenant_key()}, active=number)

    def grants_to(self, recipients: Iterable[PublicIdentity]) -> list[GrantRow]:
        """Every version sealed to every recipient."""
        return [self._grant(number, recipient) for recipient in recipients for number in self.keys]

    def active_grants_to(self, recipients: Iterable[PublicIdentity]) -> list[GrantRow]:
        """The key in force, sealed to every recipient."""
        return [self._grant(self.active, recipient) for recipient in recipients]

    def _grant(self, number: int, recipient: PublicIdentity) -> GrantRow:
        sealed = seal_grant(self.installation_id, self.center_id, number, self.keys[number], recipient)
        return GrantRow(self.center_id, number, recipient.id, sealed)


def open_center_keys(
    grants: Iterable[GrantRow], installation_id: UUID, center_id: UUID, identity: Identity, state: TrustState
) -> CenterKeys:
    """The center's keys from what was granted to *identity*.

    Raises PlantedKeyError when a key is not the one that the trust log names, RefusedError when there is no grant for
    the active one, and KeysReplacedError when the grants are another identity's.
    """
    keys: dict[int, bytes] = {}
    for grant in grants:
        if grant.identity_id != identity.public.id:
            raise KeysReplacedError
        key = open_grant(installation_id, center_id, grant.key_version, grant.sealed, identity)
        check_tenant_key(state, center_id, grant.key_version, key)
        keys[grant.key_version] = key
    active = state.active_key(center_id)
    if active is None or active.number not in keys:
        raise RefusedError("You hold no key of this center yet. An administrator of the center can grant it again.")
    return CenterKeys(installation_id, center_id, keys, active.number)
