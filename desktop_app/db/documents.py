"""Documents of the session's center and their versions: lists, one of them, and edits of what is in clear.

New documents and versions come by db/uploads.py alone.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, func, select, update
from sqlalchemy.orm import Session, aliased

from desktop_app.db.listing import capped_count, creator, display_name, page_of, updater
from desktop_app.db.models import DocumentKeyRow, DocumentRow, SampleRow, VersionRow
from desktop_app.db.search import contains_words
from desktop_app.domain.drafts import DocumentDraft
from desktop_app.domain.filters import DocumentFilter
from desktop_app.domain.ids import parse_id
from desktop_app.domain.paging import Count, Page, PageKey
from desktop_app.domain.records import Document, Version
from desktop_app.errors import NotFoundError, RefusedError

# Written as in the index documents_search.
_WORDS: ColumnElement[str] = func.document_words(DocumentRow.title, DocumentRow.tags, DocumentRow.file_name)

newest = aliased(VersionRow, name="newest")


class AmbiguousTitleError(RefusedError):
    """Several documents have this title; one must be named by its id."""

    code = "ambiguous_title"


def list_documents(session: Session, wanted: DocumentFilter, after: PageKey | None, limit: int) -> Page[Document]:
    """A page of documents, newest first."""
    return page_of(session, DocumentRow, _conditions(wanted), after, limit, _select, _document)


def count_documents(session: Session, wanted: DocumentFilter) -> Count:
    """How many documents the filter has, exact up to the cap."""
    without_index = _conditions(wanted, by_index=False) if wanted.search else ()
    return capped_count(session, DocumentRow, _conditions(wanted), without_index)


def get_document(session: Session, ref: str | UUID) -> Document:
    """The document with this id, or with this title where only one has it (active ones first).

    NotFoundError, AmbiguousTitleError.
    """
    document_id = ref if isinstance(ref, UUID) else parse_id(ref)
    if document_id is not None:
        row = session.execute(_select(DocumentRow.__table__).where(DocumentRow.id == document_id)).one_or_none()
        if row is not None:
            return _document(row)
    if isinstance(ref, str):
        titled = _titled(session, ref)
        candidates = [document for document in titled if document.is_active] or titled
        if len(candidates) > 1:
            raise AmbiguousTitleError("Several documents have this title; name the one by its id.")
        if candidates:
            return candidates[0]
    raise NotFoundError("There is no such document.")


def find_by_title(session: Session, title: str) -> list[Document]:
    """The active documents with exactly this title, newest first."""
    return [document for document in _titled(session, title) if document.is_active]


def find_by_titles(session: Session, titles: Collection[str]) -> dict[str, list[Document]]:
    """The active documents with exactly one of these titles, by title, newest first; one question for all of them."""
    query = _select(DocumentRow.__table__).where(DocumentRow.title.in_(titles), DocumentRow.is_active)
    found: dict[str, list[Document]] = {}
    for row in session.execute(query.order_by(DocumentRow.created_at.desc(), DocumentRow.id.desc())):
        found.setdefault(row.title, []).append(_document(row))
    return found


def update_document(session: Session, document_id: UUID, draft: DocumentDraft, row_version: int) -> Document:
    """Save the edited fields; *row_version* is the one that was read.

    StaleRowError, IllegalStepError (its sample is archived), NotFoundError (also for an unknown sample).
    """
    values = {
        "title": draft.title,
        "document_type": draft.document_type,
        "tags": list(draft.tags),
        "sample_id": draft.sample_id,
    }
    return _change(session, document_id, row_version, values)


def set_document_active(session: Session, document_id: UUID, active: bool, row_version: int) -> Document:
    """Deactivate or restore a document; StaleRowError, IllegalStepError (its sample is archived), NotFoundError."""
    return _change(session, document_id, row_version, {"is_active": active})


def list_versions(session: Session, document_id: UUID) -> list[Version]:
    """The versions of a document, newest first; none for an unknown document."""
    query = _select_versions().where(VersionRow.document_id == document_id).order_by(VersionRow.number.desc())
    return [_version(row) for row in session.execute(query)]


def get_version(session: Session, document_id: UUID, number: int | None = None) -> Version:
    """The version of that number, or the newest; NotFoundError."""
    query = _select_versions().where(VersionRow.document_id == document_id)
    if number is not None:
        query = query.where(VersionRow.number == number)
    row = session.execute(query.order_by(VersionRow.number.desc()).limit(1)).one_or_none()
    if row is None:
        raise NotFoundError("There is no such version of the document.")
    return _version(row)


def _titled(session: Session, title: str) -> list[Document]:
    query = _select(DocumentRow.__table__).where(DocumentRow.title == title)
    rows = session.execute(query.order_by(DocumentRow.created_at.desc(), DocumentRow.id.desc()))
    return [_document(row) for row in rows]


def _change(session: Session, document_id: UUID, row_version: int, values: dict[str, Any]) -> Document:
    statement = update(DocumentRow).where(DocumentRow.id == document_id).values(**values, row_version=row_version)
    if session.execute(statement.returning(DocumentRow.id)).first() is None:
        raise NotFoundError("There is no such document.")
    return get_document(session, document_id)


def _conditions(wanted: DocumentFilter, *, by_index: bool = True) -> list[ColumnElement[bool]]:
    conditions = contains_words(_WORDS, wanted.search, by_index=by_index)
    if not wanted.include_inactive:
        conditions.append(DocumentRow.is_active.is_(True))
    if wanted.sample_id is not None:
        conditions.append(DocumentRow.sample_id == wanted.sample_id)
    if wanted.document_type:
        conditions.append(DocumentRow.document_type == wanted.document_type)
    if wanted.tag:
        conditions.append(DocumentRow.tags.contains([wanted.tag]))
    return conditions


def _select(rows: FromClause) -> Select[Any]:
    """The documents of *rows* (the table, or some of it) with names and what their newest version is."""
    return (
        select(
            *rows.c,
            func.coalesce(SampleRow.barcode, "").label("sample_barcode"),
            func.coalesce(newest.mime_type, "").label("mime_type"),
            func.coalesce(newest.size, 0).label("size"),
            display_name(creator, rows.c.created_by).label("creator_name"),
            display_name(updater, rows.c.updated_by).label("updater_name"),
        )
        .select_from(rows)
        .outerjoin(SampleRow, SampleRow.id == rows.c.sample_id)
        .outerjoin(newest, newest.id == rows.c.latest_version_id)
        .outerjoin(creator, creator.login == rows.c.created_by)
        .outerjoin(updater, updater.login == rows.c.updated_by)
    )


def _document(row: Any) -> Document:
    return Document(
        id=row.id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        created_by=row.creator_name,
        updated_by=row.updater_name,
        is_active=row.is_active,
        row_version=row.row_version,
        title=row.title,
        document_type=row.document_type,
        tags=tuple(row.tags),
        sample_id=row.sample_id,
        sample_barcode=row.sample_barcode,
        latest_number=row.latest_number,
        latest_version_id=row.latest_version_id,
        file_name=row.file_name,
        mime_type=row.mime_type,
        size=row.size,
    )


def _select_versions() -> Select[Any]:
    return (
        select(
            *VersionRow.__table__.columns,
            DocumentKeyRow.key_version,
            DocumentKeyRow.token,
            display_name(creator, VersionRow.__table__.c.created_by).label("creator_name"),
        )
        .select_from(VersionRow)
        .join(DocumentKeyRow, DocumentKeyRow.version_id == VersionRow.id)
        .outerjoin(creator, creator.login == VersionRow.created_by)
    )


def _version(row: Any) -> Version:
    return Version(
        id=row.id,
        document_id=row.document_id,
        number=row.number,
        file_id=row.file_id,
        file_name=row.file_name,
        mime_type=row.mime_type,
        size=row.size,
        stored_size=row.stored_size,
        stored_sha256=bytes(row.stored_sha256),
        statement=bytes(row.statement),
        signature=bytes(row.signature),
        key_version=row.key_version,
        token=bytes(row.token),
        created_at=row.created_at,
        created_by=row.creator_name,
    )
