"""Every stored version of the session's center, page by page, also one whose key is gone; and whose a file is."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from desktop_app.db.documents import select_versions, version_of
from desktop_app.db.models import DocumentKeyRow, DocumentRow, VersionRow
from desktop_app.domain.records import Version


def count_versions(session: Session) -> int:
    """How many stored versions there are."""
    return session.execute(select(func.count()).select_from(VersionRow)).scalar_one()


def versions_after(session: Session, after: UUID | None, at_most: int) -> list[Version]:
    """The next ones in the order of their ids; a version without a key has the key version 0 and an empty token."""
    query = _every_version().order_by(VersionRow.id).limit(at_most)
    if after is not None:
        query = query.where(VersionRow.id > after)
    return [version_of(row) for row in session.execute(query)]


def version_by_id(session: Session, version_id: UUID) -> Version | None:
    """The version as it is now; None if it was deleted."""
    row = session.execute(_every_version().where(VersionRow.id == version_id)).one_or_none()
    return None if row is None else version_of(row)


def versions_with_digest(session: Session, digest: str) -> list[UUID]:
    """The versions whose stored file has this digest."""
    return list(session.execute(select(VersionRow.id).where(VersionRow.stored_digest == digest)).scalars())


def files_named(session: Session, file_ids: Collection[UUID]) -> set[UUID]:
    """Which of these files of a store versions of this center name."""
    return set(session.execute(select(VersionRow.file_id).where(VersionRow.file_id.in_(file_ids))).scalars())


def document_ids(session: Session) -> list[UUID]:
    """Every document, inactive ones too."""
    return list(session.execute(select(DocumentRow.id)).scalars())


def _every_version() -> Select[tuple[object, ...]]:
    return select_versions(
        func.coalesce(DocumentKeyRow.key_version, 0).label("key_version"),
        func.coalesce(DocumentKeyRow.token, b"").label("token"),
    )
