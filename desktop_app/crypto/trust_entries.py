"""One entry of the trust log as bytes: its digest, and whether it is bound to the one before."""

import re
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

_SIGNER = 16
_SIGNATURE = 64
_ESCAPED = re.compile(rb"\\u00([0-9a-fA-F]{2})")


@dataclass(frozen=True, slots=True)
class TrustEntry:
    """One entry as stored: sequence from 1, the signed bytes, the signer's identity id, 64 bytes of signature."""

    sequence: int
    payload: bytes
    signer: UUID
    signature: bytes

    def digest(self) -> bytes:
        """SHA-256(payload || signer, 16 bytes || signature): 32 bytes, what the next entry names."""
        return sha256(self._whole()).digest()

    def split_as_digested(self) -> "TrustEntry":
        """The entry whose last 64 bytes are the signature and the 16 before them the signer.

        The digest does not say where the payload ends. If another split were believed, whoever holds
        the table could move a byte of a good entry from payload to signature: the digest would stay,
        every later entry would still follow, and the entry would not count any more.
        """
        if len(self.signature) == _SIGNATURE:
            return self
        whole = self._whole()
        if len(whole) < _SIGNER + _SIGNATURE:
            return self
        payload, signer, signature = whole[:-80], whole[-80:-64], whole[-64:]
        return TrustEntry(self.sequence, payload, UUID(bytes=signer), signature)

    def follows(self, previous: bytes) -> bool:
        """Whether the digested bytes hold the digest of the entry before, in whatever writing of JSON.

        Asked of rubbish too: an entry that does not hold it would cut the chain, and what stands
        before it could be changed without being noticed. The server appends nothing without it.
        """
        plain = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), self._whole())
        return previous.hex().encode("ascii") in plain

    def _whole(self) -> bytes:
        return self.payload + self.signer.bytes + self.signature
