"""From what was dropped to jobs for the saver: folders walked, titles compared, questions asked."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from uuid import UUID

from desktop_app.db import documents as rows
from desktop_app.domain.drafts import DocumentDraft
from desktop_app.domain.ids import new_id
from desktop_app.domain.records import Document
from desktop_app.domain.text_rules import clean
from desktop_app.errors import Cancelled
from desktop_app.services.adding import (
    AddOutcome,
    AddResult,
    AddSummary,
    ConflictQuestion,
    Decide,
    OnConflict,
)
from desktop_app.services.center_access import CenterAccess
from desktop_app.services.progress import AddReport
from desktop_app.services.saving import SaveJob, Saver
from desktop_app.storage.sources import SourceFile, SourceProblem, walk

TITLE_LENGTH = 300
PLANNED_AT_ONCE = 500
"""For so many files one question to the server tells which titles exist."""


class Intake:
    """Takes files and folders into one center."""

    def __init__(self, access: CenterAccess, report: AddReport) -> None:
        self._access = access
        self._report = report
        self._results: list[AddResult] = []
        self._cancelled = False

    def add(self, paths: Sequence[Path], sample_id: UUID | None, decide: Decide) -> AddSummary:
        """Plan every file, save the planned ones, and report each file's fate once."""
        jobs: list[SaveJob] = []
        for batch in _batches(walk(paths)):
            sources = [found for found in batch if isinstance(found, SourceFile)]
            existing = self._existing({title_of(source.name) for source in sources})
            for found in batch:
                if isinstance(found, SourceProblem):
                    name = found.path.name or str(found.path)
                    self._finish(_result(found.path, name, AddOutcome.FAILED, found.sentence))
                elif (job := self._plan(found, existing, sample_id, decide)) is not None:
                    jobs.append(job)
        saver = Saver(self._access, self._report)
        if self._cancelled:
            saver.cancel()
        for result in saver.save(jobs):
            self._finish(result)
            if self._cancelled:
                saver.cancel()
        return AddSummary(tuple(self._results))

    def _plan(
        self, source: SourceFile, titles: dict[str, list[Document]], sample_id: UUID | None, decide: Decide
    ) -> SaveJob | None:
        title = title_of(source.name)
        existing = tuple(titles.get(title, ()))
        try:
            # Once cancelled, nothing more is asked; the saver gives every planned file its fate.
            asks = existing and not self._cancelled
            choice = decide(ConflictQuestion(source.path, title, existing)) if asks else OnConflict.KEEP
        except Cancelled:
            self._cancelled = True
            choice = OnConflict.KEEP
        if choice is OnConflict.SKIP:
            reason = "Skipped: a document of this title exists."
            self._finish(_result(source.path, title, AddOutcome.SKIPPED, reason))
            return None
        if choice is OnConflict.FAIL:
            self._finish(_result(source.path, title, AddOutcome.FAILED, "A document of this title exists."))
            return None
        return self._job(source, title, sample_id, existing[0] if choice is OnConflict.VERSION else None)

    def _job(self, source: SourceFile, title: str, sample_id: UUID | None, existing: Document | None) -> SaveJob:
        if existing is not None:
            return SaveJob(source, title, existing.id, existing.latest_number + 1, None)
        return SaveJob(source, title, new_id(), 1, DocumentDraft(title=title, sample_id=sample_id))

    def _existing(self, titles: set[str]) -> dict[str, list[Document]]:
        if not titles:
            return {}
        with self._access.read() as session:
            return rows.find_by_titles(session, titles)

    def _finish(self, result: AddResult) -> None:
        """Tell one file's fate; who cancels while being told loses no result."""
        self._results.append(result)
        try:
            self._report.file_finished(result)
        except Cancelled:
            self._cancelled = True


def _batches(found: Iterable[SourceFile | SourceProblem]) -> Iterator[list[SourceFile | SourceProblem]]:
    rest = iter(found)
    while batch := list(islice(rest, PLANNED_AT_ONCE)):
        yield batch


def title_of(name: str) -> str:
    """The title that a file's name gives a document: without control characters, at most 300 characters."""
    printable = "".join(character if character.isprintable() else " " for character in clean(name))
    return clean(printable)[:TITLE_LENGTH] or "Untitled"


def _result(path: Path, name: str, outcome: AddOutcome, reason: str) -> AddResult:
    return AddResult(path, name, outcome, reason=reason)
