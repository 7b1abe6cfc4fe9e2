"""A person's key pairs: HPKE with the ML-KEM-768 + X25519 hybrid to seal to, Ed25519 to sign with."""

import os
from dataclasses import dataclass
from hashlib import sha256
from typing import NoReturn
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from desktop_app.crypto.errors import CryptoError, TamperedError, UnknownFormatError, WrongKeyError
from desktop_app.system.secret import Secret

_FORMAT = b"\x01"
_KDF = {"kdf 1": b"\x01"}  # the named set that the unseal key came from
_ML_KEM_PUBLIC = 1184
_PRIVATE = 64 + 32 + 32  # ML-KEM seed, X25519, Ed25519
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
# Any scalar does: it only tells points of small order, which give a shared secret of zero (RFC 7748, 6.1).
_PROBE = X25519PrivateKey.from_private_bytes(b"\x42" * 32)


@dataclass(frozen=True, slots=True)
class PublicIdentity:
    """The public halves: ML-KEM-768 1,184 bytes, X25519 32, Ed25519 32."""

    id: UUID
    ml_kem: bytes
    x25519: bytes
    ed25519: bytes

    def __post_init__(self) -> None:
        if (len(self.ml_kem), len(self.x25519), len(self.ed25519)) != (_ML_KEM_PUBLIC, 32, 32):
            raise UnknownFormatError("The public keys do not have the lengths they must have.")

    def to_bytes(self) -> bytes:
        """Format byte 1, ML-KEM, X25519, Ed25519: 1,249 bytes."""
        return _FORMAT + self._halves()

    @classmethod
    def from_bytes(cls, identity_id: UUID, encoded: bytes) -> "PublicIdentity":
        """Read what ``to_bytes`` wrote; raise ``UnknownFormatError`` for anything else."""
        if encoded[:1] != _FORMAT:
            raise UnknownFormatError("The public keys are of a format this version does not know.")
        return cls(identity_id, encoded[1:1185], encoded[1185:1217], encoded[1217:])

    def fingerprint(self) -> bytes:
        """SHA-256 over ML-KEM, X25519 and Ed25519 halves in this order: 32 bytes."""
        return sha256(self._halves()).digest()

    def is_usable(self) -> bool:
        """Whether one can seal to it: the ML-KEM key is valid (FIPS 203, 7.2), the point not of small order."""
        try:
            MLKEM768PublicKey.from_public_bytes(self.ml_kem)
            _PROBE.exchange(X25519PublicKey.from_public_bytes(self.x25519))
        except ValueError:
            return False
        return True

    def _halves(self) -> bytes:
        return self.ml_kem + self.x25519 + self.ed25519


