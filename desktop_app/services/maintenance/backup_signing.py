"""Signing what a backup says of itself, by a system administrator who is signed in."""

from dataclasses import dataclass
from uuid import UUID

from desktop_app.crypto.backup_seal import sign_manifest
from desktop_app.domain.rights import Verb
from desktop_app.services.context.person_context import PersonContext


@dataclass(frozen=True)
class BackupSigner:
    """Signs manifests of backups in a person's name."""

    context: PersonContext

    def sign(self, payload: bytes) -> tuple[UUID, bytes]:
        """The identity and its signature; RefusedError for who is no system administrator."""
        self.context.require(Verb.MANAGE_SYSTEM_ADMINISTRATORS, None)
        return self.context.identity.public.id, sign_manifest(payload, self.context.identity)
