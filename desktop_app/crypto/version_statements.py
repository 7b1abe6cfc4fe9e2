"""Signed statements about documents: what an uploader says of a stored file, what an editor says of a document.

What stands beside a document in clear (title, type, tags, sample) is signed with each version, and with each later
change by a statement of the document. The statements of one document are a chain: each names the one before it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TypedDict, TypeVar
from uuid import UUID

from desktop_app.crypto import canonical
from desktop_app.crypto.errors import CryptoError, LogBehindError, NotAWriterError, TrustError, UnsignedError
from desktop_app.crypto.identities import Identity, verify
from desktop_app.crypto.sealed_stream import DIGEST
from desktop_app.crypto.trust_state import TrustState
from desktop_app.domain.drafts import DocumentDraft

NO_STATEMENT = bytes(32)
"""The digest before the first statement of a document."""


class _Common(TypedDict):
    installation_id: UUID
    center_id: UUID
    document_id: UUID
    facts: DocumentDraft
    at: datetime
    signer: UUID
    trust_sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    """What every statement says: where it belongs, who signs it, when, and what the document is called then.

    ``at`` is the server's time as the signer was told it, in whole seconds; ``signer`` the identity;
    ``trust_sequence`` the newest trust-log entry the signer knew.
    """

    installation_id: UUID
    center_id: UUID
    document_id: UUID
    facts: DocumentDraft
    at: datetime
    signer: UUID
    trust_sequence: int

    def _common(self) -> dict[str, object]:
        return {
            "installation": str(self.installation_id),
            "center": str(self.center_id),
            "document": str(self.document_id),
            "title": self.facts.title,
            "type": self.facts.document_type,
            "tags": list(self.facts.tags),
            "sample": None if self.facts.sample_id is None else str(self.facts.sample_id),
            "at": canonical.moment_text(self.at),
            "signer": str(self.signer),
            "trust_sequence": self.trust_sequence,
        }

    @staticmethod
    def _read_common(fields: canonical.Fields) -> "_Common":
        """What ``_common`` wrote."""
        return {
            "installation_id": fields.uuid("installation"),
            "center_id": fields.uuid("center"),
            "document_id": fields.uuid("document"),
            "facts": _facts(fields),
            "at": fields.moment("at"),
            "signer": fields.uuid("signer"),
            "trust_sequence": fields.whole("trust_sequence", 1),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionStatement(_Statement):
    """One version of a document as its uploader signed it.

    ``size`` is the clear size in bytes, ``stored_digest`` that of the sealed file by name. ``statement`` and
    ``statement_digest`` name the newest statement of the document (0 and zeros where there is none). The key version
    is not in it: rotation changes that.
    """

    version_id: UUID
    number: int
    file_name: str
    size: int
    stored_digest: str
    statement: int = 0
    statement_digest: bytes = NO_STATEMENT

    def to_bytes(self) -> bytes:
        """Canonical JSON: the bytes that are signed and stored."""
        return canonical.encode(
            {
                "kind": "version",
                "version": str(self.version_id),
                "number": self.number,
                "file_name": self.file_name,
                "size": self.size,
                "stored_digest": self.stored_digest,
                "statement": self.statement,
                "statement_digest": self.statement_digest.hex(),
                **self._common(),
            }
        )

    @classmethod
    def from_bytes(cls, payload: bytes) -> "VersionStatement":
        """Read what ``to_bytes`` wrote; raise ``UnknownFormatError`` for anything else."""
        fields = canonical.Fields(payload)
        fields.literal("kind", "version")
        found = cls(
            version_id=fields.uuid("version"),
            number=fields.whole("number", 1),
            file_name=fields.text("file_name"),
            size=fields.whole("size", 0),
            stored_digest=fields.named_digest("stored_digest", DIGEST),
            statement=fields.whole("statement", 0),
            statement_digest=fields.digest("statement_digest"),
            **cls._read_common(fields),
        )
        fields.finish()
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStatement(_Statement):
    """What a document is called from now on, as its editor signed it.

    ``number`` counts the document's statements from 1; ``previous`` is the digest of the one before.
    """

    number: int
    previous: bytes = NO_STATEMENT

    def to_bytes(self) -> bytes:
        """Canonical JSON: the bytes that are signed and stored."""
        return canonical.encode(
            {"kind": "document", "number": self.number, "previous": self.previous.hex(), **self._common()}
        )

    @classmethod
    def from_bytes(cls, payload: bytes) -> "DocumentStatement":
        """Read what ``to_bytes`` wrote; raise ``UnknownFormatError`` for anything else."""
        fields = canonical.Fields(payload)
        fields.literal("kind", "document")
        found = cls(
            number=fields.whole("number", 1),
            previous=fields.digest("previous"),
            **cls._read_common(fields),
        )
        fields.finish()
        return found


Statement = TypeVar("Statement", VersionStatement, DocumentStatement)


def statement_digest(payload: bytes, signature: bytes) -> bytes:
    """By which the next statement names this one: SHA-256 over payload and signature."""
    return sha256(payload + signature).digest()


def whole_seconds(moment: datetime) -> datetime:
    """A moment as statements can say it."""
    return moment.astimezone(UTC).replace(microsecond=0)


def sign_version(statement: VersionStatement, identity: Identity) -> tuple[bytes, bytes]:
    """``statement.to_bytes()``, and the uploader's Ed25519 signature over them, 64 bytes."""
    return _sign(statement, identity, VersionStatement.from_bytes)


