"""The proof that nobody has touched a record of changes.

Works in a center's session (that center's record) and in a shared one (the installation's). The digests are computed
here, from the plain columns, and not asked of the server.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, exists, func, null, select
from sqlalchemy.orm import Session

from desktop_app.db.audit import head
from desktop_app.db.audit_digests import START, entry_text, link_digest, words_digest
from desktop_app.db.audit_tables import RecordTables, record_of
from desktop_app.domain.audit import AuditFault, AuditVerdict
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import AuditHead

_LINKS_AT_ONCE = 500


def verify_chain(session: Session, report: Report = silent) -> AuditVerdict:
    """Compute the whole chain again, up to the head as it is now; stops at the first fault.

    Needs the right to read the whole record. *report* is called with (links done, links in all) and may raise.
    """
    walk = _Walk(session, record_of(session), report)
    newest = head(session)
    while True:
        fault = walk.to(newest)
        if fault is not None:
            return walk.verdict(newest, fault)
        later = head(session)
        # What was erased while this went on is named by an entry that is later than the head was.
        if not walk.unnamed or later.seq <= newest.seq:
            break
        newest = later
    if walk.previous != newest.digest:
        return walk.verdict(newest, (walk.links, AuditFault.HEAD_CHANGED))
    if walk.unnamed:
        return walk.verdict(newest, (min(walk.unnamed), AuditFault.ERASED_UNSIGNED))
    beyond = walk.first_beyond_head()
    if beyond is not None:
        return walk.verdict(newest, (beyond, AuditFault.HEAD_CHANGED))
    stray = walk.first_unsealed()
    return walk.verdict(newest, None if stray is None else (stray, AuditFault.ENTRIES_UNSEALED))


Fault = tuple[int, AuditFault]
"""Where a chain breaks, and how."""


@dataclass
class _Walk:
    """What was seen of a chain, link by link, up to some point."""

    session: Session
    record: RecordTables
    report: Report
    links: int = 0
    rows: int = 0
    previous: bytes = START
    erased: set[int] = field(default_factory=set)
    """Entries whose words are gone."""
    named: set[int] = field(default_factory=set)
    """Entries that an erasure names."""

    @property
    def unnamed(self) -> set[int]:
        """Entries whose words are gone without an erasure that says so."""
        return self.erased - self.named

    def verdict(self, newest: AuditHead, fault: Fault | None) -> AuditVerdict:
        """The result, with what is known so far."""
        broken_at, kind = fault or (None, None)
        return AuditVerdict(self.links, self.rows, newest, broken_at, kind, erased=len(self.erased))

    def to(self, newest: AuditHead) -> Fault | None:
        """Go on to a head; the first fault on the way there."""
        for link, entries in sealed_links(self.session, self.record, self.links, newest.seq):
            fault = self._fault_of(link, entries)
            if fault is not None:
                return self.links + 1, fault
            self.links, self.rows, self.previous = self.links + 1, self.rows + len(entries), bytes(link.digest)
            for entry in entries:
                self._note_erasing(entry)
            if self.links % _LINKS_AT_ONCE == 0 or self.links == newest.seq:
                self.report(self.links, newest.seq)
        return (self.links + 1, AuditFault.LINK_MISSING) if self.links < newest.seq else None

    def first_unsealed(self) -> int | None:
        """The first entry that no link seals."""
        chain, entries = self.record.chain, self.record.entries
        sealed = exists().where(chain.c.link == entries.c.link)
        found: int | None = self.session.execute(select(func.min(entries.c.seq)).where(~sealed)).scalar_one()
        return found

    def first_beyond_head(self) -> int | None:
        """The first link that the head does not know: it was set back to an older one."""
        chain, top = self.record.chain, select(self.record.head.c.seq).scalar_subquery()
        # One statement, so one snapshot: what is sealed meanwhile has its head there, too.
        found: int | None = self.session.execute(select(func.min(chain.c.seq)).where(chain.c.seq > top)).scalar_one()
        return found

    def _note_erasing(self, entry: Any) -> None:
        if entry.salt is None:
            self.erased.add(entry.seq)
        elif entry.operation == "erase" and isinstance(entry.new, dict):
            self.named.update(entry.new.get("entries", ()))

    def _fault_of(self, link: Any, entries: Sequence[Any]) -> AuditFault | None:
        if link.seq != self.links + 1:
            return AuditFault.LINK_MISSING
        if bytes(link.previous) != self.previous:
            return AuditFault.LINK_CHANGED
        if link.rows != len(entries) or not all(map(_says_what_it_said, entries)):
            return AuditFault.ENTRIES_CHANGED
        texts = [entry_text(entry) for entry in entries]
        if link_digest(self.previous, link.seq, link.link, link.epoch, link.at, texts) != bytes(link.digest):
            return AuditFault.ENTRIES_CHANGED
        return None


def sealed_links(session: Session, record: RecordTables, done: int, newest: int) -> Iterator[tuple[Any, list[Any]]]:
    """Every link after number *done* up to *newest* with its entries; some hundred for each question to the server."""
    chain = record.chain
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
    old_text, new_text = (cast(entries.c[name], Text).label(f"{name}_text") for name in ("old", "new"))
    found: dict[UUID, list[Any]] = defaultdict(list)
    # An entry of a center's own record names no center.
    center = () if "center_id" in entries.c else (null().label("center_id"),)
    query = select(*entries.columns, *center, old_text, new_text)
    for row in session.execute(query.where(entries.c.link.in_(links)).order_by(entries.c.seq)):
        found[row.link].append(row)
    return found


def _says_what_it_said(entry: Any) -> bool:
    """Whether the words of an entry are those of its digest, or are gone as a whole."""
    if entry.salt is None:
        return entry.old_text is None and entry.new_text is None and entry.reason == ""
    return words_digest(bytes(entry.salt), entry.old_text, entry.new_text, entry.reason) == bytes(entry.digest)
