"""What the pages of an evidence file say."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from desktop_app.crypto.recovery_kit import fingerprint_words
from desktop_app.crypto.version_statements import DocumentStatement, VersionStatement
from desktop_app.message import Message
from desktop_app.services.documents.evidence_facts import Collected, ProvedDocument, Say
from desktop_app.services.documents.evidence_pages import Pages, Section, write_pages

_VERSIONS = (
    Message("Version"),
    Message("File"),
    Message("Bytes"),
    Message("Sealed by, signature verified"),
    Message("At"),
    Message("Digests (BLAKE3) of the sealed file and of its content"),
)
_NAMES = (Message("At"), Message("By, signature verified"), Message("Title"), Message("Type"), Message("Tags"))
_RECORD = (Message("Entry"), Message("At"), Message("By"), Message("What"), Message("Before"), Message("After"))
_PEOPLE = (Message("User name"), Message("Name"), Message("Login"), Message("Fingerprint of the keys of now"))
_ERASED = Message("erased")
_CLOSING = (
    Message(
        "What proves all this is attached to this file as evidence.json: every entry of the trust log, every signed "
        "statement, and the links of the record from the first entry above to its head. These pages are a "
        "rendering of it; what counts is what the check of the attached part says."
    ),
    Message("To check it without Labkeep: python reader.py evidence THIS-FILE ROOT (docs/reader.py of Labkeep)."),
    Message(
        "Entries that are not there prove nothing: the maker's signature says that these are all there were, and "
        "that the sealed files were read and were those that were signed."
    ),
)


def write(target: BinaryIO, collected: Collected, attachment: bytes, say: Say) -> None:
    """Write pages and attached part."""
    sections: list[Section] = []
    for one in collected.documents:
        sections += _about(one, collected)
    sections.append(Section(Message("Record"), _RECORD, (6, 12, 10, 14, 25, 25), list(_timeline(collected))))
    sections.append(Section(Message("People"), _PEOPLE, (12, 14, 20, 34), list(_people(collected))))
    pages = Pages(Message("Evidence: {subject}", subject=collected.subject), _intro(collected), sections, _CLOSING)
    write_pages(target, pages, attachment, say)


def _intro(collected: Collected) -> list[str]:
    head = collected.record.head
    return [
        Message(
            "{center}. Made by {person} at {at}, signed.",
            center=collected.center_name,
            person=collected.made_by,
            at=_time(collected.at),
        ),
        Message(
            "Root of trust: {words} ({digits})",
            words=fingerprint_words(collected.root_fingerprint),
            digits=collected.root_fingerprint.hex(),
        ),
        Message("Trust log: {count} entries, all attached.", count=len(collected.trust)),
        Message("Head of the record: link {number}, {digits}", number=head.seq, digits=head.digest.hex()),
    ]


def _about(one: ProvedDocument, collected: Collected) -> Iterator[Section]:
    versions = []
    for each in one.versions:
        version, seal = each.seal.version, each.seal
        said = VersionStatement.from_bytes(version.statement)
        content = each.content_digest or Message("not read: {problem}", problem=each.unread)
        digests = f"{said.stored_digest} {content}"
        versions.append((str(said.number), said.file_name, str(said.size), seal.by, _time(said.at), digests))
    heading = Message("Document {title}, {id}", title=one.document.title, id=one.document.id)
    yield Section(heading, _VERSIONS, (8, 15, 8, 14, 13, 36), versions)
    names = []
    for row in one.statements:
        changed = DocumentStatement.from_bytes(row.statement)
        facts, by = changed.facts, collected.people[row.created_by].display_name
        names.append((_time(changed.at), by, facts.title, facts.document_type, ", ".join(facts.tags)))
    if names:
        yield Section(Message("Changes of what it is called"), _NAMES, (13, 14, 30, 12, 14), names)


def _timeline(collected: Collected) -> Iterator[tuple[str, ...]]:
    record = collected.record
    for link in record.links:
        for text in link[5] if isinstance(link[5], list) else ():
            seq, _link, at, login, operation, table, row, *_rest = json.loads(text)
            if login not in collected.people or (seq not in record.words and seq not in record.erased):
                continue
            _salt, old, new, reason = record.words.get(seq, ("", _ERASED, _ERASED, ""))
            by, what = collected.people[login].display_name, f"{operation} {table} {row} {reason}"
            yield str(seq), at[:19].replace("T", " "), by, what, old or "", new or ""


def _people(collected: Collected) -> Iterator[tuple[str, ...]]:
    for login, person in collected.people.items():
        digits = collected.fingerprints.get(login)
        yield person.username, person.display_name, login, "" if digits is None else fingerprint_words(digits)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
