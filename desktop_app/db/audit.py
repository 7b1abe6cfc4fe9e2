"""The record of changes: its entries, its head, and erasing what entries say.

Works in a center's session (that center's record) and in a shared one (the installation's).
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, exists, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import Session

from desktop_app.db.audit_tables import SHARED_RECORD, RecordTables, record_of
from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.paging import COUNT_CAP, Count, Part, check_page
from desktop_app.domain.records import AuditEntry, AuditHead
from desktop_app.domain.type_checks import check_kind, check_kinds

_TIMELINE = text("SELECT * FROM timeline(:row_id)")
_DIGEST_AT = text("SELECT digest_at(:seq)")
_DIGEST_AT_SHARED = text("SELECT api.digest_at(:seq)")
_ERASE = text("SELECT erase_record(:row_id, :reason)")
_ERASE_SHARED = text("SELECT api.erase_record(:row_id, :reason)")
EXPORTED_AT_ONCE = 1_000


@dataclass(frozen=True)
class Batch:
    """Entries with the numbers of their links, and where the next ones begin; None where none are left."""

    entries: list[tuple[AuditEntry, int]]
    before_seq: int | None


def list_entries(session: Session, wanted: AuditFilter, before_seq: int | None, limit: int) -> list[AuditEntry]:
    """Entries newest first, at most *limit*, older than *before_seq* (the smallest seq of the page before)."""
    check_page(None, limit)
    check_kind("before_seq", before_seq, int | None)
    record = record_of(session)
    query = _newest_first(record).where(*_conditions(record, wanted)).limit(limit)
    if before_seq is not None:
        query = query.where(record.entries.c.seq < before_seq)
    return [_entry(row) for row in session.execute(query)]


def entries_at(session: Session, wanted: AuditFilter, part: Part) -> list[AuditEntry]:
    """Entries at these places, newest first."""
    record = record_of(session)
    seq = record.entries.c.seq
    keys = select(seq).where(*_conditions(record, wanted)).order_by(seq.asc() if part.from_end else seq.desc())
    chosen = keys.offset(part.skip).limit(part.limit).subquery()
    query = _newest_first(record).where(seq.in_(select(chosen.c.seq)))
    return [_entry(row) for row in session.execute(query)]


def entries_before(session: Session, wanted: AuditFilter, head_seq: int, before_seq: int | None) -> Batch:
    """The next entries to be written out, newest first: those that links up to the head's number seal, and no later.

    *before_seq* is where the batch before ended. A record only grows, so that batch after batch, each in a transaction
    of its own, is what one transaction would have read.
    """
    found = list_entries(session, wanted, before_seq, EXPORTED_AT_ONCE)
    chain = record_of(session).chain.c
    numbers = select(chain.link, chain.seq).where(chain.link.in_({entry.link for entry in found}))
    sealed = {row.link: row.seq for row in session.execute(numbers)}
    entries = [(entry, number) for entry in found if (number := sealed.get(entry.link, head_seq + 1)) <= head_seq]
    return Batch(entries, found[-1].seq if len(found) == EXPORTED_AT_ONCE else None)


def count_entries(session: Session, wanted: AuditFilter, cap: int = COUNT_CAP) -> Count:
    """How many entries the filter has, counted no further than the cap."""
    record = record_of(session)
    some = select(record.entries.c.seq).where(*_conditions(record, wanted)).limit(cap + 1).subquery()
    number = session.execute(select(func.count()).select_from(some)).scalar_one()
    return Count(min(number, cap), capped=number > cap)


def knows_login(session: Session, login: str) -> bool:
    """Whether somebody of this record has this login, or an entry names it: who is renamed gets another one."""
    record = record_of(session)
    query = select(exists().where(record.people.c.login == login) | exists().where(record.entries.c.login == login))
    return bool(session.execute(query).scalar_one())


def timeline(session: Session, row_id: UUID) -> list[AuditEntry]:
    """What happened to one sample or document (and its versions), oldest first; for every member of the center.

    In a shared session: what happened to one center or user, for those who may see it.
    """
    check_kind("row_id", row_id, UUID)
    if record_of(session) is SHARED_RECORD:
        return list_entries(session, AuditFilter(row_id=row_id), None, 10_000)[::-1]
    return [_entry(row) for row in session.execute(_TIMELINE, {"row_id": row_id})]


def head(session: Session) -> AuditHead:
    """The newest link; number 0 and 32 zero bytes while nothing has been recorded."""
    table = record_of(session).head
    row = session.execute(select(table.c.seq, table.c.digest, table.c.at, table.c.channel)).one()
    return AuditHead(seq=row.seq, digest=bytes(row.digest), at=row.at, channel=row.channel)


def digest_at(session: Session, seq: int) -> bytes | None:
    """The digest of a link, for a workstation that remembers an older head; None if there is no such link."""
    statement = _DIGEST_AT_SHARED if record_of(session) is SHARED_RECORD else _DIGEST_AT
    found = session.execute(statement, {"seq": seq}).scalar_one_or_none()
    return None if found is None else bytes(found)


def erase(session: Session, row_id: UUID, reason: str) -> int:
    """Erase for good what the record says of one row (of a document: also of its versions); how many entries it was.

    Who, when, why and which entries stays on the record. Needs the right to read the whole record.
    """
    statement = _ERASE_SHARED if record_of(session) is SHARED_RECORD else _ERASE
    erased: int = session.execute(statement, {"row_id": row_id, "reason": reason}).scalar_one()
    return erased


def _newest_first(record: RecordTables) -> Select[Any]:
    entries = record.entries
    return (
        select(
            *(column for column in entries.columns if column.name not in {"salt", "digest"}),
            entries.c.salt.is_(None).label("is_erased"),
            func.coalesce(record.who, entries.c.login).label("who"),
        )
        .select_from(entries.outerjoin(record.people, record.people.c.login == entries.c.login))
        .order_by(entries.c.seq.desc())
    )


def _conditions(record: RecordTables, wanted: AuditFilter) -> list[ColumnElement[bool]]:
    check_kinds(wanted)
    columns = record.entries.c
    conditions: list[ColumnElement[bool]] = []
    if wanted.row_id is not None:
        conditions.append(columns.row_id == wanted.row_id)
    if wanted.table_name:
        conditions.append(columns.table_name == wanted.table_name)
    if wanted.operations:
        conditions.append(columns.operation.in_(wanted.operations))
    if wanted.login:
        conditions.append(columns.login == wanted.login)
    if wanted.since is not None:
        conditions.append(columns.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(columns.at < wanted.until)
    if wanted.field:
        # Written as the partial index on it is, which serves it.
        changed = func.public.changed_fields(columns.old, columns.new)
        conditions += [columns.operation == "update", changed.op("@>", is_comparison=True)(_texts(wanted.field))]
    return conditions


def _texts(*values: str) -> ColumnElement[Any]:
    return cast(array(values), ARRAY(Text))


def _entry(row: Any) -> AuditEntry:
    return AuditEntry(
        seq=row.seq,
        at=row.at,
        login=row.login,
        who=row.who,
        operation=row.operation,
        table_name=row.table_name,
        row_id=row.row_id,
        old=row.old,
        new=row.new,
        reason=row.reason,
        link=row.link,
        center_id=getattr(row, "center_id", None),
        is_erased=row.is_erased,
    )
