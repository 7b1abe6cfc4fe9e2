"""Documents of one center: added, listed, opened, verified."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from desktop_app.crypto.errors import CryptoError
from desktop_app.crypto.fernet_tokens import FernetKeys
from desktop_app.crypto.sealed_stream import DIGEST
from desktop_app.db import documents as rows
from desktop_app.db.samples import get_sample
from desktop_app.db.sessions import Session
from desktop_app.domain.drafts import DocumentDraft, check
from desktop_app.domain.filters import DocumentFilter
from desktop_app.domain.openings import Opening
from desktop_app.domain.paging import COUNT_CAP, DEFAULT_PAGE, Count, Page, PageKey, Part, pages
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.reasons import ReasonVerb
from desktop_app.domain.records import Document, Version
from desktop_app.domain.rights import Verb
from desktop_app.domain.sorting import NEWEST_DOCUMENTS, DocumentField, Sort
from desktop_app.errors import Cancelled, LabkeepError
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.lost_answers import changed_from, confirmed
from desktop_app.services.context.merged_edit import Edit
from desktop_app.services.documents.abandoned_uploads import sweep
from desktop_app.services.documents.add_results import AddReport, AddSummary, SilentAddReport
from desktop_app.services.documents.document_facts import DocumentFacts
from desktop_app.services.documents.download import PREVIEW_LIMIT, Downloader, Seal
from desktop_app.services.documents.sources import PLAIN, FernetFiles, Sources
from desktop_app.services.documents.title_conflicts import (
    ConflictQuestion,
    Decide,
    OnConflict,
    Sameness,
    always,
    compare,
)
from desktop_app.services.documents.upload_plan import UploadPlan
from desktop_app.storage.safe_names import safe_file_name, unique_target


@dataclass(frozen=True)
class VerifyResult:
    """One stored version, read to its end; ``problem`` is a sentence, or None when all is well.

    ``digest`` names the algorithm by which the stored file was compared with the signed one.
    """

    document_id: UUID
    title: str
    version_id: UUID
    number: int
    problem: str | None
    digest: str


@dataclass(frozen=True)
class DocumentSeals:
    """A document's versions as they were signed; ``alarm`` is a sentence where the database says something else."""

    seals: tuple[Seal, ...]
    alarm: str | None


