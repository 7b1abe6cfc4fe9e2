"""What the rows of the record are called by people: barcodes, titles, names."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from desktop_app.db.models import DocumentRow, PersonRow, SampleRow, VersionRow
from desktop_app.db.registry_tables import centers, users
from desktop_app.domain.records import AuditEntry


def labelled(session: Session, entries: Iterable[AuditEntry]) -> tuple[AuditEntry, ...]:
    """The entries of a center's record with what their rows are called now; rows that are gone keep no label."""
    found = tuple(entries)
    ids = {entry.row_id for entry in found if entry.row_id is not None}
    names = _labels(session, ids) if ids else {}
    return tuple(replace(entry, label=names.get(entry.row_id, "")) if entry.row_id else entry for entry in found)


def labelled_shared(session: Session, entries: Iterable[AuditEntry]) -> tuple[AuditEntry, ...]:
    """The same for the installation's record: user names, and the centers that entries are about."""
    found = tuple(entries)
    about = {entry.center_id for entry in found} | {entry.row_id for entry in found}
    names = {
        row.id: row.name for row in session.execute(select(centers.c.id, centers.c.name).where(centers.c.id.in_(about)))
    }
    people = select(users.c.id, users.c.username).where(users.c.id.in_({entry.row_id for entry in found}))
    names |= {row.id: row.username for row in session.execute(people)}
    return tuple(replace(entry, label=_label_shared(entry, names)) for entry in found)


def _label_shared(entry: AuditEntry, names: Mapping[UUID, str]) -> str:
    about = [entry.row_id, entry.center_id if entry.center_id != entry.row_id else None]
    return " · ".join(names[each] for each in about if each is not None and each in names)


def _labels(session: Session, ids: set[UUID]) -> dict[UUID, str]:
    query = union_all(
        select(SampleRow.id, SampleRow.barcode.label("label")).where(SampleRow.id.in_(ids)),
        select(DocumentRow.id, DocumentRow.title).where(DocumentRow.id.in_(ids)),
        select(VersionRow.id, DocumentRow.title)
        .join(DocumentRow, DocumentRow.id == VersionRow.document_id)
        .where(VersionRow.id.in_(ids)),
        select(PersonRow.id, PersonRow.display_name).where(PersonRow.id.in_(ids)),
    )
    return {row.id: row.label for row in session.execute(query)}
