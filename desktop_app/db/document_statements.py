"""Signed statements about the documents of the session's center: the newest, all of one document, and a new one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, select, text
from sqlalchemy.orm import Session

from desktop_app.db.models import DocumentRow, DocumentStatementRow, VersionRow
from desktop_app.domain.drafts import DocumentDraft

_CHANGE = text("SELECT change_document(:id, :row_version, :statement, :signature)")


@dataclass(frozen=True)
class SignedRow:
    """A statement as it is kept, and what the database says of it besides."""

    number: int
    statement: bytes
    signature: bytes
    created_at: datetime
    created_by: str
    """The login."""


@dataclass(frozen=True)
class LatestStatements:
    """What a document's row says it is called, and the signed statements that must say the same."""

    document_id: UUID
    row_version: int
    facts: DocumentDraft
    statement_number: int
    latest_number: int
    statement: SignedRow | None
    """The newest statement of the document, if there is one."""
    version: SignedRow | None
    """Its newest version."""


def server_now(session: Session) -> datetime:
    """The server's time."""
    now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return now


def _newest(kind: type[DocumentStatementRow | VersionRow]) -> ColumnElement[int]:
    """The highest number of a document, looked up: what its row says is checked against it."""
    rows = kind.__table__.alias("numbered").c
    newest = select(func.max(rows.number)).where(rows.document_id == DocumentRow.__table__.c.id)
    return newest.correlate(DocumentRow.__table__).scalar_subquery()


def _newest_of_documents() -> Select[Any]:
    document, statement, version = (row.__table__.c for row in (DocumentRow, DocumentStatementRow, VersionRow))
    return (
        select(
            document.id,
            document.row_version,
            document.title,
            document.document_type,
            document.tags,
            document.sample_id,
            document.statement_number,
            document.latest_number,
            statement.number.label("nth"),
            statement.statement,
            statement.signature,
            statement.created_at,
            statement.created_by,
            version.number,
            version.statement.label("version_statement"),
            version.signature.label("version_signature"),
            version.created_at.label("version_created_at"),
            version.created_by.label("version_created_by"),
        )
        .select_from(DocumentRow)
        .outerjoin(
            DocumentStatementRow,
            (statement.document_id == document.id) & (statement.number == _newest(DocumentStatementRow)),
        )
        .outerjoin(VersionRow, (version.document_id == document.id) & (version.number == _newest(VersionRow)))
        .where(document.id.in_(bindparam("ids", expanding=True)))
    )


# Built once: that takes longer than the server needs to answer it, and every opened document asks.
_LATEST = _newest_of_documents()


def latest_statements(session: Session, document_ids: Collection[UUID]) -> dict[UUID, LatestStatements]:
    """The newest statements of these documents; unknown ones are left out."""
    found = {}
    for row in session.execute(_LATEST, {"ids": list(document_ids)}):
        facts = DocumentDraft(
            title=row.title, document_type=row.document_type, tags=tuple(row.tags), sample_id=row.sample_id
        )
        newest = None
        if row.statement is not None:
            newest = SignedRow(row.nth, bytes(row.statement), bytes(row.signature), row.created_at, row.created_by)
        latest = None
        if row.number is not None:
            latest = SignedRow(
                row.number,
                bytes(row.version_statement),
                bytes(row.version_signature),
                row.version_created_at,
                row.version_created_by,
            )
        found[row.id] = LatestStatements(
            row.id, row.row_version, facts, row.statement_number, row.latest_number, newest, latest
        )
    return found


def all_statements(session: Session, document_id: UUID) -> list[SignedRow]:
    """Every statement of a document, the first one first."""
    query = (
        select(DocumentStatementRow)
        .where(DocumentStatementRow.document_id == document_id)
        .order_by(DocumentStatementRow.number)
    )
    return [
        SignedRow(row.number, bytes(row.statement), bytes(row.signature), row.created_at, row.created_by)
        for row in session.scalars(query)
    ]


def change_document(session: Session, document_id: UUID, row_version: int, statement: bytes, signature: bytes) -> None:
    """Give a document the title, type, tags and sample that the statement says; *row_version* is the one that was read.

    StaleRowError, IllegalStepError (its sample is archived), NotFoundError (also for an unknown sample).
    """
    session.execute(
        _CHANGE,
        {
            "id": document_id,
            "row_version": row_version,
            "statement": statement.hex(),
            "signature": signature.hex(),
        },
    )
