"""The record of changes: its entries, its head, and the proof that nobody has touched it.

Works in a center's session (that center's record) and in a shared one (the installation's). The digests are computed
here, from the plain columns, and not asked of the server; the format stands above the functions that write it.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, exists, func, select, text
from sqlalchemy.orm import Session

from desktop_app.db.audit_tables import SHARED_RECORD, RecordTables, record_of
from desktop_app.domain.audit import AuditFault, AuditVerdict
from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.records import AuditEntry, AuditHead

START = bytes(32)
"""What the first link has for the digest before it."""
_LINKS_AT_ONCE = 500
_TIMELINE = text("SELECT * FROM timeline(:row_id)")

Report = Callable[[int, int], None]


def list_entries(session: Session, wanted: AuditFilter, before_seq: int | None, limit: int) -> list[AuditEntry]:
    """Entries newest first, at most *limit*, older than *before_seq* (the smallest seq of the page before)."""
    record = record_of(session)
    entries = record.entries
    query = (
        select(*entries.columns, func.coalesce(record.who, entries.c.login).label("who"))
        .select_from(entries.outerjoin(record.people, record.people.c.login == entries.c.login))
        .where(*_conditions(record, wanted))
        .order_by(entries.c.seq.desc())
        .limit(limit)
    )
    if before_seq is not None:
        query = query.where(entries.c.seq < before_seq)
    return [_entry(row) for row in session.execute(query)]


def timeline(session: Session, row_id: UUID) -> list[AuditEntry]:
    """What happened to one sample or document (and its versions), oldest first; for every member of the center.

    In a shared session: what happened to one center or user, for those who may see it.
    """
    if record_of(session) is SHARED_RECORD:
        return list_entries(session, AuditFilter(row_id=row_id), None, 10_000)[::-1]
    return [_entry(row) for row in session.execute(_TIMELINE, {"row_id": row_id})]


def head(session: Session) -> AuditHead:
    """The newest link; number 0 and 32 zero bytes while nothing has been recorded."""
    table = record_of(session).head
    row = session.execute(select(table.c.seq, table.c.digest, table.c.at)).one()
    return AuditHead(seq=row.seq, digest=bytes(row.digest), at=row.at)


def digest_at(session: Session, seq: int) -> bytes | None:
    """The digest of a link, for a workstation that remembers an older head; None if there is no such link."""
    chain = record_of(session).chain
    found = session.execute(select(chain.c.digest).where(chain.c.seq == seq)).scalar_one_or_none()
    return None if found is None else bytes(found)


def verify_chain(session: Session, report: Report | None = None) -> AuditVerdict:
    """Compute the whole chain again, up to the head as it is now; stops at the first fault.

    Needs the right to read the whole record. *report* is called with (links done, links in all) and may raise.
    """
    record = record_of(session)
    newest = head(session)
    links = rows = 0
    previous = START
    for link, entries in _sealed(session, record, newest.seq):
        fault = _fault_of(link, entries, links + 1, previous, with_center=record is SHARED_RECORD)
        if fault is not None:
            return AuditVerdict(links, rows, newest, broken_at=links + 1, fault=fault)
        links, rows, previous = links + 1, rows + len(entries), bytes(link.digest)
        if report is not None and (links % _LINKS_AT_ONCE == 0 or links == newest.seq):
            report(links, newest.seq)
    if links < newest.seq:
        return AuditVerdict(links, rows, newest, broken_at=links + 1, fault=AuditFault.LINK_MISSING)
    if previous != newest.digest:
        return AuditVerdict(links, rows, newest, broken_at=links, fault=AuditFault.HEAD_CHANGED)
    stray = _first_unsealed(session, record)
    if stray is not None:
        return AuditVerdict(links, rows, newest, broken_at=stray, fault=AuditFault.ENTRIES_UNSEALED)
    return AuditVerdict(links, rows, newest)


def link_digest(previous: bytes, seq: int, link: UUID, epoch: UUID, at: datetime, rows: Sequence[str]) -> bytes:
    """The digest of a link over the texts of its entries in the order of seq."""
    facts = _json_array(seq, str(link), str(epoch), utc_text(at), len(rows))
    body = hashlib.sha256("\n".join(rows).encode()).digest()
    return hashlib.sha256(previous + facts.encode() + body).digest()


def entry_text(row: Any, *, with_center: bool) -> str:
    """The text of an entry that its link seals, from the plain columns; ``old`` and ``new`` as jsonb's own text.

    Equal, byte for byte, to ``jsonb_build_array(…)::text``: PostgreSQL and json.dumps escape strings alike.
    """
    parts = [json.dumps(row.seq), *map(_json_text, (str(row.link), utc_text(row.at), row.login))]
    parts += [_json_text(row.operation), _json_text(row.table_name), _json_text(_id_text(row.row_id))]
    if with_center:
        parts.append(_json_text(_id_text(row.center_id)))
    parts += [row.old_text or "null", row.new_text or "null", _json_text(row.reason)]
    return f"[{', '.join(parts)}]"


def utc_text(at: datetime) -> str:
    """A time as it is hashed: ``2026-11-21T21:04:05.000123Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _json_array(*values: int | str) -> str:
    return json.dumps(values, ensure_ascii=False)