@dataclass(frozen=True)
class Documents:
    """What a signed-in person may see and do with the documents of a center."""

    context: CenterContext

    @property
    def may_edit(self) -> bool:
        """Whether the person may add and change documents here; the database decides again."""
        return self.context.may(Verb.EDIT_DOCUMENTS)

    def list(
        self,
        filter: DocumentFilter | None = None,
        after: PageKey | None = None,
        limit: int = DEFAULT_PAGE,
        sort: Sort[DocumentField] = NEWEST_DOCUMENTS,
    ) -> Page[Document]:
        """One page of documents in the order of *sort*; the key *after* must be of the same order."""
        with self.context.read() as session:
            return rows.list_documents(session, filter or DocumentFilter(), after, limit, sort)

    def part(self, filter: DocumentFilter, part: Part, sort: Sort[DocumentField]) -> tuple[Document, ...]:
        """The documents at these places in the order of *sort*."""
        with self.context.read() as session:
            return rows.documents_at(session, filter, part, sort)

    def count(self, filter: DocumentFilter | None = None, cap: int = COUNT_CAP) -> Count:
        """How many documents a filter has, counted up to a cap."""
        with self.context.read() as session:
            return rows.count_documents(session, filter or DocumentFilter(), cap)

    def get(self, ref: str | UUID) -> Document:
        """The document of this id or, where it is unique, title."""
        with self.context.read() as session:
            return rows.get_document(session, ref)

    def versions(self, document: Document) -> tuple[Version, ...]:
        """Every version, newest first."""
        with self.context.read() as session:
            return tuple(rows.list_versions(session, document.id))

    def seals(self, document: Document) -> DocumentSeals:
        """Every version, newest first, with who sealed it by its signature; and what is wrong, if anything is."""
        alarm = self._forged(document)
        downloader = Downloader(self.context)
        seals = tuple(downloader.seal(version) for version in self.versions(document))
        problems = [alarm, *(seal.problem for seal in seals)]
        return DocumentSeals(seals, next(filter(None, problems), None))

    def add(
        self,
        paths: Sequence[Path],
        *,
        sample_id: UUID | None = None,
        on_conflict: OnConflict = OnConflict.KEEP,
        decide: Decide | None = None,
        report: AddReport | None = None,
        sources: Sources = PLAIN,
    ) -> AddSummary:
        """Seal and save files and folders; says for each what became of it. *sources*: how they become clear bytes.

        *decide* is asked about the files whose title an active document of the same sample has (without one: of those
        that belong to none); without it *on_conflict* holds for all.
        """
        self.context.person.require(Verb.EDIT_DOCUMENTS, self.context.center.id)
        self.context.person.store.check_marker()
        with suppress(LabkeepError):
            sweep(self.context)
        return UploadPlan(self.context, sample_id, report or SilentAddReport(), sources).add(
            paths, decide or always(on_conflict)
        )

    def import_fernet(
        self,
        paths: Sequence[Path],
        keys: Sequence[str],
        *,
        sample_id: UUID | None = None,
        on_conflict: OnConflict = OnConflict.KEEP,
        report: AddReport | None = None,
    ) -> AddSummary:
        """Save what files of an older system hold: Fernet tokens, opened in memory under any of *keys* (one a line).

        Nothing of it is written in clear, and the files stay as they are. WrongKeyError for a line that is no key.
        """
        opened = FernetFiles(FernetKeys(keys))
        return self.add(paths, sample_id=sample_id, on_conflict=on_conflict, report=report, sources=opened)

    def compare(self, question: ConflictQuestion) -> Sameness:
        """Whether the file of a question holds what the document holds already; reads both where that is cheap."""
        return compare(self.context, question)

    def update(self, document: Document, draft: DocumentDraft) -> Document:
        """Sign and save edited title, type, tags and sample over the state that *document* was read in."""
        check(draft)
        facts = DocumentFacts(self.context)

        def change(session: Session) -> Document:
            facts.change(session, document, draft)
            return rows.get_document(session, document.id)

        return facts.fresh(
            lambda: self._change(document, Verb.EDIT_DOCUMENTS, change, lambda now: DocumentDraft.of(now) == draft)
        )

    def edit(self, document: Document, draft: DocumentDraft) -> Document:
        """Save edited fields; what others saved meanwhile in other fields is kept (see Edit.run)."""

        def barcode_of(sample_id: UUID) -> str:
            with self.context.read() as session:
                return get_sample(session, sample_id).barcode

        return Edit(document, DocumentDraft.of, lambda: self.get(document.id), self.update, barcode_of).run(draft)

    def deactivate(self, document: Document, reason: str = "") -> Document:
        """Take a document out of the lists; nothing is deleted."""
        self.context.require_reason(ReasonVerb.DEACTIVATE, reason)
        return self._set_active(document, reason, active=False)

    def restore(self, document: Document, reason: str = "") -> Document:
        """Bring a deactivated document back."""
        self.context.require_reason(ReasonVerb.RESTORE, reason)
        return self._set_active(document, reason, active=True)

    def content(self, document: Document, number: int | None = None, limit: int = PREVIEW_LIMIT) -> bytes:
        """The clear bytes of a version (None: the newest), in memory only."""
        version = self._version(document, number)
        found = Downloader(self.context).content(version, limit)
        self.context.note_opening(version.id, Opening.PREVIEW)
        return found

    def save_as(
        self,
        document: Document,
        target: Path,
        number: int | None = None,
        report: Report = silent,
        *,
        overwrite: bool = False,
        opening: Opening = Opening.EXPORT,
    ) -> Path:
        """Write the clear bytes to a file; a folder as *target* gets a safe, unused name in it.

        *opening* is what the record calls it.
        """
        version = self._version(document, number)
        if os.path.isdir(target):  # noqa: PTH112 - Path.is_dir() raises for a name that is too long
            target = unique_target(target, safe_file_name(version.file_name))
        saved = Downloader(self.context).save_as(version, target, report, overwrite=overwrite)
        self.context.note_opening(version.id, opening)
        return saved

    def verify(self, documents: Sequence[Document] | None = None, report: Report = silent) -> tuple[VerifyResult, ...]:
        """Read every stored version of the given documents (None: of all) to its end."""
        every = DocumentFilter(include_inactive=True)
        chosen = tuple(pages(lambda after, size: self.list(every, after, size)) if documents is None else documents)
        results: list[VerifyResult] = []
        for done, document in enumerate(chosen):
            report(done, len(chosen))
            forged = self._forged(document)
            results.extend(self._verified(document, version, forged) for version in self.versions(document))
        report(len(chosen), len(chosen))
        return tuple(results)

    def _set_active(self, document: Document, reason: str, *, active: bool) -> Document:
        version = document.row_version
        return self._change(
            document,
            Verb.DEACTIVATE_RECORDS,
            lambda session: rows.set_document_active(session, document.id, active=active, row_version=version),
            lambda now: now.is_active is active,
            reason,
        )

    def _change(
        self,
        document: Document,
        verb: Verb,
        act: Callable[[Session], Document],
        fits: Callable[[Document], bool],
        reason: str = "",
    ) -> Document:
        done = changed_from(document, lambda session: rows.get_document(session, document.id), fits)
        return confirmed(self.context, verb, act, done, reason)

    def _forged(self, document: Document) -> str | None:
        """What is wrong with the signed statements of a document, if anything is."""
        facts = DocumentFacts(self.context)

        def check() -> None:
            with self.context.read() as session:
                facts.check_all(session, document)

        try:
            facts.fresh(check)
        except CryptoError as error:
            return error.message
        return None

    def _verified(self, document: Document, version: Version, problem: str | None) -> VerifyResult:
        try:
            Downloader(self.context).verify(version, silent)
        except Cancelled:
            raise
        except LabkeepError as error:
            problem = error.message
        return VerifyResult(document.id, document.title, version.id, version.number, problem, DIGEST)

    def _version(self, document: Document, number: int | None) -> Version:
        """The version that was asked for, of a document that is called what was signed."""
        facts = DocumentFacts(self.context)

        def read() -> Version:
            with self.context.read() as session:
                facts.check(session, document)
                return rows.get_version(session, document.id, number)

        return facts.fresh(read)
