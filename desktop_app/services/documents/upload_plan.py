"""From what was dropped to what the Uploader takes: folders walked, titles compared, questions asked.

Titles are compared in one place only: within the sample that the files are for, or among the documents of no sample.
What conflicts with nothing is sealed at once; the rest waits for answers, and each is sealed when it has its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

from desktop_app.db import documents as rows
from desktop_app.db import samples as sample_rows
from desktop_app.domain.drafts import DocumentDraft
from desktop_app.domain.ids import new_id
from desktop_app.domain.records import Document, Sample
from desktop_app.errors import Cancelled, LabkeepError
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.retries import RetryPolicy
from desktop_app.services.documents.add_results import AddOutcome, AddReport, AddResult, AddSummary
from desktop_app.services.documents.sources import PLAIN, Sources
from desktop_app.services.documents.title_conflicts import ConflictQuestion, Decide, OnConflict
from desktop_app.services.documents.titles import own_titles, title_of
from desktop_app.services.documents.upload import Uploader
from desktop_app.services.documents.upload_items import UploadItem, cancelled, failed
from desktop_app.storage.dropped_files import SourceFile, SourceProblem, walk

PLANNED_AT_ONCE = 2048
"""For so many files one question to the server tells which titles exist."""
ROUNDS = 5
"""How often a file is planned again because somebody was first with its title."""


@dataclass(frozen=True)
class _File:
    """A file of the drop, and how often its title was taken meanwhile."""

    source: SourceFile
    title: str
    round: int = 0
    is_kept: bool = False
    """Somebody said already that it is to be a document of its own."""


class UploadPlan:
    """Takes the files of one drop into one center, and there perhaps to one sample."""

    def __init__(
        self, context: CenterContext, sample_id: UUID | None, report: AddReport, sources: Sources = PLAIN
    ) -> None:
        self._context = context
        self._sources = sources
        self._sample_id = sample_id
        self._report = report
        self._retries = RetryPolicy(report.server_away)
        self._uploader = Uploader(context, report, self._retries, sources)
        self._sample: Sample | None = None
        self._fates: dict[Path, AddResult] = {}
        self._taken: set[str] = set()
        """The titles of this drop."""
        self._asked: set[UUID] = set()
        """The documents of which a file of this drop may become a version: one file each."""
        self._waiting: dict[Path, tuple[_File, ConflictQuestion]] = {}
        self._again: list[_File] = []
        self._cancelled = False

    def add(self, paths: Sequence[Path], decide: Decide) -> AddSummary:
        """Save what conflicts with nothing, then what is answered, and report each file's fate once."""
        found: list[Path] = []
        for batch in _batches(walk(paths)):
            found.extend(each.path for each in batch)
            for problem in batch:
                if isinstance(problem, SourceProblem):
                    self._finish(_problem(problem))
            self._take([self._file(each) for each in batch if isinstance(each, SourceFile)])
        while self._waiting:
            self._answer(decide)
        return AddSummary(tuple(self._fates[path] for path in found))

    def _file(self, found: SourceFile) -> _File:
        source = self._sources.named(found)
        return _File(source, title_of(source))

    def _take(self, files: Sequence[_File]) -> None:
        """Save what may be saved at once, again where somebody was first; put the rest aside."""
        while files:
            try:
                planned = self._planned(files)
            except LabkeepError as error:
                if not self._fates:
                    raise  # nothing was done yet
                self._give_up(files, error)
                return
            self._save(planned)
            files, self._again = self._again, []

    def _give_up(self, files: Sequence[_File], error: LabkeepError) -> None:
        """The server cannot tell which titles exist: what was done before stays told."""
        self._cancelled |= isinstance(error, Cancelled)
        for file in files:
            job = self._new(file, file.title)
            self._waiting.pop(file.source.path, None)
            self._finish(cancelled(job) if self._cancelled else failed(job, error))

    def _planned(self, files: Sequence[_File]) -> dict[Path, tuple[_File, UploadItem]]:
        existing = self._existing({each.title for each in files})
        own: list[_File] = []
        for each in files:
            if each.title in existing or each.title in self._taken:
                own.append(each)
            self._taken.add(each.title)
        wanted = own_titles((each.title for each in own), self._taken, self._existing)
        titles = dict(zip((each.source.path for each in own), wanted, strict=True))
        planned: dict[Path, tuple[_File, UploadItem]] = {}
        for each in files:
            path = each.source.path
            if each.title in existing and not each.is_kept and not self._cancelled:
                self._put_aside(each, tuple(existing[each.title]), titles[path])
            else:
                planned[path] = each, self._new(each, titles.get(path, each.title))
        return planned

    def _put_aside(self, file: _File, existing: tuple[Document, ...], own_title: str) -> None:
        source = file.source
        question = ConflictQuestion(
            source.path,
            file.title,
            existing,
            own_title,
            self._sample_of_all(),
            source.size,
            datetime.fromtimestamp(source.changed, UTC),
            existing[0].id not in self._asked,
            self._sources,
        )
        self._asked.add(existing[0].id)
        self._waiting[source.path] = file, question
        self._report.file_waits(question)

    def _answer(self, decide: Decide) -> None:
        """Ask about all that wait, and go on with those that have an answer now."""
        answers: dict[Path, OnConflict] = {}
        if not self._cancelled:
            try:
                answers = dict(decide([question for _file, question in self._waiting.values()]))
            except Cancelled:
                self._cancelled = True
        if self._cancelled:
            for file, _question in self._waiting.values():
                self._finish(cancelled(self._new(file, file.title)))
            self._waiting.clear()
            return
        planned: dict[Path, tuple[_File, UploadItem]] = {}
        for path, choice in answers.items():
            file, question = self._waiting.pop(path)
            if choice is OnConflict.VERSION and question.offers_version:
                planned[path] = file, self._version(file, question.document)
            elif choice in (OnConflict.VERSION, OnConflict.KEEP):
                planned[path] = replace(file, is_kept=True), self._new(file, question.own_title)
            elif choice is OnConflict.SKIP:
                self._finish(_result(file, AddOutcome.SKIPPED, f"Skipped: {question.reason}"))
            else:
                self._finish(_result(file, AddOutcome.FAILED, question.reason))
        self._save(planned)
        again, self._again = self._again, []
        self._take(again)

    def _save(self, planned: dict[Path, tuple[_File, UploadItem]]) -> None:
        if self._cancelled:
            self._uploader.cancel()
        for result in self._uploader.save([job for _file, job in planned.values()]):
            file, job = planned[result.path]
            if result.is_title_taken and file.round < ROUNDS and not self._cancelled:
                self._taken -= {file.title, job.title}
                self._again.append(replace(file, round=file.round + 1))
            else:
                self._finish(result)
            if self._cancelled:
                self._uploader.cancel()

    def _new(self, file: _File, title: str) -> UploadItem:
        return UploadItem(file.source, title, new_id(), 1, DocumentDraft(title=title, sample_id=self._sample_id))

    def _version(self, file: _File, document: Document) -> UploadItem:
        number = document.latest_number + 1
        return UploadItem(file.source, document.title, document.id, number, None, self._sample_id)

    def _existing(self, titles: Iterable[str]) -> dict[str, list[Document]]:
        wanted = set(titles)
        if not wanted:
            return {}

        def find() -> dict[str, list[Document]]:
            with self._context.read() as session:
                return rows.find_by_titles(session, wanted, self._sample_id)

        # At the very beginning a server that is away is said at once.
        return self._retries.through(find) if self._fates else find()

    def _sample_of_all(self) -> Sample | None:
        if self._sample is None and self._sample_id is not None:
            with self._context.read() as session:
                self._sample = sample_rows.get_sample(session, self._sample_id)
        return self._sample

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


def _problem(problem: SourceProblem) -> AddResult:
    name = problem.path.name or str(problem.path)
    return AddResult(problem.path, name, AddOutcome.FAILED, reason=problem.sentence)


def _result(file: _File, outcome: AddOutcome, reason: str) -> AddResult:
    return AddResult(file.source.path, file.title, outcome, reason=reason)
