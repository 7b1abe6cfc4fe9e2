"""Signed versions: what an uploader says of a stored file, and whether it counts."""

from dataclasses import dataclass
from uuid import UUID

from desktop_app.crypto import canonical
from desktop_app.crypto.errors import CryptoError, LogBehindError, NotAWriterError, TrustError, UnsignedError
from desktop_app.crypto.identities import Identity, verify
from desktop_app.crypto.sealed_stream import DIGEST
from desktop_app.crypto.trust_state import TrustState


@dataclass(frozen=True, slots=True)
class VersionStatement:
    """One version of a document as its uploader signed it.

    ``size`` is the clear size in bytes, ``stored_digest`` that of the sealed file by name,
    ``signer`` the identity, ``trust_sequence`` the newest trust-log entry the signer knew.
    The key version is not in it: rotation changes that.
    """

    installation_id: UUID
    center_id: UUID
    document_id: UUID
    version_id: UUID
    number: int
    file_name: str
    size: int
    stored_digest: str
    signer: UUID
    trust_sequence: int

    def to_bytes(self) -> bytes:
        """Canonical JSON: the bytes that are signed and stored."""
        return canonical.encode(
            {
                "kind": "version",
                "installation": str(self.installation_id),
                "center": str(self.center_id),
                "document": str(self.document_id),
                "version": str(self.version_id),
                "number": self.number,
                "file_name": self.file_name,
                "size": self.size,
                "stored_digest": self.stored_digest,
                "signer": str(self.signer),
                "trust_sequence": self.trust_sequence,
            }
        )

    @classmethod
    def from_bytes(cls, payload: bytes) -> "VersionStatement":
        """Read what ``to_bytes`` wrote; raise ``UnknownFormatError`` for anything else."""
        fields = canonical.Fields(payload)
        fields.literal("kind", "version")
        found = cls(
            fields.uuid("installation"),
            fields.uuid("center"),
            fields.uuid("document"),
            fields.uuid("version"),
            fields.whole("number", 1),
            fields.text("file_name"),
            fields.whole("size", 0),
            fields.named_digest("stored_digest", DIGEST),
            fields.uuid("signer"),
            fields.whole("trust_sequence", 1),
        )
        fields.finish()
        return found


def sign_version(statement: VersionStatement, identity: Identity) -> bytes:
    """The uploader's Ed25519 signature, 64 bytes, over ``statement.to_bytes()``."""
    if statement.signer != identity.public.id:
        raise CryptoError("A statement is signed by the identity it names.")
    payload = statement.to_bytes()
    VersionStatement.from_bytes(payload)  # what could not be read back must not be signed
    return identity.sign(payload)


def check_version(payload: bytes, signature: bytes, state: TrustState) -> VersionStatement:
    """The statement, if it counts: signed by an enrolled identity that might write in that center then.

    Raises ``UnknownFormatError``, ``UnsignedError``, ``LogBehindError`` (read more of the log) or
    ``NotAWriterError``. The caller compares the ids in it with the row it stands in.
    """
    statement = VersionStatement.from_bytes(payload)
    if statement.installation_id != state.installation_id:
        raise TrustError("The version was signed for another installation.")
    signer = state.identity(statement.signer)
    if signer is None:
        if statement.trust_sequence > state.head.sequence:
            raise LogBehindError("The version was signed by somebody the trust log read so far does not know yet.")
        raise UnsignedError("The version was signed by nobody the trust log knows.")
    if not verify(signer[0], payload, signature):
        raise UnsignedError("The version's signature is not its uploader's; its data were changed.")
    if statement.trust_sequence > state.head.sequence:
        raise LogBehindError("The version refers to a point of the trust log that was not read yet.")
    if not state.might_write(statement.signer, statement.center_id, statement.trust_sequence):
        raise NotAWriterError("The version's uploader had no right to write in this center at that time.")
    return statement
