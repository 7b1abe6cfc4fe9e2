"""What proves some entries of a center's record up to its head: the links from the first of them on.

A link that holds none of them is there by the digest of its entries, so that nothing is told of other rows.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desktop_app.db.audit import head
from desktop_app.db.audit_digests import START, entry_text, link_digest, utc_text
from desktop_app.db.audit_proof import sealed_links
from desktop_app.db.audit_tables import CENTER_RECORD
from desktop_app.domain.progress import Report
from desktop_app.domain.records import AuditHead

Words = tuple[str, str | None, str | None, str]
"""Salt in hexadecimal digits, the texts of old and new, and the reason."""


@dataclass
class RecordExcerpt:
    """Links as ``[number, link, epoch, at, entries, body]``; the body is the entries' texts, or their digest in hex."""

    head: AuditHead
    before: bytes = START
    """The digest of the link before the first one."""
    links: list[list[Any]] = field(default_factory=list)
    words: dict[int, Words] = field(default_factory=dict)
    """What the entries say that were asked for, by number; erased ones are left out."""
    erased: set[int] = field(default_factory=set)
    """The numbers of those."""
    logins: set[str] = field(default_factory=set)
    """Of those entries."""
    broken_at: int | None = None
    """The number of the first link that does not prove itself; what follows is left out."""


def record_excerpt(session: Session, row_ids: Collection[UUID], report: Report) -> RecordExcerpt:
    """Every entry about these rows, with what proves it; needs the right to read the whole record."""
    chain, entries = CENTER_RECORD.chain, CENTER_RECORD.entries
    excerpt = RecordExcerpt(head(session))
    concerned = select(entries.c.link).where(entries.c.row_id.in_(row_ids))
    first: int | None = session.execute(select(func.min(chain.c.seq)).where(chain.c.link.in_(concerned))).scalar_one()
    if first is None:
        return excerpt
    previous: bytes | None = None
    newest = excerpt.head.seq
    for number, (link, rows) in enumerate(sealed_links(session, CENTER_RECORD, first - 1, newest), first):
        if previous is None:
            previous = excerpt.before = bytes(link.previous)
        texts = [entry_text(row) for row in rows]
        previous = link_digest(previous, link.seq, link.link, link.epoch, link.at, texts)
        if link.seq != number or previous != bytes(link.digest):
            excerpt.broken_at = number
            return excerpt
        _take(excerpt, link, rows, texts, row_ids)
        report(number - first + 1, newest - first + 1)
    if previous != excerpt.head.digest:
        excerpt.broken_at = newest
    return excerpt


def _take(excerpt: RecordExcerpt, link: Any, rows: list[Any], texts: list[str], row_ids: Collection[UUID]) -> None:
    wanted = [row for row in rows if row.row_id in row_ids]
    body = texts if wanted else hashlib.sha256("\n".join(texts).encode()).hexdigest()
    excerpt.links.append([link.seq, str(link.link), str(link.epoch), utc_text(link.at), len(rows), body])
    for row in wanted:
        excerpt.logins.add(row.login)
        if row.salt is None:
            excerpt.erased.add(row.seq)
        else:
            excerpt.words[row.seq] = (bytes(row.salt).hex(), row.old_text, row.new_text, row.reason)
