"""What an evidence file says, on its pages and in its attached part."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from desktop_app.db.audit_excerpt import RecordExcerpt
from desktop_app.db.document_statements import SignedRow
from desktop_app.domain.records import Document, Person
from desktop_app.services.documents.download import Seal

Say = Callable[[str], str]


@dataclass(frozen=True)
class ProvedVersion:
    """A version whose signature was checked; its file too, unless that could not be read (``unread`` says why)."""

    seal: Seal
    content_digest: str
    unread: str


@dataclass(frozen=True)
class ProvedDocument:
    """A document whose signed statements were checked, the first version first."""

    document: Document
    statements: tuple[SignedRow, ...]
    versions: tuple[ProvedVersion, ...]


@dataclass(frozen=True)
class Collected:
    """All of it; everything here was checked."""

    center_name: str
    subject: str
    made_by: str
    at: datetime
    documents: tuple[ProvedDocument, ...]
    record: RecordExcerpt
    people: dict[str, Person]
    """By login: everybody who signed or did something here."""
    trust: list[tuple[str, str, str]]
    root_fingerprint: bytes
    fingerprints: dict[str, bytes] = field(default_factory=dict)
    """By login: of the keys of now."""
