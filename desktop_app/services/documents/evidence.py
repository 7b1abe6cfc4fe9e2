"""An evidence file of a document or a sample: what was signed, by whom, and what proves it, to be taken away.

The attached part has the whole trust log, the signed statements, and what proves the entries of the record up to its
head; its maker signs it. docs/reader.py verifies it without an installation. The pages say the same to people.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from desktop_app.crypto.canonical import data_text
from desktop_app.crypto.errors import TamperedError
from desktop_app.crypto.evidence import EvidenceStatement, sign_evidence
from desktop_app.crypto.passwords import login_for
from desktop_app.crypto.version_statements import whole_seconds
from desktop_app.db import documents as document_rows
from desktop_app.db import people as people_rows
from desktop_app.db import trust as trust_rows
from desktop_app.db.audit_excerpt import record_excerpt
from desktop_app.db.document_statements import SignedRow, all_statements, server_now
from desktop_app.deferred import deferred
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import Document, Person, Sample, Version
from desktop_app.domain.rights import Verb
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.rollback_detection import RolledBackError
from desktop_app.services.documents.document_facts import DocumentFacts
from desktop_app.services.documents.download import Downloader
from desktop_app.services.documents.evidence_facts import Collected, ProvedDocument, ProvedVersion, Say
from desktop_app.storage.errors import StorageError
from desktop_app.storage.private_files import PrivateTemp

if TYPE_CHECKING:
    from desktop_app.services.documents import evidence_text
else:  # writing a PDF needs a library that nothing else needs
    evidence_text = deferred("desktop_app.services.documents.evidence_text")


@dataclass(frozen=True)
class EvidenceMade:
    """A written evidence file, and what it holds."""

    path: Path
    documents: int
    versions: int
    entries: int
    unread: tuple[str, ...]
    """Sentences about files that could not be read."""


@dataclass(frozen=True)
class Evidence:
    """Evidence files of one center; for who may read its whole record."""

    context: CenterContext

    def of_document(
        self, document: Document, target: Path, report: Report = silent, say: Say = str, *, overwrite: bool = False
    ) -> EvidenceMade:
        """Write the evidence about a document; TamperedError where anything of it is not as it was signed."""
        self._require_allowed()
        collected = self._collected(document.title, [document], [document.id], report)
        return self._written(collected, target, say, overwrite=overwrite)

    def of_sample(
        self, sample: Sample, target: Path, report: Report = silent, say: Say = str, *, overwrite: bool = False
    ) -> EvidenceMade:
        """Write the evidence about a sample and all of its documents."""
        self._require_allowed()
        with self.context.read() as session:
            documents = document_rows.of_samples(session, [sample.id])
        collected = self._collected(f"{sample.barcode} {sample.name}", documents, [sample.id], report)
        return self._written(collected, target, say, overwrite=overwrite)

    def _require_allowed(self) -> None:
        self.context.person.require(Verb.READ_AUDIT, self.context.center.id)
        self.context.person.policy.require_export()

    def _collected(self, subject: str, documents: Sequence[Document], row_ids: list[UUID], report: Report) -> Collected:
        proved = tuple(self._proved(document, report) for document in documents)
        for each in proved:
            row_ids += [each.document.id, *(version.seal.version.id for version in each.versions)]
        entries = self._trust_entries()
        with self.context.read() as session:
            record = record_excerpt(session, set(row_ids), report)
            people = {person.login: person for person in people_rows.list_people(session, include_former=True)}
            at = server_now(session)
        alarm = self.context.rollback
        if alarm is not None:
            raise RolledBackError(alarm)
        if record.broken_at is not None:
            raise TamperedError(
                "The record of {center} is broken at link {at}: it was changed behind Labkeep's back. "
                "Nothing can be proved by it.",
                center=self.context.center.name,
                at=record.broken_at,
            )
        state, person = self.context.person.trust.state, self.context.person
        logins = record.logins | {each.created_by for one in proved for each in one.statements} | {person.user.login}
        logins |= {version.seal.version.login for one in proved for version in one.versions}
        concerned = {login: self._named(people, login) for login in sorted(logins)}
        trusted = {one.login: one.identity.fingerprint() for one in state.register.people.values()}
        return Collected(
            self.context.center.name,
            subject,
            concerned[person.user.login].display_name,
            whole_seconds(at),
            proved,
            record,
            concerned,
            entries,
            next(iter(state.register.identities.values())).public.fingerprint(),
            {login: trusted[login] for login in concerned if login in trusted},
        )

    def _named(self, people: dict[str, Person], login: str) -> Person:
        """Whose login it is: the name is proved by the login, which is made from it."""
        person = people.get(login)
        if person is None or login_for(self.context.person.installation_id, person.username) != login:
            raise TamperedError("The database gives somebody's login another name. Tell a system administrator.")
        return person

    def _trust_entries(self) -> list[tuple[str, str, str]]:
        trust = self.context.person.trust
        with self.context.person.shared.begin() as session:
            head = trust.refresh(session).head
            rows = trust_rows.entries_after(session, 0)[: head.sequence]
        return [(data_text(row.payload), str(row.signer), row.signature.hex()) for row in rows]

    def _proved(self, document: Document, report: Report) -> ProvedDocument:
        facts, downloader = DocumentFacts(self.context), Downloader(self.context)

        def check() -> tuple[tuple[SignedRow, ...], list[Version]]:
            with self.context.read() as session:
                facts.check_all(session, document)
                statements = tuple(all_statements(session, document.id))
                return statements, document_rows.list_versions(session, document.id)[::-1]

        statements, versions = facts.fresh(check)
        return ProvedDocument(
            document, statements, tuple(self._proved_version(downloader, each, report) for each in versions)
        )

    @staticmethod
    def _proved_version(downloader: Downloader, version: Version, report: Report) -> ProvedVersion:
        seal = downloader.seal(version)
        if seal.problem is not None:
            raise TamperedError(seal.problem)
        try:
            return ProvedVersion(seal, downloader.content_digest(version, report), "")
        except StorageError as error:
            return ProvedVersion(seal, "", error.message)

    def _written(self, collected: Collected, target: Path, say: Say, *, overwrite: bool) -> EvidenceMade:
        attached = self._attached(collected)
        with PrivateTemp(target, overwrite=overwrite) as pending:
            evidence_text.write(pending.file, collected, attached, say)
            path = pending.commit()
        versions = [version for one in collected.documents for version in one.versions]
        unread = tuple(version.unread for version in versions if version.unread)
        entries = sum(len(link[5]) for link in collected.record.links if isinstance(link[5], list))
        return EvidenceMade(path, len(collected.documents), len(versions), entries, unread)

    def _attached(self, collected: Collected) -> bytes:
        """The machine-readable part, as docs/file-format.md says."""
        record, versions = collected.record, [each for one in collected.documents for each in one.versions]
        signed = [(row.statement, row.signature) for one in collected.documents for row in one.statements]
        signed += [(each.seal.version.statement, each.seal.version.signature) for each in versions]
        content = json.dumps(
            {
                "subject": collected.subject,
                "center": self.context.center.name,
                "trust": collected.trust,
                "people": {person.username: person.display_name for person in collected.people.values()},
                "statements": [(statement.decode("ascii"), signature.hex()) for statement, signature in signed],
                "content_digests": {
                    each.content_digest: str(each.seal.version.id) for each in versions if not each.unread
                },
                "before": record.before.hex(),
                "links": record.links,
                "words": record.words,
            }
        )
        person = self.context.person
        statement = EvidenceStatement(
            installation_id=person.installation_id,
            center_id=self.context.center.id,
            at=collected.at,
            signer=person.identity.public.id,
            trust_sequence=len(collected.trust),
            record_sequence=record.head.seq,
            record_digest=record.head.digest,
            content=content.encode(),
        )
        payload, signature = sign_evidence(statement, person.identity)
        whole = {"content": content, "statement": payload.decode("ascii"), "signature": signature.hex()}
        return json.dumps(whole).encode()
