"""Signing what a backup says of itself, by a system administrator who is signed in."""

from dataclasses import dataclass

from desktop_app.crypto.backup_signing import LentKey, ManifestSignature, lend_key, sign_manifest
from desktop_app.domain.rights import Verb
from desktop_app.services.context.person_context import PersonContext


@dataclass(frozen=True)
class BackupSigner:
    """Signs manifests of backups in a person's name."""

    context: PersonContext

    def sign(self, payload: bytes) -> ManifestSignature:
        """Sign a manifest; RefusedError for who is no system administrator."""
        self.context.require(Verb.MANAGE_SYSTEM_ADMINISTRATORS, None)
        return sign_manifest(payload, self.context.identity)

    def lend(self, public: bytes) -> LentKey:
        """Sign that a key of this computer's schedule signs backups; RefusedError as above."""
        self.context.require(Verb.MANAGE_SYSTEM_ADMINISTRATORS, None)
        return lend_key(public, self.context.installation_id, self.context.identity)
