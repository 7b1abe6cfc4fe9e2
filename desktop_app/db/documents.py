"""Documents of the session's center and their versions: lists, one of them, and edits of what is in clear.

New documents and versions come by db/uploads.py alone, changes of what is signed by db/document_statements.py.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, bindparam, func, literal_column, select, update
from sqlalchemy.orm import Session

from desktop_app.db.listing import Listing, alphabetical, capped_count, login_name
from desktop_app.db.models import DocumentKeyRow, DocumentRow, SampleRow, VersionRow
from desktop_app.db.search import contains_words
from desktop_app.domain.filters import DocumentFilter
from desktop_app.domain.ids import id_of
from desktop_app.domain.paging import COUNT_CAP, Count, Page, PageKey, Part
from desktop_app.domain.records import Document, Version
from desktop_app.domain.sorting import NEWEST_DOCUMENTS, DocumentField, Sort
from desktop_app.domain.type_checks import check_kind, check_kinds
from desktop_app.errors import NotFoundError, RefusedError

_ROWS = DocumentRow.__table__
_D = _ROWS.c
_S = SampleRow.__table__.c
_V = VersionRow.__table__.c

# Written as in the index documents_search.
_WORDS: ColumnElement[str] = func.document_words(_D.title, _D.tags, _D.file_name)


def _of_newest(value: ColumnElement[Any], otherwise: str) -> ColumnElement[Any]:
    newest = select(value).where(_V.id == _D.latest_version_id).scalar_subquery()
    return func.coalesce(newest, literal_column(otherwise))


_LISTING: Listing[Document, DocumentField] = Listing(
    record=Document,
    table=_ROWS,
    columns={
        "id": _D.id,
        "created_at": _D.created_at,
        "updated_at": _D.updated_at,
        "created_by": login_name(_D.created_by),
        "updated_by": login_name(_D.updated_by),
        "is_active": _D.is_active,
        "row_version": _D.row_version,
        "title": _D.title,
        "document_type": _D.document_type,
        "tags": _D.tags,
        "sample_id": _D.sample_id,
        "sample_barcode": func.coalesce(
            select(_S.barcode).where(_S.id == _D.sample_id).scalar_subquery(), literal_column("''")
        ),
        "latest_number": _D.latest_number,
        "latest_version_id": _D.latest_version_id,
        "file_name": _D.file_name,
        "mime_type": _of_newest(_V.mime_type, "''"),
        "size": _of_newest(_V.size, "0"),
    },
    sorts={
        DocumentField.CREATED_AT: _D.created_at,
        DocumentField.UPDATED_AT: _D.updated_at,
        DocumentField.TITLE: alphabetical(_D.title),
    },
    made={"tags": tuple},
)
_ENDS = ((_V.created_at, _V.id), (_V.created_at.desc(), _V.id.desc()))
_BY_ID = _LISTING.query.where(_D.id == bindparam("id"))


class AmbiguousTitleError(RefusedError):
    """Several documents have this title; one must be named by its id."""

    code = "ambiguous_title"


def list_documents(
    session: Session,
    wanted: DocumentFilter,
    after: PageKey | None,
    limit: int,
    sort: Sort[DocumentField] = NEWEST_DOCUMENTS,
) -> Page[Document]:
    """A page of documents in the order of *sort*."""
    return _LISTING.page(session, _conditions(wanted), sort, after, limit)


def documents_at(
    session: Session, wanted: DocumentFilter, part: Part, sort: Sort[DocumentField]
) -> tuple[Document, ...]:
    """The documents at these places in the order of *sort*."""
    return _LISTING.part(session, _conditions(wanted), sort, part)


def count_documents(session: Session, wanted: DocumentFilter, cap: int = COUNT_CAP) -> Count:
    """How many documents the filter has, exact up to the cap."""
    without_index = _conditions(wanted, by_index=False) if wanted.search else ()
    return capped_count(session, _ROWS, _conditions(wanted), without_index, cap)


def get_document(session: Session, ref: str | UUID) -> Document:
    """The document with this id, or with this title where only one has it (active ones first).

    NotFoundError, AmbiguousTitleError.
    """
    document_id = id_of(ref)
    if document_id is not None:
        document = _LISTING.first(session, _BY_ID, id=document_id)
        if document is not None:
            return document
    if isinstance(ref, str):
        titled = _titled(session, ref)
        candidates = [each for each in titled if each.is_active] or titled
        if len(candidates) > 1:
            raise AmbiguousTitleError("Several documents have this title; name the one by its id.")
        if candidates:
            return candidates[0]
    raise NotFoundError("There is no such document.")


def find_by_titles(session: Session, titles: Collection[str], sample_id: UUID | None) -> dict[str, list[Document]]:
    """The active documents of a sample (None: of no sample) with one of these titles, by title, newest first.

    One question for all of them.
    """
    where = _D.sample_id.is_(None) if sample_id is None else _D.sample_id == sample_id
    found: dict[str, list[Document]] = {}
    for document in _newest_first(session, _D.title.in_(titles), _D.is_active, where):
        found.setdefault(document.title, []).append(document)
    return found


def of_samples(session: Session, sample_ids: Collection[UUID]) -> list[Document]:
    """Every document of these samples, inactive ones too, newest first."""
    return _newest_first(session, _D.sample_id.in_(sample_ids)) if sample_ids else []


def set_document_active(session: Session, document_id: UUID, active: bool, row_version: int) -> Document:
    """Deactivate or restore a document; StaleRowError, IllegalStepError (its sample is archived), NotFoundError."""
    statement = (
        update(DocumentRow).where(DocumentRow.id == document_id).values(is_active=active, row_version=row_version)
    )
    if session.execute(statement.returning(DocumentRow.id)).first() is None:
        raise NotFoundError("There is no such document.")
    return get_document(session, document_id)


def has_versions(session: Session) -> bool:
    """Whether the center has any stored document."""
    return bool(session.execute(select(select(VersionRow.id).exists())).scalar_one())


def list_versions(session: Session, document_id: UUID) -> list[Version]:
    """The versions of a document, newest first; none for an unknown document."""
    query = _select_versions().where(VersionRow.document_id == document_id).order_by(VersionRow.number.desc())
    return [version_of(row) for row in session.execute(query)]


def get_version(session: Session, document_id: UUID, number: int | None = None) -> Version:
    """The version of that number, or the newest; NotFoundError."""
    check_kind("number", number, int | None)
    query = _select_versions().where(VersionRow.document_id == document_id)
    if number is not None:
        query = query.where(VersionRow.number == number)
    row = session.execute(query.order_by(VersionRow.number.desc()).limit(1)).one_or_none()
    if row is None:
        raise NotFoundError("There is no such version of the document.")
    return version_of(row)


def count_versions(session: Session) -> int:
    """How many stored versions the center has."""
    found: int = session.execute(select(func.count()).select_from(VersionRow)).scalar_one()
    return found


def some_versions(session: Session, count: int) -> list[Version]:
    """So many stored versions (or all there are): the oldest, the newest, and others that chance takes."""
    oldest, newest = (select(VersionRow.id).order_by(*order).limit(1) for order in _ENDS)
    others = select(VersionRow.id).order_by(func.random()).limit(count)
    found = (each for query in (oldest, newest, others) for each in session.scalars(query))
    chosen = list(dict.fromkeys(found))[:count]
    query = _select_versions().where(VersionRow.id.in_(chosen)).order_by(VersionRow.created_at, VersionRow.id)
    return [version_of(row) for row in session.execute(query)]


def _titled(session: Session, title: str) -> list[Document]:
    return _newest_first(session, _D.title == title)


def _newest_first(session: Session, *conditions: ColumnElement[bool]) -> list[Document]:
    query = _LISTING.query.where(*conditions).order_by(_D.created_at.desc(), _D.id.desc())
    return [_LISTING.read(row) for row in session.execute(query)]


def _conditions(wanted: DocumentFilter, *, by_index: bool = True) -> list[ColumnElement[bool]]:
    check_kinds(wanted)
    conditions = contains_words(_WORDS, wanted.search, by_index=by_index)
    if wanted.only_inactive or not wanted.include_inactive:
        conditions.append(_D.is_active.is_(not wanted.only_inactive))
    if wanted.sample_id is not None:
        conditions.append(_D.sample_id == wanted.sample_id)
    if wanted.document_type:
        conditions.append(_D.document_type == wanted.document_type)
    if wanted.tag:
        conditions.append(_D.tags.contains([wanted.tag]))
    return conditions


def _select_versions() -> Select[Any]:
    query = select_versions(DocumentKeyRow.key_version, DocumentKeyRow.token)
    return query.where(DocumentKeyRow.version_id.is_not(None))


def select_versions(key_version: SQLColumnExpression[int], token: SQLColumnExpression[bytes]) -> Select[Any]:
    """Every version, also one without a key, whose two columns are given; a row for ``version_of``."""
    return (
        select(*_V, key_version, token, login_name(_V.created_by).label("creator_name"))
        .select_from(VersionRow)
        .outerjoin(DocumentKeyRow, DocumentKeyRow.version_id == VersionRow.id)
    )


def version_of(row: Any) -> Version:
    """The version of a row of ``select_versions``."""
    return Version(
        id=row.id,
        document_id=row.document_id,
        number=row.number,
        file_id=row.file_id,
        file_name=row.file_name,
        mime_type=row.mime_type,
        size=row.size,
        stored_size=row.stored_size,
        stored_digest=row.stored_digest,
        statement=bytes(row.statement),
        signature=bytes(row.signature),
        key_version=row.key_version,
        token=bytes(row.token),
        created_at=row.created_at,
        created_by=row.creator_name,
        login=row.created_by,
    )
