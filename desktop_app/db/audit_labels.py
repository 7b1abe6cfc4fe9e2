"""What the rows of the record are called by people: barcodes, titles, names."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from desktop_app.db.models import DocumentRow, FieldRow, PersonRow, SampleRow, SampleTypeRow, VersionRow
from desktop_app.db.registry_tables import centers, identities, users
from desktop_app.domain.records import AuditEntry

NAMING = ("user_id", "sample_id", "center_id")
"""Columns whose values are ids that people have a name for."""


def labelled(session: Session, entries: Iterable[AuditEntry]) -> tuple[AuditEntry, ...]:
    """The entries of a center's record with what their rows, and what their values name, are called now.

    Rows that are gone keep no label.
    """
    found = tuple(entries)
    named = {entry.seq: _named(entry) for entry in found}
    ids = {entry.row_id for entry in found if entry.row_id is not None}.union(*named.values())
    names = _labels(session, ids) if ids else {}
    words = _words(session) if any(entry.table_name in ("samples", "fields") for entry in found) else {}
    return tuple(
        replace(
            entry,
            label=names.get(entry.row_id, "") if entry.row_id else entry.label,
            names=words | _by_text(named[entry.seq], names),
        )
        for entry in found
    )


def labelled_shared(session: Session, entries: Iterable[AuditEntry]) -> tuple[AuditEntry, ...]:
    """The same for the installation's record: user names, and the centers that entries are about."""
    found = tuple(entries)
    named = {entry.seq: _named(entry) for entry in found}
    about = {entry.center_id for entry in found} | {entry.row_id for entry in found}.union(*named.values())
    names = {
        row.id: row.name for row in session.execute(select(centers.c.id, centers.c.name).where(centers.c.id.in_(about)))
    }
    people = select(users.c.id, users.c.username).where(users.c.id.in_(about))
    names |= {row.id: row.username for row in session.execute(people)}
    # Identities and passwords have no name of their own: they are somebody's.
    whose = select(identities.c.id, users.c.username).join(users, users.c.id == identities.c.user_id)
    names |= {row.id: row.username for row in session.execute(whose.where(identities.c.id.in_(about)))}
    return tuple(
        replace(entry, label=_label_shared(entry, names), names=_by_text(named[entry.seq], names)) for entry in found
    )


def _named(entry: AuditEntry) -> set[UUID]:
    """The ids among an entry's values that may have a name."""
    values = {str(row[name]) for row in (entry.old, entry.new) if row for name in NAMING if row.get(name)}
    return {UUID(each) for each in values if _is_id(each)}


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _by_text(ids: Iterable[UUID], names: Mapping[UUID, str]) -> dict[str, str]:
    return {str(each): names[each] for each in ids if each in names}


def _words(session: Session) -> dict[str, str]:
    """The center's own names of its fields and sample types."""
    fields = {f"metadata.{row.key}": row.name for row in session.execute(select(FieldRow.key, FieldRow.name))}
    types = session.execute(select(SampleTypeRow.code, SampleTypeRow.name))
    return fields | {f"sample_type.{row.code}": row.name for row in types}


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
