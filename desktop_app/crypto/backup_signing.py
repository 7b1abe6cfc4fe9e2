"""Signatures of manifests: a system administrator's own, or that of a key that he lent to one computer's schedule.

A schedule runs without anybody's password. So a system administrator signs once that a key, made and kept on that
computer, signs backups of this installation; whoever verifies a manifest verifies both.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from desktop_app.crypto.canonical import Fields, encode
from desktop_app.crypto.errors import TamperedError, TrustError, UnknownFormatError
from desktop_app.crypto.identities import Identity, PublicIdentity, verify
from desktop_app.message import Message
from desktop_app.system.secret import Secret

_MANIFEST = b"labkeep/1|backup-manifest|"
_LENT = b"labkeep/1|backup-key|"
_KIND = "backup_key"


@dataclass(frozen=True)
class LentKey:
    """A system administrator's word that a key signs backups of an installation."""

    payload: bytes
    """Canonical JSON: kind, installation, key."""
    signer: UUID
    signature: bytes


@dataclass(frozen=True)
class ManifestSignature:
    """Who answers for a manifest (an identity), the signature, and for that of a lent key the administrator's word."""

    signer: UUID
    signature: bytes
    lent: LentKey | None = None

    def to_bytes(self) -> bytes:
        """JSON."""
        values: dict[str, Any] = {"signer": str(self.signer), "signature": self.signature.hex()}
        if self.lent is not None:
            values["lent"] = {"payload": self.lent.payload.decode("ascii"), "signature": self.lent.signature.hex()}
        return json.dumps(values).encode()


def read_signature(content: bytes) -> ManifestSignature:
    """Read what ``to_bytes`` wrote; UnknownFormatError for anything else."""
    try:
        values = json.loads(content)
        signer, lent = UUID(values["signer"]), values.get("lent")
        word = lent and LentKey(lent["payload"].encode("ascii"), signer, bytes.fromhex(lent["signature"]))
        return ManifestSignature(signer, bytes.fromhex(values["signature"]), word)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnknownFormatError("The backup's signature is of a form that this Labkeep does not know.") from error


def sign_manifest(payload: bytes, signer: Identity) -> ManifestSignature:
    """Ed25519 over ``labkeep/1|backup-manifest|`` and the manifest's bytes."""
    return ManifestSignature(signer.public.id, signer.sign(_MANIFEST + payload))


def lend_key(public: bytes, installation_id: UUID, signer: Identity) -> LentKey:
    """The administrator's word for a key: Ed25519 over ``labkeep/1|backup-key|`` and the payload."""
    payload = encode({"kind": _KIND, "installation": str(installation_id), "key": public.hex()})
    return LentKey(payload, signer.public.id, signer.sign(_LENT + payload))


class ScheduleKey:
    """The key that a computer signs its scheduled backups with, and the word that it may."""

    __slots__ = ("_private", "lent")

    def __init__(self, private: Secret, lent: LentKey) -> None:
        """*private* is an Ed25519 key's 32 bytes."""
        self._private = Ed25519PrivateKey.from_private_bytes(private.reveal())
        self.lent = lent

    @classmethod
    def make(cls, lend: Callable[[bytes], LentKey]) -> tuple["ScheduleKey", Secret]:
        """A new key that somebody lends (``lend(public)``), and its private bytes to be kept."""
        private = Ed25519PrivateKey.generate()
        kept = Secret(private.private_bytes_raw())
        return cls(kept, lend(private.public_key().public_bytes_raw())), kept

    def sign(self, payload: bytes) -> ManifestSignature:
        """A manifest's signature."""
        return ManifestSignature(self.lent.signer, self._private.sign(_MANIFEST + payload), self.lent)


def require_signed(payload: bytes, found: ManifestSignature, signer: PublicIdentity, installation_id: UUID) -> None:
    """Raise TamperedError unless *signer*, or a key that he lent for this installation, signed exactly these bytes."""
    if found.lent is None:
        is_good = verify(signer, _MANIFEST + payload, found.signature)
    else:
        key = _lent_key(found.lent, signer, installation_id)
        is_good = _is_signed(key, _MANIFEST + payload, found.signature)
    if not is_good:
        raise TamperedError(Message("The backup's manifest was changed after it was signed."))


def _lent_key(lent: LentKey, signer: PublicIdentity, installation_id: UUID) -> bytes:
    if not verify(signer, _LENT + lent.payload, lent.signature):
        raise TrustError("The key that signed the backup was lent by nobody who may.")
    fields = Fields(lent.payload)
    fields.literal("kind", _KIND)
    fields.literal("installation", str(installation_id))
    key = fields.digest("key")
    fields.finish()
    return key


def _is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
