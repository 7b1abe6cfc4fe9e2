"""A record of changes written to a file, in constant memory: a table, or pages with the head of the chain."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from desktop_app.db import audit as rows
from desktop_app.db.document_statements import server_now
from desktop_app.db.sessions import Session
from desktop_app.deferred import deferred
from desktop_app.domain.audit import FieldChange, RecordExported, RecordForm, field_changes
from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.formulas import guarded
from desktop_app.domain.progress import Report
from desktop_app.domain.records import AuditEntry, AuditHead
from desktop_app.message import Message
from desktop_app.storage.private_files import PrivateTemp

if TYPE_CHECKING:
    from desktop_app.services.records import record_pages
else:  # it needs a library that nothing else needs
    record_pages = deferred("desktop_app.services.records.record_pages")

Say = Callable[[str], str]
Proved = tuple[AuditEntry, int]
"""An entry, and the number of the link that seals it."""
COLUMNS = (
    "entry", "at", "who", "login", "operation", "table", "row_id", "name", "field", "before", "after", "reason", "link",
)  # fmt: skip
_NAMES = tuple(map(Message, ("Entry", "At (UTC)", "By", "What", "Field", "Before", "After")))
_PARTS = (7, 12, 14, 19, 14, 22, 22)
_ALL = 10**12


@dataclass(frozen=True)
class RecordSource:
    """Whose record is written out, and for whom."""

    name: str
    """Of the center or installation."""
    person: str
    read: Callable[[], AbstractContextManager[Session]]
    labelled: Callable[[Session, Sequence[AuditEntry]], tuple[AuditEntry, ...]]


@dataclass(frozen=True)
class _Facts:
    head: AuditHead
    total: int
    at: datetime


def export_record(
    source: RecordSource,
    wanted: AuditFilter,
    target: Path,
    form: RecordForm,
    report: Report,
    say: Say,
    *,
    overwrite: bool,
) -> RecordExported:
    """Write the entries that the filter has, newest first, as the record is now."""
    with source.read() as session:
        head = rows.head(session)
        facts = _Facts(head, rows.count_entries(session, wanted, _ALL).number, server_now(session))
    entries = _counted(_entries(source, wanted, head.seq), facts.total, report)
    with PrivateTemp(target, overwrite=overwrite) as pending:
        if form is RecordForm.CSV:
            number = _write_table(pending.file, entries)
        else:
            number = _write_pages(pending.file, source, wanted, facts, entries, say)
        path = pending.commit()
    return RecordExported(path, number, head)


def _entries(source: RecordSource, wanted: AuditFilter, head_seq: int) -> Iterator[Proved]:
    before: int | None = None
    while True:
        with source.read() as session:
            batch = rows.entries_before(session, wanted, head_seq, before)
            named = source.labelled(session, [entry for entry, _link in batch.entries])
        yield from zip(named, (link for _entry, link in batch.entries), strict=True)
        if (before := batch.before_seq) is None:
            return


def _counted(entries: Iterator[Proved], total: int, report: Report) -> Iterator[Proved]:
    report(0, total)
    for number, each in enumerate(entries, 1):
        yield each
        if number % 100 == 0:
            report(min(number, total), total)


def _write_table(target: BinaryIO, entries: Iterator[Proved]) -> int:
    """One line for each field of each entry; the byte order mark tells spreadsheet programs that it is UTF-8."""
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=False)
    table = csv.writer(text)
    table.writerow(COLUMNS)
    number = 0
    for entry, link in entries:
        number += 1
        who = [str(entry.seq), entry.at.astimezone(UTC).isoformat(), entry.who, entry.login, entry.operation]
        thing = [entry.table_name, "" if entry.row_id is None else str(entry.row_id), entry.label]
        for change in field_changes(entry) or (FieldChange("", "", ""),):
            cells = [*who, *thing, change.field, change.before, change.after, entry.reason, str(link)]
            table.writerow([guarded(each) for each in cells])
    text.flush()
    text.detach()
    return number


def _write_pages(
    target: BinaryIO, source: RecordSource, wanted: AuditFilter, facts: _Facts, entries: Iterator[Proved], say: Say
) -> int:
    head = facts.head
    title = say(Message("Record of changes: {name}", name=source.name))
    footer = say(Message("{title}. Link {number}, {digest}", title=title, number=head.seq, digest=head.digest.hex()))
    pages = record_pages.PageWriter(target, title, footer)
    pages.text(title, 15.0, 6.0)
    for sentence in _intro(source, wanted, facts):
        pages.text(say(sentence))
    pages.begin_table([say(name) for name in _NAMES], _PARTS)
    number = 0
    for entry, link in entries:
        number += 1
        _put_entry(pages, entry, link, say)
    pages.end_table()
    for sentence in _closing(number):
        pages.text(say(sentence))
    pages.finish()
    return number


def _put_entry(pages: "record_pages.PageWriter", entry: AuditEntry, link: int, say: Say) -> None:
    changes = [(change.field, change.before, change.after) for change in field_changes(entry)]
    if entry.is_erased:
        changes.append((say(_ERASED), "", ""))
    if entry.reason:
        changes.append((say(_REASON), "", entry.reason))
    what = " ".join(filter(None, (entry.operation, entry.table_name, entry.label or str(entry.row_id or ""))))
    who = [str(entry.seq), _time(entry.at).removesuffix(" UTC"), entry.who, f"{what} ({link})"]
    for at, change in enumerate(changes or [("", "", "")]):
        pages.row([*(who if at == 0 else [""] * len(who)), *change], ruled=at == 0)


_ERASED, _REASON = Message("erased"), Message("Reason")


def _intro(source: RecordSource, wanted: AuditFilter, facts: _Facts) -> list[str]:
    head = facts.head
    return [
        Message("Written out by {person} at {at}.", person=source.person, at=_time(facts.at)),
        Message(
            "The head of the chain then: link {number}, {digest}, made at {at}. Nothing that was sealed later is here.",
            number=head.seq,
            digest=head.digest.hex(),
            at="—" if head.at is None else _time(head.at),
        ),
        *_narrowed(source, wanted),
        Message("The number in brackets is that of the link that seals an entry."),
    ]


def _narrowed(source: RecordSource, wanted: AuditFilter) -> list[str]:
    """What the filter is, so that nobody takes a part for the whole."""
    parts = [
        f"{name} {value}"
        for name, value in (
            ("row", wanted.row_id),
            ("table", wanted.table_name),
            ("operation", "/".join(wanted.operations)),
            ("login", wanted.login),
            ("field", wanted.field),
            ("since", wanted.since and _time(wanted.since)),
            ("before", wanted.until and _time(wanted.until)),
        )
        if value
    ]
    if not parts:
        return [Message("These are all entries.")]
    return [Message("Only a part of the record of {name}: {filter}.", name=source.name, filter="; ".join(parts))]


def _closing(number: int) -> list[str]:
    return [
        Message("{n} entries.", one="1 entry.", n=number),
        Message(
            "These pages are a rendering, and prove nothing by themselves: a verification of the record in Labkeep "
            "computes the chain again, and finds the digest above at that link if nothing was changed since. "
            "Long values are shortened here; the same list as CSV has all of them."
        ),
    ]


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
