"""Files belong to samples: titles are compared within one of them, and a version never crosses to another patient."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from desktop_app.domain.drafts import DocumentDraft, SampleDraft
from desktop_app.domain.filters import DocumentFilter
from desktop_app.domain.records import Document, Sample, SampleType
from desktop_app.services.documents import title_conflicts
from desktop_app.services.documents.add_results import AddOutcome, AddResult, AddSummary, SilentAddReport
from desktop_app.services.documents.title_conflicts import ConflictQuestion, OnConflict, Sameness
from desktop_app.services.session.center_services import CenterServices
from tests.services.conftest import World

At = Callable[[str, str], CenterServices]


def patient(work: CenterServices, name: str) -> Sample:
    return work.samples.create(SampleDraft(name=name, sample_type=SampleType.BLOOD))


def report(folder: Path, content: bytes = b"content", name: str = "report.pdf") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def of(work: CenterServices, sample: Sample) -> list[tuple[str, int]]:
    rows = work.documents.list(DocumentFilter(sample_id=sample.id)).rows
    return sorted((row.title, row.latest_number) for row in rows)


def refuse(questions: Sequence[ConflictQuestion]) -> dict[Path, OnConflict]:
    raise AssertionError(f"nobody is to be asked about {questions}")


@pytest.mark.parametrize("choice", [OnConflict.VERSION, OnConflict.SKIP, OnConflict.FAIL, OnConflict.KEEP])
def test_a_title_of_one_patient_is_free_for_another(at: At, tmp_path: Path, choice: OnConflict) -> None:
    """It was: "report.pdf", dropped on patient B, became version 2 of patient A's document."""
    work = at("a.user", "alpha")
    a, b = patient(work, "Patient A"), patient(work, "Patient B")
    work.documents.add([report(tmp_path, b"of A")], sample_id=a.id)
    (result,) = work.documents.add([report(tmp_path, b"of B")], sample_id=b.id, on_conflict=choice).results
    assert (result.outcome, result.version, result.name) == (AddOutcome.SAVED, 1, "report.pdf")
    assert of(work, a) == of(work, b) == [("report.pdf", 1)]
    assert result.id is not None
    assert work.documents.get(result.id).sample_id == b.id


def test_loose_documents_and_those_of_samples_do_not_conflict(world: World, at: At, tmp_path: Path) -> None:
    work, name = at("a.user", "alpha"), world.unused("loose") + ".pdf"
    sample, path = patient(work, "Patient C"), report(tmp_path, name=name)
    work.documents.add([path], sample_id=sample.id)
    assert work.documents.add([path], decide=refuse).saved[0].version == 1
    second = patient(work, "Patient D")
    assert work.documents.add([path], sample_id=second.id, decide=refuse).saved[0].name == name


def test_an_inactive_document_is_no_conflict(at: At, tmp_path: Path) -> None:
    work = at("a.user", "alpha")
    sample, path = patient(work, "Patient E"), report(tmp_path)
    (first,) = work.documents.add([path], sample_id=sample.id).results
    assert first.id is not None
    work.documents.deactivate(work.documents.get(first.id))
    assert work.documents.add([path], sample_id=sample.id, decide=refuse).saved[0].id != first.id


def test_the_question_shows_both_sides_and_the_patient(at: At, tmp_path: Path) -> None:
    work = at("a.user", "alpha")
    sample, path = patient(work, "Patient F"), report(tmp_path, b"12345")
    (first,) = work.documents.add([path], sample_id=sample.id).results
    asked: list[ConflictQuestion] = []

    def decide(questions: Sequence[ConflictQuestion]) -> dict[Path, OnConflict]:
        asked.extend(questions)
        return {path: OnConflict.KEEP}

    report(tmp_path, b"123")
    (second,) = work.documents.add([path], sample_id=sample.id, decide=decide).results
    (question,) = asked
    assert question.sample is not None
    assert (question.sample.id, question.sample.name, question.document.id) == (sample.id, "Patient F", first.id)
    assert (question.document.size, question.size, question.number) == (5, 3, 2)
    assert question.changed_at is not None
    assert abs(question.changed_at.timestamp() - path.stat().st_mtime) < 1
    assert question.own_title == second.name == "report (2).pdf"
    assert question.reason == f"Patient F ({sample.barcode}) has a document of this title already, version 1."
    assert of(work, sample) == [("report (2).pdf", 1), ("report.pdf", 1)]


def test_what_conflicts_with_nothing_goes_on_while_nobody_answers(at: At, tmp_path: Path) -> None:
    work = at("a.user", "alpha")
    sample = patient(work, "Patient G")
    paths = [report(tmp_path, name=f"{number}.pdf") for number in range(4)]
    work.documents.add([paths[0], paths[2]], sample_id=sample.id)
    told: list[str] = []

    class Telling(SilentAddReport):
        def file_waits(self, question: ConflictQuestion) -> None:
            told.append(f"{question.title} waits")

        def file_finished(self, result: AddResult) -> None:
            told.append(result.name)

    def decide(questions: Sequence[ConflictQuestion]) -> dict[Path, OnConflict]:
        told.append(f"asked about {len(questions)}")
        return {questions[-1].path: OnConflict.VERSION}

    summary = work.documents.add(paths, sample_id=sample.id, decide=decide, report=Telling())
    assert told == [
        *["0.pdf waits", "2.pdf waits", "1.pdf", "3.pdf"],
        *["asked about 2", "2.pdf", "asked about 1", "0.pdf"],
    ]
    assert [result.version for result in summary.results] == [2, 1, 2, 1]


