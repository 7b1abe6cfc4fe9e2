"""Deleting samples and documents of the session's center for good."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, literal_column, select, text
from sqlalchemy.orm import Session

from desktop_app.db.models import DocumentRow, SampleRow, VersionRow
from desktop_app.domain.records import Document, Sample

_DELETE = text("SELECT delete_records(CAST(:samples AS jsonb), CAST(:documents AS jsonb))")
_ERASED = text(
    "SELECT coalesce(sum(jsonb_array_length(new -> 'entries')), 0) FROM audit_log"
    " WHERE operation = 'erase' AND row_id = ANY (CAST(:ids AS uuid[]))"
)


@dataclass(frozen=True)
class StoredVersion:
    """A version's file in the store, and its size there in bytes."""

    file_id: UUID
    stored_size: int


def stored_versions(session: Session, document_ids: Sequence[UUID]) -> list[StoredVersion]:
    """Every version of these documents."""
    query = select(VersionRow.file_id, VersionRow.stored_size).where(VersionRow.document_id.in_(document_ids))
    return [StoredVersion(row.file_id, row.stored_size) for row in session.execute(query)]


def delete_records(session: Session, samples: Sequence[Sample], documents: Sequence[Document]) -> None:
    """Delete these for good, keys first; *documents* must name all of the samples'. StaleRowError if that is not all
    there is now, or anything of it was changed since it was read."""
    values = {"samples": _versions(samples), "documents": _versions(documents)}
    session.execute(_DELETE, values)


def are_gone(session: Session, samples: Sequence[Sample], documents: Sequence[Document]) -> bool:
    """Whether none of them is there any more."""
    for table, rows in ((SampleRow, samples), (DocumentRow, documents)):
        query = select(func.count(literal_column("1"))).where(table.id.in_([row.id for row in rows]))
        if rows and session.execute(query).scalar_one():
            return False
    return True


def erased_entries(session: Session, ids: Sequence[UUID]) -> int:
    """How many entries of the record erasures of these rows have named."""
    return int(session.execute(_ERASED, {"ids": [str(row_id) for row_id in ids]}).scalar_one())


def _versions(rows: Sequence[Sample] | Sequence[Document]) -> str:
    return json.dumps({str(row.id): row.row_version for row in rows})
