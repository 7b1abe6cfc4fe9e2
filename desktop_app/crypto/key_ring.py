"""A center's tenant keys: sealing them to people, and wrapping document keys under them."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NoReturn
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken

from desktop_app.crypto.errors import CryptoError, PlantedKeyError, TamperedError, WrongKeyError
from desktop_app.crypto.identities import Identity, PublicIdentity, seal_to
from desktop_app.crypto.trust_state import TrustState
from desktop_app.message import Message

_MAGIC = b"LKK1"
_FRAME = 4 + 16 + 16 + 4 + 32
_MOVED = Message("The key of this document was changed, or belongs to another document, version or center.")


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A document key as stored: the number of the tenant key it is under, and the Fernet token."""

    key_version: int
    token: bytes


class KeyRing:
    """The tenant keys of one center that the person can open, by number; in memory only."""

    __slots__ = ("_active", "_center_id", "_installation_id", "_keys")

    def __init__(self, installation_id: UUID, center_id: UUID, keys: Mapping[int, bytes], active: int) -> None:
        """``keys`` are Fernet keys (44 bytes of ASCII) already checked against the trust log."""
        self._installation_id = installation_id
        self._center_id = center_id
        self._keys = {number: _fernet(key) for number, key in keys.items()}
        self._active = active
        if active not in self._keys:
            raise WrongKeyError("Key {active} of the center is not in this ring.", active=active)

    def wrap(self, version_id: UUID, document_key: bytes) -> WrappedKey:
        """Wrap a 32-byte document key under the active tenant key.

        The Fernet token holds 72 bytes: "LKK1", center and version uuid (16 each), key number
        (4, big-endian), the key. Fernet has no associated data, so the frame carries it.
        """
        if len(document_key) != 32:
            raise CryptoError("A document key has 32 bytes.")
        frame = self._frame_head(version_id, self._active) + document_key
        return WrappedKey(self._active, self._key(self._active).encrypt(frame))

    def unwrap(self, version_id: UUID, key_version: int, token: bytes) -> bytes:
        """The 32-byte document key; ``WrongKeyError`` if the ring lacks that key, else ``TamperedError``."""
        fernet = self._key(key_version)
        if not _is_strict_base64(token):
            raise TamperedError(_MOVED)
        try:
            # Never a ttl: a skewed clock would lose data.
            frame = fernet.decrypt(token)
        except InvalidToken:
            raise TamperedError(_MOVED) from None
        head = self._frame_head(version_id, key_version)
        if len(frame) != _FRAME or not hmac.compare_digest(frame[: len(head)], head):
            raise TamperedError(_MOVED)
        return frame[len(head) :]

    def _key(self, number: int) -> Fernet:
        try:
            return self._keys[number]
        except KeyError:
            raise WrongKeyError("Key {number} of the center is not in this ring.", number=number) from None

    def _frame_head(self, version_id: UUID, number: int) -> bytes:
        return _MAGIC + self._center_id.bytes + version_id.bytes + number.to_bytes(4, "big")

    def __repr__(self) -> str:
        return f"KeyRing(center {self._center_id}, keys {list(self._keys)}, active {self._active}, redacted)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A key ring is not copied or pickled.")


def make_tenant_key() -> bytes:
    """A new Fernet key: 32 random bytes in base64, 44 bytes of ASCII."""
    return Fernet.generate_key()


def tenant_key_digest(center_id: UUID, number: int, key: bytes) -> bytes:
    """What the trust log says of a tenant key: SHA-256("labkeep/1|tenant-key|<center>|<number>|" + key)."""
    return sha256(f"labkeep/1|tenant-key|{center_id}|{number}|".encode("ascii") + key).digest()


def check_tenant_key(state: TrustState, center_id: UUID, number: int, key: bytes) -> None:
    """Raise ``PlantedKeyError`` unless the trust log names exactly this key by this number."""
    expected = state.key_digest(center_id, number)
    if expected is None:
        raise PlantedKeyError("The trust log knows no key {number} of this center; a key was planted.", number=number)
    if not hmac.compare_digest(expected, tenant_key_digest(center_id, number, key)):
        raise PlantedKeyError(
            "Key {number} of this center is not the one in the trust log; a key was planted.", number=number
        )


def seal_grant(installation_id: UUID, center_id: UUID, number: int, key: bytes, recipient: PublicIdentity) -> bytes:
    """Seal a tenant key to one identity, bound to installation, center, number and identity."""
    _fernet(key)
    return seal_to(recipient, _grant_info(installation_id, center_id, number, recipient.id), key)


def open_grant(installation_id: UUID, center_id: UUID, number: int, sealed: bytes, identity: Identity) -> bytes:
    """The tenant key of a grant; ``TamperedError`` if it is somebody else's or another key's.

    Who sealed it is not known: the caller compares the key with the log by ``check_tenant_key``.
    """
    key = identity.open(sealed, _grant_info(installation_id, center_id, number, identity.public.id))
    _fernet(key)
    return key


def _grant_info(installation_id: UUID, center_id: UUID, number: int, identity_id: UUID) -> bytes:
    return f"labkeep/1|grant|{installation_id}|{center_id}|{number}|{identity_id}".encode("ascii")


def _fernet(key: bytes) -> Fernet:
    try:
        fernet = Fernet(key)
    except ValueError:
        raise WrongKeyError("A tenant key does not have the form of one.") from None
    if not _is_strict_base64(key):
        raise WrongKeyError("A tenant key is not written as tenant keys are.")
    return fernet


def _is_strict_base64(text: bytes) -> bool:
    """Fernet's own reading takes what follows the padding, and stray bits, without a word."""
    try:
        return urlsafe_b64encode(urlsafe_b64decode(text)) == text
    except ValueError:
        return False
