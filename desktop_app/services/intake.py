"""From what was dropped to jobs for the saver: folders walked, titles compared, questions asked."""

from collections.abc import Sequence
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


class Intake:
    """Takes files and folders into one center."""

    def __init__(self, access: CenterAccess, report: AddReport) -> None:
        self._access = access
        self._report = report
        self._results: list[AddResult] = []

    def add(self, paths: Sequence[Path], sample_id: UUID | None, decide: Decide) -> AddSummary:
        """Plan every file, save the planned ones, and report each file's fate once."""
        jobs: list[SaveJob] = []
        try:
            for found in walk(paths):
                if isinstance(found, SourceProblem):
                    self._finish(
                        _result(found.path, found.path.name or str(found.path), AddOutcome.FAILED, found.sentence)
                    )
                elif (job := self._plan(found, sample_id, decide)) is not None:
                    jobs.append(job)
        except Cancelled:
            for job in jobs:
                self._finish(_result(job.source.path, job.title, AddOutcome.CANCELLED, "Cancelled."))
            return AddSummary(tuple(self._results))
        for result in Saver(self._access, self._report).save(jobs):
            self._finish(result)
        return AddSummary(tuple(self._results))

    def _plan(self, source: SourceFile, sample_id: UUID | None, decide: Decide) -> SaveJob | None:
        title = title_of(source.name)
        existing = self._existing(title)
        choice = decide(ConflictQuestion(source.path, title, existing)) if existing else OnConflict.KEEP
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

    def _existing(self, title: str) -> tuple[Document, ...]:
        with self._access.read() as session:
            return tuple(rows.find_by_title(session, title))

    def _finish(self, result: AddResult) -> None:
        self._results.append(result)
        self._report.file_finished(result)


def title_of(name: str) -> str:
    """The title that a file's name gives a document: without control characters, at most 300 characters."""
    printable = "".join(character if character.isprintable() else " " for character in clean(name))
    return clean(printable)[:TITLE_LENGTH] or "Untitled"


def _result(path: Path, name: str, outcome: AddOutcome, reason: str) -> AddResult:
    return AddResult(path, name, outcome, reason=reason)
