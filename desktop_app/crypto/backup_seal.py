"""What a backup is sealed with: one random key for its parts, sealed to those who may restore it.

The recovery kit's root and every system administrator get the key by HPKE (``seal_to``), bound to installation, backup
and identity. A part is one sealed stream (sealed_stream.py) whose associated data name installation, backup and part.
"""

import os
from uuid import UUID

from blake3 import blake3

from desktop_app.crypto.identities import Identity, PublicIdentity, seal_to
from desktop_app.crypto.sealed_stream import Readable, Writable, named_digest
from desktop_app.system.secret import Secret

_CHUNK = 1024 * 1024


def make_backup_key() -> Secret:
    """32 random bytes for the parts of one backup."""
    return Secret(os.urandom(32))


def seal_backup_key(key: Secret, installation_id: UUID, backup_id: UUID, recipient: PublicIdentity) -> bytes:
    """The key sealed to one identity, ``info = labkeep/1|backup|<installation>|<backup>|<identity>``: 1,169 bytes."""
    return seal_to(recipient, _info(installation_id, backup_id, recipient.id), key.reveal())


def open_backup_key(sealed: bytes, installation_id: UUID, backup_id: UUID, identity: Identity) -> Secret:
    """The key; TamperedError if it is somebody else's or another backup's."""
    return Secret(identity.open(sealed, _info(installation_id, backup_id, identity.public.id)))


def part_data(installation_id: UUID, backup_id: UUID, part: str) -> bytes:
    """The associated data of a part: ``labkeep/1|backup|<installation>|<backup>|<part>``."""
    return f"labkeep/1|backup|{installation_id}|{backup_id}|{part}".encode("ascii")


def copy_digested(source: Readable, target: Writable | None) -> tuple[int, str]:
    """Copy a stored file as it is (None: only read it); its size and its digest as ``named_digest`` writes it."""
    digest, size = blake3(), 0
    buffer = memoryview(bytearray(_CHUNK))
    while got := source.readinto(buffer):
        piece = buffer[:got]
        digest.update(piece)
        size += got
        while target is not None and piece:
            piece = piece[target.write(piece) or 0 :]
    return size, named_digest(digest.digest())


def _info(installation_id: UUID, backup_id: UUID, identity_id: UUID) -> bytes:
    return f"labkeep/1|backup|{installation_id}|{backup_id}|{identity_id}".encode("ascii")
