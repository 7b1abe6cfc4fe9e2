"""From what was dropped to jobs for the saver: folders walked, titles compared, questions asked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
    Twin,
)
from desktop_app.services.center_access import CenterAccess
from desktop_app.services.progress import AddReport
from desktop_app.services.save_jobs import SaveJob
from desktop_app.services.saving import Saver
from desktop_app.storage.sources import SourceFile, SourceProblem, walk

TITLE_LENGTH = 300
PLANNED_AT_ONCE = 500
"""For so many files one question to the server tells which titles exist."""


@dataclass(frozen=True)
class _Plan:
    """A file that is to be saved: as a document of its own, or as the next version of one."""

    source: SourceFile
    title: str
    number: int
    """The version that it will be, if all goes well before it."""
    document: Document | None = None
    """Of which it is the next version; None for a new document."""
    after: "_Plan | None" = None
    """A file of the same drop whose document it goes into, once that is saved."""
    turn: int = 0
    """How many files of the same drop must be saved before it."""


class Intake:
    """Takes files and folders into one center."""

    def __init__(self, access: CenterAccess, report: AddReport) -> None:
        self._access = access
        self._report = report
        self._fates: dict[Path, AddResult] = {}
        self._planned: dict[str, _Plan] = {}
        """The latest file of each title."""
        self._cancelled = False

    def add(self, paths: Sequence[Path], sample_id: UUID | None, decide: Decide) -> AddSummary:
        """Plan every file, save the planned ones, and report each file's fate once."""
        found: list[Path] = []
        plans: list[_Plan] = []
        for batch in _batches(walk(paths)):
            existing = self._existing({title_of(each.name) for each in batch if isinstance(each, SourceFile)})
            for each in batch:
                found.append(each.path)
                if isinstance(each, SourceProblem):
                    name = each.path.name or str(each.path)
                    self._finish(_result(each.path, name, AddOutcome.FAILED, each.sentence))
                elif (plan := self._plan(each, existing, decide)) is not None:
                    plans.append(plan)
        self._save(plans, sample_id)
        return AddSummary(tuple(self._fates[path] for path in found))

    def _save(self, plans: Sequence[_Plan], sample_id: UUID | None) -> None:
        """Save them in turns: a version of a document that the same drop makes comes after it."""
        saver = Saver(self._access, self._report)
        turns: dict[int, list[_Plan]] = {}
        for plan in plans:
            turns.setdefault(plan.turn, []).append(plan)
        for turn in sorted(turns):
            if self._cancelled:
                saver.cancel()
            for result in saver.save([self._job(plan, sample_id) for plan in turns[turn]]):
                self._finish(result)
                if self._cancelled:
                    saver.cancel()

    def _plan(self, source: SourceFile, titles: dict[str, list[Document]], decide: Decide) -> _Plan | None:
        title = title_of(source.name)
        before = self._planned.get(title)
        twin = Twin(before.source.path, before.number) if before else None
        question = ConflictQuestion(source.path, title, tuple(titles.get(title, ())), twin)
        match self._choice(question, decide):
            case OnConflict.SKIP:
                self._finish(_result(source.path, title, AddOutcome.SKIPPED, f"Skipped: {question.reason}"))
                return None
            case OnConflict.FAIL:
                self._finish(_result(source.path, title, AddOutcome.FAILED, question.reason))
                return None
            case OnConflict.VERSION:
                if before is None:
                    plan = _Plan(source, title, question.number, question.existing[0])
                else:
                    plan = _Plan(source, title, question.number, before.document, before, before.turn + 1)
            case OnConflict.KEEP:
                plan = _Plan(source, title, 1)
        self._planned[title] = plan
        return plan

    def _choice(self, question: ConflictQuestion, decide: Decide) -> OnConflict:
        # Once cancelled, nothing more is asked; the saver gives every planned file its fate.
        if self._cancelled or not (question.existing or question.twin):
            return OnConflict.KEEP
        try:
            return decide(question)
        except Cancelled:
            self._cancelled = True
            return OnConflict.KEEP

    def _job(self, plan: _Plan, sample_id: UUID | None) -> SaveJob:
        """Where a file goes now that the fate of those before it is known: one that was not saved does not count."""
        before = plan.after
        while before is not None:
            fate = self._fates[before.source.path]
            if fate.id is not None and fate.version is not None:
                return SaveJob(plan.source, plan.title, fate.id, fate.version + 1, None)
            before = before.after
        if plan.document is not None:
            return SaveJob(plan.source, plan.title, plan.document.id, plan.document.latest_number + 1, None)
        return SaveJob(plan.source, plan.title, new_id(), 1, DocumentDraft(title=plan.title, sample_id=sample_id))

    def _existing(self, titles: set[str]) -> dict[str, list[Document]]:
        if not titles:
            return {}
        with self._access.read() as session:
            return rows.find_by_titles(session, titles)

    def _finish(self, result: AddResult) -> None:
        """Tell one file's fate; who cancels while being told loses no result."""
        self._fates[result.path] = result
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
    return clean(printable)[:TITLE_LENGTH].rstrip() or "Untitled"


def _result(path: Path, name: str, outcome: AddOutcome, reason: str) -> AddResult:
    return AddResult(path, name, outcome, reason=reason)