def sign_document(statement: DocumentStatement, identity: Identity) -> tuple[bytes, bytes]:
    """``statement.to_bytes()``, and the editor's Ed25519 signature over them, 64 bytes."""
    return _sign(statement, identity, DocumentStatement.from_bytes)


def check_version(payload: bytes, signature: bytes, state: TrustState) -> VersionStatement:
    """The statement, if it counts: signed by an enrolled identity that might write in that center then.

    Raises ``UnknownFormatError``, ``UnsignedError``, ``LogBehindError`` (read more of the log) or
    ``NotAWriterError``. The caller compares the ids in it with the row it stands in.
    """
    return _check(VersionStatement.from_bytes(payload), payload, signature, state)


def check_document(payload: bytes, signature: bytes, state: TrustState) -> DocumentStatement:
    """The same for a statement of a document."""
    return _check(DocumentStatement.from_bytes(payload), payload, signature, state)


def _sign(statement: Statement, identity: Identity, read: Callable[[bytes], Statement]) -> tuple[bytes, bytes]:
    if statement.signer != identity.public.id:
        raise CryptoError("A statement is signed by the identity it names.")
    payload = statement.to_bytes()
    read(payload)  # what could not be read back must not be signed
    return payload, identity.sign(payload)


def _check(statement: Statement, payload: bytes, signature: bytes, state: TrustState) -> Statement:
    if statement.installation_id != state.installation_id:
        raise TrustError("The statement was signed for another installation.")
    signer = state.identity(statement.signer)
    if signer is None:
        if statement.trust_sequence > state.head.sequence:
            raise LogBehindError("The statement was signed by somebody the trust log read so far does not know yet.")
        raise UnsignedError("The statement was signed by nobody the trust log knows.")
    if not verify(signer[0], payload, signature):
        raise UnsignedError("The signature of the statement is not its signer's; the data were changed.")
    if statement.trust_sequence > state.head.sequence:
        raise LogBehindError("The statement refers to a point of the trust log that was not read yet.")
    if not state.might_write(statement.signer, statement.center_id, statement.trust_sequence):
        raise NotAWriterError("The signer had no right to write in this center at that time.")
    return statement


def _facts(fields: canonical.Fields) -> DocumentDraft:
    return DocumentDraft(
        title=fields.text("title"),
        document_type=fields.text("type"),
        tags=fields.texts("tags"),
        sample_id=fields.uuid_or_none("sample"),
    )
