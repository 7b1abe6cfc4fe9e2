"""Opening a backup with the recovery kit or a system administrator's password, and believing none of it before."""

import io
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO
from uuid import UUID

from desktop_app.crypto.backup_seal import copy_digested, open_backup_key, part_data
from desktop_app.crypto.backup_signing import read_signature, require_signed
from desktop_app.crypto.errors import TamperedError, TrustError, WrongKeyError
from desktop_app.crypto.identities import Identity
from desktop_app.crypto.passwords import derive_keys
from desktop_app.crypto.recovery_kit import RecoveryKit
from desktop_app.crypto.sealed_stream import open_stream
from desktop_app.crypto.trust_state import TrustState
from desktop_app.errors import NotFoundError, RefusedError
from desktop_app.message import Message
from desktop_app.services.installation.backup_manifest import (
    Contents,
    Manifest,
    SealedKeys,
    read_contents,
    read_manifest,
    read_sealed_keys,
    require_part,
)
from desktop_app.services.installation.backup_parts import verified
from desktop_app.storage.backup_folder import CONTENTS, DATABASE, KEYS, MANIFEST, PARTS, SIGNATURE, BackupFolder
from desktop_app.system.secret import Secret


@dataclass(frozen=True)
class Opener:
    """Who opens a backup: the text of a recovery kit, or a system administrator's user name and password."""

    kit: str | None = field(default=None, repr=False)
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class OpenedBackup:
    """A backup whose manifest, parts and trust log were verified."""

    folder: BackupFolder
    name: str
    manifest: Manifest
    contents: Contents
    state: TrustState
    key: Secret
    signer: UUID | None
    """The person who signed it, None for an unsigned one; for the recovery kit's signature the root's identity."""
    identity: Identity = field(repr=False)
    """Whose keys opened it: what was sealed to them then opens, too."""
    root_is_the_kits: bool
    """Whether the recovery kit that opened it is the root that the trust log begins with."""

    @property
    def centers(self) -> tuple[UUID, ...]:
        """The centers in it."""
        return tuple(self.contents.center_records)

    def write_database(self, target: BinaryIO) -> None:
        """The dump, opened segment by segment; its digest was compared before."""
        data = part_data(self.manifest.installation_id, self.manifest.backup_id, DATABASE)
        with self.folder.open(self.name, DATABASE) as file:
            open_stream(file, target, self.key.reveal(), data)


def open_backup(folder: BackupFolder, name: str | None, opener: Opener, root_fingerprint: str | None) -> OpenedBackup:
    """Open a backup, the newest one of a whole installation for None.

    *root_fingerprint* is the one that this workstation trusts, if it knows the installation. Raises NotFoundError,
    TamperedError, TrustError, and RefusedError for a kit or password that opens nothing here.
    """
    name = name or newest_whole(folder)
    payload = folder.read(name, MANIFEST)
    manifest = read_manifest(payload)
    for part in PARTS:
        with folder.open(name, part) as file:
            require_part(part, manifest.parts[part], *copy_digested(file, None))
    key, identity = _open_key(manifest, read_sealed_keys(folder.read(name, KEYS)), opener)
    contents = read_contents(_opened(folder, name, manifest, key))
    state = verified(contents.trust_log, manifest.installation_id, root_fingerprint or contents.root_fingerprint)
    if (state.head.sequence, state.head.digest) != (manifest.trust.sequence, manifest.trust.digest):
        raise TamperedError("The trust log in the backup does not end where its manifest says.")
    return OpenedBackup(
        folder,
        name,
        manifest,
        contents,
        state,
        key,
        _signer(folder, name, payload, state),
        identity,
        root_is_the_kits=identity.public.fingerprint().hex() == contents.root_fingerprint,
    )


def require_signed_backup(opened: OpenedBackup, *, takes_unsigned: bool) -> None:
    """RefusedError for a backup that nobody signed, unless it is taken so."""
    if opened.signer is None and not takes_unsigned:
        raise RefusedError(
            "Nobody signed this backup: whoever could write into its folder could have put another database there. "
            "If you are sure of the folder, say that you take it unsigned."
        )


def newest_whole(folder: BackupFolder) -> str:
    """The newest backup that is of a whole installation; NotFoundError where there is none."""
    for name in reversed(folder.names()):
        if read_manifest(folder.read(name, MANIFEST)).center is None:
            return name
    raise NotFoundError("There is no backup of a whole installation in {root}.", root=folder.root)


def _opened(folder: BackupFolder, name: str, manifest: Manifest, key: Secret) -> bytes:
    clear = io.BytesIO()
    data = part_data(manifest.installation_id, manifest.backup_id, CONTENTS)
    with folder.open(name, CONTENTS) as file:
        open_stream(file, clear, key.reveal(), data)
    return clear.getvalue()


def _open_key(manifest: Manifest, sealed: SealedKeys, opener: Opener) -> tuple[Secret, Identity]:
    kit = None if opener.kit is None else RecoveryKit.from_words(opener.kit)
    people = {} if kit is not None else _people(manifest, sealed, opener)
    for identity_id, found in sealed.keys.items():
        identity = people.get(identity_id) if kit is None else kit.identity(identity_id)
        if identity is None:
            continue
        try:
            return open_backup_key(found, manifest.installation_id, manifest.backup_id, identity), identity
        except TamperedError:
            continue
    if kit is not None:
        raise RefusedError(
            "These words were typed correctly, but they are the kit of another installation, or not the one "
            "that counted when the backup was made."
        )
    raise RefusedError(
        "This user name and password open nothing here. A backup is opened by who was a system administrator when it "
        "was made, with the password of that day, or by the recovery kit."
    )


def _people(manifest: Manifest, sealed: SealedKeys, opener: Opener) -> dict[UUID, Identity]:
    """The sealed identities that this password opens: one, or none. Each way of deriving is done once."""
    found = {}
    keys = {
        kdf: derive_keys(manifest.installation_id, opener.username, opener.password, kdf)
        for kdf in {row.kdf for row in sealed.people}
    }
    for row in sealed.people:
        place = (manifest.installation_id, row.user_id, row.identity_id, row.kdf)
        with suppress(WrongKeyError):
            found[row.identity_id] = Identity.unseal(row.sealed, keys[row.kdf].unseal_key, *place)
    return found


def _signer(folder: BackupFolder, name: str, payload: bytes, state: TrustState) -> UUID | None:
    """Who signed the manifest; TrustError for somebody without the right."""
    if not folder.has(name, SIGNATURE):
        return None
    signature = read_signature(folder.read(name, SIGNATURE))
    found = state.identity(signature.signer)
    if found is None or found[0].fingerprint() not in state.seen.restorers:
        raise TrustError(Message("The backup is signed by somebody who is no system administrator in it."))
    require_signed(payload, signature, found[0], state.installation_id)
    return found[1] or signature.signer
