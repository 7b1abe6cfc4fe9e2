"""Signing "restored from a backup", which ends the alarm of every workstation that saw a later state.

A workstation believes it if its signer is a system administrator in the restored trust log and was one in the newest
log that this workstation verified, or if the root signed: somebody who was removed must not bless the state in which
he was not.
"""

from dataclasses import dataclass

from desktop_app.crypto.errors import OtherKitError
from desktop_app.crypto.identities import Identity
from desktop_app.crypto.recovery_kit import RecoveryKit
from desktop_app.crypto.trust_state import LINEAGES
from desktop_app.crypto.trust_statements import RestoredStatement
from desktop_app.db import administration
from desktop_app.domain.rights import Verb
from desktop_app.errors import InvalidInputError, RefusedError
from desktop_app.message import Message
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.context.trust_log import TrustChange

HEADROOM = 1_000_000
"""Other workstations may have seen entries that are lost and that this one never saw: so many more are signed away."""


@dataclass(frozen=True)
class Restoring:
    """What a system administrator says after a restore."""

    context: PersonContext

    def sign(self, reason: str, kit: str | None = None) -> None:
        """Sign that the installation was restored from a backup; with the text of a recovery kit, as the root."""
        if not reason.strip():
            raise InvalidInputError({"reason": Message("Say what was restored, and why.")})
        self.context.require(Verb.MANAGE_CENTERS, None)
        self.context.refresh_trust()
        signer = self.context.identity if kit is None else self._root(kit)
        self._require_believed(signer)

        def act(change: TrustChange) -> None:
            seen, now = self.context.remembered.trust.head(self.context.installation_id), change.state.seen
            known = dict.fromkeys((*(() if seen is None else seen.lineages), *now.lineages))
            head = now.head if seen is None else seen
            sequence = max(head.sequence, now.head.sequence) + HEADROOM
            entry = change.sign(RestoredStatement(sequence, head.digest, tuple(known)[:LINEAGES]))
            administration.sign_restored(change.session, entry, reason.strip())

        self.context.trust.change(self.context.shared, signer, act, over_a_rollback=True)

    def _root(self, kit: str) -> Identity:
        root = self.context.trust.state.root
        found = RecoveryKit.from_words(kit)
        try:
            found.check(root.fingerprint())
        except OtherKitError:
            raise RefusedError("This is not the recovery kit that counts in the restored trust log.") from None
        return found.identity(root.id)

    def _require_believed(self, signer: Identity) -> None:
        """Whom this workstation does not believe would sign in vain."""
        seen = self.context.remembered.trust.head(self.context.installation_id)
        if seen is None or self.context.trust.rollback is None or signer.public.fingerprint() in seen.restorers:
            return
        raise RefusedError(
            "In the newest trust log that this workstation saw, these keys are no system administrator's. Nothing was"
            " signed; another system administrator signs, or whoever has the recovery kit."
        )
