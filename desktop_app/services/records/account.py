"""A person's own account: a new password, and with it new keys."""

from dataclasses import dataclass

from desktop_app.crypto.errors import CryptoError
from desktop_app.crypto.identities import Identity
from desktop_app.crypto.passwords import SignInKeys, derive_keys
from desktop_app.db import administration
from desktop_app.db import trust as trust_rows
from desktop_app.errors import InvalidInputError, LabkeepError
from desktop_app.message import Message
from desktop_app.services.context.account_keys import database_password, new_keys_under, require_good_password
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.records.own_keys import replace_own_keys


@dataclass(frozen=True)
class Account:
    """What a signed-in person may do with his own account."""

    context: PersonContext

    def change_password(self, old: str, new: str, *, exposed: bool = False) -> SignInKeys:
        """Make new keys, sealed under *new*, and give the server its verifier, in one transaction.

        What was sealed under *old* is deleted: who knows the old password opens nothing with it that is granted from
        now on. The Lab goes on with the new keys; its connections stay open, and new ones use the new password. A
        remembered sign-in must be stored anew from the returned keys.

        *exposed* is for whoever fears that somebody knows the old one: every other session under it is ended, and the
        centers that it could open are due for a new key.
        """
        user, profile = self.context.user, self.context.profile
        require_good_password(new, user.username)
        if new == old:
            raise InvalidInputError({"password": Message("The new password must be another one.")})
        old_keys = derive_keys(profile.installation_id, user.username, old, profile.kdf)
        self._require_old(old_keys)
        keys = derive_keys(profile.installation_id, user.username, new, profile.kdf)
        fresh = new_keys_under(profile.installation_id, user.id, keys, profile.kdf)
        replace_own_keys(self.context, fresh, database_password(old_keys), with_password=True, exposed=exposed)
        if exposed:
            self._end_other_sessions()
        return keys

    def _end_other_sessions(self) -> None:
        """After the change, which is made all the same: what fails is a notice."""
        try:
            self.context.connection.let_go()
            with self.context.shared.begin() as session:
                administration.end_own_other_sessions(session)
        except LabkeepError as error:
            self.context.trust.memory.notices.append(
                Message("The password is changed, but your other sessions could not be ended: {error}", error=error)
            )

    def _require_old(self, keys: SignInKeys) -> None:
        profile, user = self.context.profile, self.context.user
        with self.context.shared.begin() as session:
            row = trust_rows.own_secret(session)
        try:
            if row is not None:
                Identity.unseal(row.sealed, keys.unseal_key, profile.installation_id, user.id, row.id, profile.kdf)
                return
        except CryptoError:
            pass
        raise InvalidInputError({"old_password": Message("The old password is not right.")})
