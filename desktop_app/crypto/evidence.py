"""What the maker of an evidence file signs: its content by digest, and the record's head as it was then."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from blake3 import blake3

from desktop_app.crypto import canonical
from desktop_app.crypto.identities import Identity
from desktop_app.crypto.sealed_stream import named_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceStatement:
    """``trust_sequence`` is the newest entry of the trust log, all of which the content holds."""

    installation_id: UUID
    center_id: UUID
    at: datetime
    signer: UUID
    trust_sequence: int
    record_sequence: int
    record_digest: bytes
    content: bytes

    def to_bytes(self) -> bytes:
        """Canonical JSON: the bytes that are signed."""
        return canonical.encode(
            {
                "kind": "evidence",
                "installation": str(self.installation_id),
                "center": str(self.center_id),
                "at": canonical.moment_text(self.at),
                "signer": str(self.signer),
                "trust_sequence": self.trust_sequence,
                "record_sequence": self.record_sequence,
                "record_digest": self.record_digest.hex(),
                "digest": sha256(self.content).hexdigest(),
            }
        )


def sign_evidence(statement: EvidenceStatement, identity: Identity) -> tuple[bytes, bytes]:
    """``statement.to_bytes()``, and the maker's Ed25519 signature over them, 64 bytes."""
    payload = statement.to_bytes()
    return payload, identity.sign(payload)


class ContentDigest:
    """Takes a document's clear bytes and keeps nothing but their digest: a target for ``open_stream``."""

    def __init__(self) -> None:
        self._hash = blake3()

    def write(self, data: memoryview) -> int:
        """Add bytes."""
        self._hash.update(data)
        return len(data)

    def digest(self) -> str:
        """Of everything written, as ``named_digest`` writes it."""
        return named_digest(self._hash.digest())
