"""Files of one drop that have the same name: asked about like a document that exists, and never mixed up."""

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_app.domain.filters import DocumentFilter
from desktop_app.domain.records import Document
from desktop_app.errors import Cancelled
from desktop_app.services.adding import AddOutcome, AddResult, ConflictQuestion, OnConflict, Twin
from desktop_app.services.center_work import CenterWork
from desktop_app.services.progress import SilentAddReport
from tests.services.conftest import World

At = Callable[[str, str], CenterWork]
SAVED, SKIPPED, FAILED = AddOutcome.SAVED, AddOutcome.SKIPPED, AddOutcome.FAILED


def make(folder: Path, name: str, count: int) -> list[Path]:
    """So many files of one name, each with another content, in folders of their own."""
    paths = [folder / f"run {number}" / name for number in range(count)]
    for number, path in enumerate(paths):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"content %d" % number)
    return paths


def documents(work: CenterWork, name: str) -> list[Document]:
    """Oldest first."""
    rows = work.documents.list(DocumentFilter(search=name)).rows
    return [row for row in reversed(rows) if row.title == name]


def contents(work: CenterWork, name: str) -> list[list[bytes]]:
    """Of each document of this name, every version from the first on."""
    return [
        [work.documents.content(row, number) for number in range(1, row.latest_number + 1)]
        for row in documents(work, name)
    ]


@pytest.mark.parametrize(
    ("choice", "outcomes", "kept"),
    [
        (OnConflict.VERSION, [SAVED] * 3, [[b"content 0", b"content 1", b"content 2"]]),
        (OnConflict.KEEP, [SAVED] * 3, [[b"content 0"], [b"content 1"], [b"content 2"]]),
        (OnConflict.SKIP, [SAVED, SKIPPED, SKIPPED], [[b"content 0"]]),
        (OnConflict.FAIL, [SAVED, FAILED, FAILED], [[b"content 0"]]),
    ],
)
def test_one_answer_for_all(
    world: World,
    at: At,
    tmp_path: Path,
    choice: OnConflict,
    outcomes: list[AddOutcome],
    kept: list[list[bytes]],
) -> None:
    work, name = at("a.user", "alpha"), world.unused("twin") + ".pdf"
    paths = make(tmp_path, name, 3)
    summary = work.documents.add([tmp_path], on_conflict=choice)
    assert [result.path for result in summary.results] == paths, "in their order"
    assert [result.outcome for result in summary.results] == outcomes
    assert sorted(contents(work, name)) == kept
    for result in summary.not_saved:
        assert result.reason.endswith(f"{paths[0]}, which is added with it, has the same name.")


def test_each_is_asked_about_by_itself(world: World, at: At, tmp_path: Path) -> None:
    """The second document that the drop makes is the one that later versions go into."""
    work, name = at("a.user", "alpha"), world.unused("asked twin") + ".pdf"
    paths = make(tmp_path, name, 5)
    answers = iter([OnConflict.SKIP, OnConflict.KEEP, OnConflict.VERSION, OnConflict.VERSION])
    asked: list[ConflictQuestion] = []

    def decide(question: ConflictQuestion) -> OnConflict:
        asked.append(question)
        return next(answers)

    summary = work.documents.add(paths, decide=decide)
    assert [question.twin for question in asked] == [
        Twin(paths[0], 1),
        Twin(paths[0], 1),
        Twin(paths[2], 1),
        Twin(paths[3], 2),
    ]
    assert [question.number for question in asked] == [2, 2, 2, 3]
    assert sorted(contents(work, name)) == [[b"content 0"], [b"content 2", b"content 3", b"content 4"]]
    assert [result.version for result in summary.saved] == [1, 1, 2, 3]


def test_twins_of_a_document_that_exists(world: World, at: At, tmp_path: Path) -> None:
    work, name = at("a.user", "alpha"), world.unused("old twin") + ".pdf"
    paths = make(tmp_path, name, 3)
    work.documents.add(paths[:1])
    asked: list[ConflictQuestion] = []

    def decide(question: ConflictQuestion) -> OnConflict:
        asked.append(question)
        return OnConflict.VERSION

    work.documents.add(paths[1:], decide=decide)
    assert [(len(question.existing), question.number) for question in asked] == [(1, 2), (1, 3)]
    assert contents(work, name) == [[b"content 0", b"content 1", b"content 2"]]
    failed = work.documents.add(paths[1:], on_conflict=OnConflict.FAIL)
    assert {result.reason for result in failed.not_saved} == {"A document of this title exists."}


@pytest.mark.parametrize("exists", [False, True])
def test_a_version_of_a_file_that_was_not_saved_after_all(world: World, at: At, tmp_path: Path, exists: bool) -> None:
    """It takes the place of the one that failed: nothing of it is lost, and no number is left out."""
    work, name = at("a.user", "alpha"), world.unused("orphan") + ".pdf"
    paths = make(tmp_path, name, 4)
    if exists:
        work.documents.add(paths[:1])

    class Vanishing(SilentAddReport):
        def file_started(self, path: Path, size: int) -> None:
            if path in (paths[1], paths[2]):
                path.unlink()

    summary = work.documents.add(paths[1:], on_conflict=OnConflict.VERSION, report=Vanishing())
    assert [result.outcome for result in summary.results] == [FAILED, FAILED, SAVED]
    before = [b"content 0"] if exists else []
    assert contents(work, name) == [[*before, b"content 3"]]


def test_composed_and_decomposed_letters_are_the_same_name(world: World, at: At, tmp_path: Path) -> None:
    """To people the two names are one; only the file system, and then not every one, tells them apart."""
    work, name = at("a.user", "alpha"), world.unused("ölçüm") + ".csv"
    for number, form in enumerate(("NFC", "NFD")):
        (tmp_path / unicodedata.normalize(form, name)).write_bytes(b"content %d" % number)  # type: ignore[arg-type]
    assert len(list(tmp_path.iterdir())) == 2
    summary = work.documents.add([tmp_path], on_conflict=OnConflict.SKIP)
    assert sorted(result.outcome for result in summary.results) == [SAVED, SKIPPED]
    assert {result.name for result in summary.results} == {name}
    work.documents.add([tmp_path], on_conflict=OnConflict.VERSION)
    assert [row.latest_number for row in documents(work, name)] == [3]


def test_names_that_become_the_same_title(world: World, at: At, tmp_path: Path) -> None:
    """Cut to 300 characters, and without what cannot be printed."""
    work, stem = at("a.user", "alpha"), world.unused("same")
    for folder, name in (("a", f"{stem}\tb.txt"), ("b", f"{stem} b.txt")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_bytes(folder.encode())
    summary = work.documents.add([tmp_path], on_conflict=OnConflict.VERSION)
    assert [result.version for result in summary.results] == [1, 2]
    assert contents(work, f"{stem} b.txt") == [[b"a", b"b"]]


def test_cancelled_between_twins(world: World, at: At, tmp_path: Path) -> None:
    work, name = at("a.user", "alpha"), world.unused("stopped twin") + ".pdf"
    paths = make(tmp_path, name, 3)

    class Stopping(SilentAddReport):
        def file_finished(self, result: AddResult) -> None:
            raise Cancelled

    summary = work.documents.add(paths, on_conflict=OnConflict.VERSION, report=Stopping())
    assert [result.outcome for result in summary.results] == [SAVED, AddOutcome.CANCELLED, AddOutcome.CANCELLED]
    assert contents(work, name) == [[b"content 0"]]
