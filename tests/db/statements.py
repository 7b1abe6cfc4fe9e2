"""Statements as the database takes them: canonical, about the right document, signed by made-up bytes.

Whose signature counts is decided by crypto, and tested there and in tests/services.
"""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from desktop_app.crypto.version_statements import NO_STATEMENT, DocumentStatement, VersionStatement, whole_seconds
from desktop_app.db.document_statements import change_document, latest_statements
from desktop_app.db.documents import get_document
from desktop_app.db.uploads import NewVersion
from desktop_app.domain.drafts import DocumentDraft
from desktop_app.domain.records import Document

UNSIGNED = b"not signed yet"
"""In the place of a statement that ``signed`` is to make."""
LAB = uuid4()
_at: dict[UUID, datetime] = {}


def signed(
    session: Session, center_id: UUID, versions: Iterable[NewVersion], signer: UUID, trust_sequence: int
) -> list[NewVersion]:
    """The versions with statements; the same again for the same version, as for a repeated call."""
    versions = list(versions)
    drafts = {each.document_id: each.document for each in versions if each.document is not None}
    latest = latest_statements(session, [each.document_id for each in versions])
    made = []
    for each in versions:
        before = latest.get(each.document_id)
        facts = each.document or (before.facts if before else drafts.get(each.document_id)) or DocumentDraft(title="?")
        newest = None if before is None or each.document is not None else before.statement
        statement = VersionStatement(
            installation_id=LAB,
            center_id=center_id,
            document_id=each.document_id,
            version_id=each.version_id,
            number=each.number,
            file_name=each.file_name,
            size=each.size,
            stored_digest=each.stored_digest,
            facts=facts,
            at=_at.setdefault(each.version_id, whole_seconds(datetime.now(UTC))),
            statement=0 if newest is None else newest.number,
            statement_digest=NO_STATEMENT if newest is None else digest(newest.statement, newest.signature),
            signer=signer,
            trust_sequence=trust_sequence,
        )
        made.append(replace(each, statement=statement.to_bytes()) if each.statement == UNSIGNED else each)
    return made


def document_statement(
    center_id: UUID,
    document_id: UUID,
    facts: DocumentDraft,
    number: int = 1,
    previous: bytes = NO_STATEMENT,
    *,
    signer: UUID,
    trust_sequence: int,
) -> bytes:
    """What a document is called from now on."""
    return DocumentStatement(
        installation_id=LAB,
        center_id=center_id,
        document_id=document_id,
        facts=facts,
        at=whole_seconds(datetime.now(UTC)),
        number=number,
        previous=previous,
        signer=signer,
        trust_sequence=trust_sequence,
    ).to_bytes()


def rename(
    session: Session,
    center_id: UUID,
    document_id: UUID,
    facts: DocumentDraft,
    row_version: int,
    signer: UUID,
    trust_sequence: int,
) -> Document:
    """Change a document by a statement that follows its newest one."""
    latest = latest_statements(session, [document_id]).get(document_id)
    number, previous = 0, NO_STATEMENT
    if latest is not None and latest.statement is not None:
        number, previous = latest.statement.number, digest(latest.statement.statement, latest.statement.signature)
    statement = document_statement(
        center_id, document_id, facts, number + 1, previous, signer=signer, trust_sequence=trust_sequence
    )
    change_document(session, document_id, row_version, statement, secrets.token_bytes(64))
    return get_document(session, document_id)


def digest(statement: bytes, signature: bytes) -> bytes:
    return sha256(statement + signature).digest()
