"""Adding files to documents in memory, with questions and answers as the real service asks them."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from desktop_app.crypto.errors import CryptoError
from desktop_app.domain.records import Document
from desktop_app.errors import Cancelled
from desktop_app.services.documents.add_results import AddOutcome, AddReport, AddResult, AddSummary, SilentAddReport
from desktop_app.services.documents.sources import PLAIN, Sources
from desktop_app.services.documents.title_conflicts import ConflictQuestion, Decide, OnConflict, Sameness, always
from tests.ui.in_memory import Rows, Trouble
from tests.ui.made_records import document


class Adding:
    """The part of the documents that takes files."""

    def __init__(self, rows: Rows[Document], trouble: Trouble) -> None:
        self._rows = rows
        self._trouble = trouble
        self.contents: dict[UUID, bytes] = {}
        self.fates: dict[str, str] = {}
        """File name to the reason why it will not be saved."""
        self.pieces = 4
        self._sources: Sources = PLAIN
        self.sameness = Sameness.DIFFERENT

    def compare(self, question: ConflictQuestion) -> Sameness:
        del question
        self._trouble.meet("documents.compare")
        return self.sameness

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
        """What conflicts with nothing first; then what is answered, as it is answered."""
        self._trouble.meet("documents.add")
        decide, report = decide or always(on_conflict), report or SilentAddReport()
        files = [file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
        open_: dict[Path, ConflictQuestion] = {}
        fates: dict[Path, AddResult] = {}
        for file in files:
            if existing := tuple(row for row in self._rows.rows.values() if self._conflicts(row, file, sample_id)):
                open_[file] = ConflictQuestion(file, file.name, existing, f"{file.stem} (2){file.suffix}")
                report.file_waits(open_[file])
        self._sources = sources
        self._add_all([(file, OnConflict.FAIL, None) for file in files if file not in open_], sample_id, report, fates)
        try:
            while open_:
                answers = decide(list(open_.values()))
                chosen = [(file, choice, open_.pop(file)) for file, choice in answers.items()]
                self._add_all(chosen, sample_id, report, fates)
        except Cancelled:
            for file in open_:
                fates[file] = AddResult(file, file.name, AddOutcome.CANCELLED, reason="Cancelled.")
                report.file_finished(fates[file])
        return AddSummary(tuple(fates[file] for file in files))

    def _add_all(
        self,
        files: Sequence[tuple[Path, OnConflict, ConflictQuestion | None]],
        sample_id: UUID | None,
        report: AddReport,
        fates: dict[Path, AddResult],
    ) -> None:
        stopped = False
        for file, choice, question in files:
            if stopped:
                result = AddResult(file, file.name, AddOutcome.CANCELLED, reason="Cancelled.")
            else:
                result = self._add_one(file, sample_id, choice, question, report)
                stopped = result.outcome is AddOutcome.CANCELLED
            fates[file] = result
            report.file_finished(result)

    def _add_one(
        self,
        file: Path,
        sample_id: UUID | None,
        choice: OnConflict,
        question: ConflictQuestion | None,
        report: AddReport,
    ) -> AddResult:
        if choice is OnConflict.SKIP:
            return AddResult(file, file.name, AddOutcome.SKIPPED, reason="Skipped: a document exists.")
        try:
            if file.name in self.fates:
                return AddResult(file, file.name, AddOutcome.FAILED, reason=self.fates[file.name])
            size, content = file.stat().st_size, self._content(file)
            report.file_started(file, size)
            for piece in range(1, self.pieces + 1):
                report.bytes_done(file, size * piece // self.pieces)
        except Cancelled:
            return AddResult(file, file.name, AddOutcome.CANCELLED, reason="Cancelled.")
        except CryptoError as error:
            return AddResult(file, file.name, AddOutcome.FAILED, reason=error.message)
        number = len(self._rows.rows) + 1
        title = file.name if question is None else question.own_title
        if question is not None and choice is OnConflict.VERSION:
            made = self._rows.change(question.document, latest_number=question.number)
        else:
            made = self._rows.put(document(number, title=title, file_name=file.name, size=size, sample_id=sample_id))
        self.contents[made.id] = content
        return AddResult(file, made.title, AddOutcome.SAVED, made.id, made.latest_number, size)

    def _content(self, file: Path) -> bytes:
        with self._sources.open(file) as opened:
            content = bytearray(file.stat().st_size)
            return bytes(content[: opened.readinto(memoryview(content)) or 0])

    @staticmethod
    def _conflicts(row: Document, file: Path, sample_id: UUID | None) -> bool:
        return row.is_active and row.title == file.name and row.sample_id == sample_id
