"""A person's own account: the password, and the identity sealed under it."""

from dataclasses import dataclass

from desktop_app.crypto.errors import CryptoError
from desktop_app.crypto.identities import Identity
from desktop_app.crypto.passwords import SignInKeys, derive_keys
from desktop_app.db import administration
from desktop_app.db import trust as trust_rows
from desktop_app.errors import InvalidInputError
from desktop_app.services.access import Access
from desktop_app.services.person_keys import database_password, require_good_password, scram_verifier


@dataclass(frozen=True)
class Account:
    """What a signed-in person may do with his own account."""

    access: Access

    def change_password(self, old: str, new: str) -> SignInKeys:
        """Seal the identity under *new* and give the server its verifier, in one transaction.

        The connections of this window stay open, and new ones use the new password; a remembered sign-in must be
        stored anew from the returned keys.
        """
        user, installation_id = self.access.user, self.access.installation_id
        require_good_password(new, user.username)
        self._require_old(derive_keys(installation_id, user.username, old))
        keys = derive_keys(installation_id, user.username, new)
        sealed = self.access.identity.seal_private(keys.unseal_key, installation_id, user.id)
        with self.access.change_shared() as session:
            administration.change_own_password(session, self.access.identity.public.id, sealed, scram_verifier(keys))
        self.access.connection.use_password(database_password(keys))
        return keys

    def _require_old(self, keys: SignInKeys) -> None:
        with self.access.shared.begin() as session:
            row = trust_rows.own_secret(session)
        try:
            if row is not None:
                Identity.unseal(row.sealed, keys.unseal_key, self.access.installation_id, self.access.user.id, row.id)
                return
        except CryptoError:
            pass
        raise InvalidInputError({"old_password": "The old password is not right."})