class Identity:
    """All halves of an identity, in memory while somebody is signed in."""

    __slots__ = ("_hybrid", "_private", "_signing", "public")

    def __init__(self, private: Secret, identity_id: UUID) -> None:
        """``private`` is ML-KEM seed 64, X25519 32, Ed25519 32 bytes; public halves are recomputed."""
        raw = private.reveal()
        if len(raw) != _PRIVATE:
            raise UnknownFormatError("The private keys do not have the length they must have.")
        ml_kem = MLKEM768PrivateKey.from_seed_bytes(raw[:64])
        x25519 = X25519PrivateKey.from_private_bytes(raw[64:96])
        self._private = private
        self._hybrid = MLKEM768X25519PrivateKey(ml_kem, x25519)
        self._signing = Ed25519PrivateKey.from_private_bytes(raw[96:])
        self.public = PublicIdentity(
            identity_id,
            ml_kem.public_key().public_bytes_raw(),
            x25519.public_key().public_bytes_raw(),
            self._signing.public_key().public_bytes_raw(),
        )

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature (RFC 8032), 64 bytes."""
        return self._signing.sign(message)

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Open what ``seal_to`` sealed to this identity under the same ``info``, or raise ``TamperedError``."""
        if sealed[:1] != _FORMAT:
            raise TamperedError("What was sealed is of a format this version does not know, or it was changed.")
        try:
            return _SUITE.decrypt(sealed[1:], self._hybrid, info=info)
        except (InvalidTag, ValueError):
            raise TamperedError("This was sealed to somebody else or for another purpose, or it was changed.") from None

    def secret_for(self, purpose: bytes) -> Secret:
        """32 bytes that only whoever holds the private halves can make: HKDF-SHA256 over them, info ``purpose``."""
        return Secret(HKDF(SHA256(), 32, salt=None, info=purpose).derive(self._private.reveal()))

    def seal_private(self, unseal_key: Secret, installation_id: UUID, user_id: UUID, kdf: str) -> bytes:
        """Seal the private halves under the password's unseal key: 158 bytes.

        Format byte 1, a byte for the set ``kdf`` (1 for "kdf 1"), 12-byte nonce, AES-256-GCM of 128 bytes. The key is
        HKDF-SHA256(unseal key, info "labkeep/1|identity"); associated data are the first two
        bytes and "<installation>|<user>|<identity>".
        """
        header = _header(kdf)
        nonce = os.urandom(12)
        associated = header + _owner(installation_id, user_id, self.public.id)
        return header + nonce + _unseal_cipher(unseal_key).encrypt(nonce, self._private.reveal(), associated)

    @classmethod
    def unseal(
        cls, sealed: bytes, unseal_key: Secret, installation_id: UUID, user_id: UUID, identity_id: UUID, kdf: str
    ) -> "Identity":
        """Open what ``seal_private`` sealed; ``WrongKeyError`` if the password or the owner is another."""
        header = sealed[:2]
        if header != _header(kdf):
            raise UnknownFormatError("The sealed identity is of a format this version does not know.")
        associated = header + _owner(installation_id, user_id, identity_id)
        try:
            private = _unseal_cipher(unseal_key).decrypt(sealed[2:14], sealed[14:], associated)
        except (InvalidTag, ValueError):
            raise WrongKeyError(
                "The password is not the one these keys were sealed under, or the sealed keys were changed."
            ) from None
        return cls(Secret(private), identity_id)

    def __repr__(self) -> str:
        return f"Identity({self.public.id}, redacted)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("An identity is not copied or pickled.")


def make_identity(identity_id: UUID | None = None) -> Identity:
    """A new identity from the system's random source."""
    return Identity(Secret(os.urandom(_PRIVATE)), identity_id or uuid4())


def identity_from_seed(seed: bytes, identity_id: UUID) -> Identity:
    """The root's identity from the recovery kit's 32-byte seed.

    HKDF-SHA256 (RFC 5869, no salt, info "labkeep/1|root") to 128 bytes: ML-KEM seed 64, X25519 32, Ed25519 32.
    """
    if len(seed) != 32:
        raise CryptoError("A root seed has 32 bytes.")
    expanded = HKDF(algorithm=SHA256(), length=_PRIVATE, salt=None, info=b"labkeep/1|root").derive(seed)
    return Identity(Secret(expanded), identity_id)


def seal_to(public: PublicIdentity, info: bytes, plaintext: bytes) -> bytes:
    """Seal to an identity: format byte 1, then HPKE base mode (RFC 9180), 1,137 bytes more than the plaintext.

    ML-KEM-768 + X25519 (KEM 0x647a), HKDF-SHA256, AES-256-GCM; ``info`` binds the purpose.
    Raises ``CryptoError`` if the public halves cannot be sealed to.
    """
    try:
        key = MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public.ml_kem), X25519PublicKey.from_public_bytes(public.x25519)
        )
        return _FORMAT + _SUITE.encrypt(plaintext, key, info=info)
    except ValueError:
        raise CryptoError("The public keys of identity {id} cannot be sealed to.", id=public.id) from None


def verify(public: PublicIdentity, message: bytes, signature: bytes) -> bool:
    """Whether the signature over the message is this identity's."""
    try:
        Ed25519PublicKey.from_public_bytes(public.ed25519).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _header(kdf: str) -> bytes:
    if kdf not in _KDF:
        raise UnknownFormatError("The profile asks for a way to derive keys that this version does not know.")
    return _FORMAT + _KDF[kdf]


def _owner(installation_id: UUID, user_id: UUID, identity_id: UUID) -> bytes:
    return f"{installation_id}|{user_id}|{identity_id}".encode("ascii")


def _unseal_cipher(unseal_key: Secret) -> AESGCM:
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"labkeep/1|identity")
    return AESGCM(hkdf.derive(unseal_key.reveal()))