def _json_text(value: str | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def _id_text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _fault_of(
    link: Any, entries: Sequence[Any], expected: int, previous: bytes, *, with_center: bool
) -> AuditFault | None:
    if link.seq != expected:
        return AuditFault.LINK_MISSING
    if bytes(link.previous) != previous:
        return AuditFault.LINK_CHANGED
    texts = [entry_text(entry, with_center=with_center) for entry in entries]
    if link.rows != len(texts):
        return AuditFault.ENTRIES_CHANGED
    if link_digest(previous, link.seq, link.link, link.epoch, link.at, texts) != bytes(link.digest):
        return AuditFault.ENTRIES_CHANGED
    return None


def _sealed(session: Session, record: RecordTables, newest: int) -> Iterator[tuple[Any, list[Any]]]:
    """Every link up to *newest* in order, with its entries; some hundred links for each question to the server."""
    chain = record.chain
    done = 0
    while True:
        query = select(chain).where(chain.c.seq > done, chain.c.seq <= newest).order_by(chain.c.seq)
        links = session.execute(query.limit(_LINKS_AT_ONCE)).all()
        if not links:
            return
        entries = _entries_by_link(session, record, [link.link for link in links])
        for link in links:
            yield link, entries[link.link]
        done = links[-1].seq


def _entries_by_link(session: Session, record: RecordTables, links: list[UUID]) -> dict[UUID, list[Any]]:
    entries = record.entries
    columns = [column for column in entries.columns if column.name not in {"old", "new"}]
    old_text, new_text = (cast(entries.c[name], Text).label(f"{name}_text") for name in ("old", "new"))
    found: dict[UUID, list[Any]] = defaultdict(list)
    query = select(*columns, old_text, new_text).where(entries.c.link.in_(links)).order_by(entries.c.seq)
    for row in session.execute(query):
        found[row.link].append(row)
    return found


def _first_unsealed(session: Session, record: RecordTables) -> int | None:
    chain, entries = record.chain, record.entries
    sealed = exists().where(chain.c.link == entries.c.link)
    found: int | None = session.execute(select(func.min(entries.c.seq)).where(~sealed)).scalar_one()
    return found


def _conditions(record: RecordTables, wanted: AuditFilter) -> list[ColumnElement[bool]]:
    columns = record.entries.c
    conditions: list[ColumnElement[bool]] = []
    if wanted.row_id is not None:
        conditions.append(columns.row_id == wanted.row_id)
    if wanted.table_name:
        conditions.append(columns.table_name == wanted.table_name)
    if wanted.login:
        conditions.append(columns.login == wanted.login)
    if wanted.since is not None:
        conditions.append(columns.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(columns.at < wanted.until)
    return conditions


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
    )
