"""The formats once more, written from their sources with hashlib, hmac and single primitives only.

A known answer computed by the code under test proves that it did not change; computed here, it
proves that it is what the documents say.
"""

import hmac
from hashlib import sha3_256, sha256

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MIB = 1024 * 1024


def hkdf(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA256, RFC 5869; an empty salt stands for 32 zero bytes."""
    key = hmac.digest(salt or bytes(32), material, "sha256")
    out, block, number = b"", b"", 1
    while len(out) < length:
        block = hmac.digest(key, block + info + bytes([number]), "sha256")
        out, number = out + block, number + 1
    return out[:length]


def stored_size(size: int) -> int:
    """Of Tink's AES256_GCM_HKDF_1MB: the first segment of 1 MiB holds the header of 40 bytes, each a tag of 16."""
    first, others = MIB - 56, MIB - 16
    return size + 40 + 16 * (1 if size <= first else 1 + -(-(size - first) // others))


def hpke_open(sealed: bytes, ml_kem_seed: bytes, x25519: bytes, info: bytes) -> bytes:
    """HPKE base mode (RFC 9180) with KEM 0x647a (X-Wing), HKDF-SHA256 and AES-256-GCM."""
    ct_m, ct_x, body = sealed[:1088], sealed[1088:1120], sealed[1120:]
    private = X25519PrivateKey.from_private_bytes(x25519)
    ss_m = MLKEM768PrivateKey.from_seed_bytes(ml_kem_seed).decapsulate(ct_m)
    ss_x = private.exchange(X25519PublicKey.from_public_bytes(ct_x))
    pk_x = private.public_key().public_bytes_raw()
    shared = sha3_256(ss_m + ss_x + ct_x + pk_x + rb"\.//^" + b"\\").digest()

    suite = b"HPKE" + (0x647A).to_bytes(2, "big") + (1).to_bytes(2, "big") + (2).to_bytes(2, "big")

    def extract(salt: bytes, label: bytes, material: bytes) -> bytes:
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + material, "sha256")

    def expand(secret: bytes, label: bytes, context: bytes, length: int) -> bytes:
        labeled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context
        return hmac.digest(secret, labeled + b"\x01", "sha256")[:length]

    context = b"\x00" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared, b"secret", b"")
    key, nonce = expand(secret, b"key", context, 32), expand(secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, body, b"")


def seal_body(clear: bytes, key: bytes, salt: bytes, prefix: bytes, associated: bytes) -> bytes:
    """Tink's AES256_GCM_HKDF_1MB, whole in memory."""
    cipher = AESGCM(hkdf(key, salt, associated, 32))
    pieces = [clear[: MIB - 56]]
    pieces += [clear[start : start + MIB - 16] for start in range(MIB - 56, len(clear), MIB - 16)]
    out = bytes([40]) + salt + prefix
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        out += cipher.encrypt(prefix + number.to_bytes(4, "big") + bytes([last]), piece, None)
    return out


def digest(*parts: bytes) -> bytes:
    """SHA-256 of the parts in a row."""
    return sha256(b"".join(parts)).digest()