@pytest.mark.parametrize(
    ("stored", "now", "sameness"),
    [
        (b"the same", b"the same", Sameness.SAME),
        (b"of one len", b"gth but not", Sameness.DIFFERENT),
        (b"of one length", b"of 1st length", Sameness.DIFFERENT),
        (b"", b"", Sameness.SAME),
        (b"x" * 101, b"x" * 101, Sameness.NOT_COMPARED),
        (b"x" * 101, b"x" * 102, Sameness.DIFFERENT),
    ],
)
def test_contents_are_compared_where_that_is_cheap(
    at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stored: bytes, now: bytes, sameness: Sameness
) -> None:
    monkeypatch.setattr(title_conflicts, "COMPARED_AT_MOST", 100)
    work = at("a.user", "alpha")
    sample = patient(work, "Patient of two contents")
    work.documents.add([report(tmp_path, stored)], sample_id=sample.id)
    path = report(tmp_path, now)
    found: list[Sameness] = []

    def decide(questions: Sequence[ConflictQuestion]) -> dict[Path, OnConflict]:
        found.append(work.documents.compare(questions[0]))
        return {path: OnConflict.SKIP}

    work.documents.add([path], sample_id=sample.id, decide=decide)
    assert found == [sameness]


def test_a_file_that_is_gone_was_not_compared(at: At, tmp_path: Path) -> None:
    work = at("a.user", "alpha")
    sample, path = patient(work, "Patient of a lost file"), report(tmp_path)
    work.documents.add([path], sample_id=sample.id)

    def decide(questions: Sequence[ConflictQuestion]) -> dict[Path, OnConflict]:
        path.unlink()
        assert work.documents.compare(questions[0]) is Sameness.NOT_COMPARED
        return {path: OnConflict.KEEP}

    (result,) = work.documents.add([path], sample_id=sample.id, decide=decide).results
    assert result.outcome is AddOutcome.FAILED


def added_at_once(at: At, path: Path, sample: Sample, choice: OnConflict) -> tuple[AddResult, AddResult]:
    """Both look before either has saved."""
    first, second = at("a.user", "alpha"), at("a.admin", "alpha")
    summaries: list[AddSummary] = []

    class Between(SilentAddReport):
        def file_started(self, path: Path, size: int) -> None:
            if not summaries:
                other = threading.Thread(
                    target=lambda: summaries.append(second.documents.add([path], sample_id=sample.id))
                )
                other.start()
                other.join(60)

    late = first.documents.add([path], sample_id=sample.id, on_conflict=choice, report=Between())
    return summaries[0].results[0], late.results[0]


@pytest.mark.parametrize(
    ("choice", "outcome", "left"),
    [
        (OnConflict.VERSION, AddOutcome.SAVED, [("report.pdf", 2)]),
        (OnConflict.KEEP, AddOutcome.SAVED, [("report (2).pdf", 1), ("report.pdf", 1)]),
        (OnConflict.SKIP, AddOutcome.SKIPPED, [("report.pdf", 1)]),
        (OnConflict.FAIL, AddOutcome.FAILED, [("report.pdf", 1)]),
    ],
)
def test_two_adds_of_one_new_title_at_once(
    at: At, tmp_path: Path, choice: OnConflict, outcome: AddOutcome, left: list[tuple[str, int]]
) -> None:
    """The second one gets what it says about conflicts; it was: two documents of one title."""
    work = at("a.user", "alpha")
    sample = patient(work, "Patient H")
    early, late = added_at_once(at, report(tmp_path), sample, choice)
    assert (early.outcome, early.version) == (AddOutcome.SAVED, 1)
    assert late.outcome is outcome
    assert of(work, sample) == left


def test_a_document_that_moves_to_another_patient_takes_no_version_with_it(at: At, tmp_path: Path) -> None:
    """It was chosen on patient I; while the file was sealed, somebody gave it to patient J."""
    work, colleague = at("a.user", "alpha"), at("a.admin", "alpha")
    i, j = patient(work, "Patient I"), patient(work, "Patient J")
    path = report(tmp_path)
    (first,) = work.documents.add([path], sample_id=i.id).results
    moved: list[Document] = []

    class Moving(SilentAddReport):
        def file_started(self, path: Path, size: int) -> None:
            if not moved:
                assert first.id is not None
                now = colleague.documents.get(first.id)
                moved.append(colleague.documents.update(now, DocumentDraft(title="report.pdf", sample_id=j.id)))

    summary = work.documents.add([path], sample_id=i.id, on_conflict=OnConflict.VERSION, report=Moving())
    assert summary.not_saved == ()
    assert of(work, i) == of(work, j) == [("report.pdf", 1)]
