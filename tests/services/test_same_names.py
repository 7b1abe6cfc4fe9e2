"""Files of one drop that have the same name: told apart by their folders, never versions of each other."""

import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from desktop_app.domain.filters import DocumentFilter
from desktop_app.services.documents.add_results import AddOutcome
from desktop_app.services.documents.title_conflicts import ConflictQuestion, OnConflict
from desktop_app.services.session.center_services import CenterServices
from tests.services.conftest import World

At = Callable[[str, str], CenterServices]
SAVED, SKIPPED, FAILED = AddOutcome.SAVED, AddOutcome.SKIPPED, AddOutcome.FAILED
FOUR = list(OnConflict)


def make(folder: Path, name: str, count: int) -> list[Path]:
    """So many files of one name, each with another content, in folders of their own."""
    paths = [folder / f"run {number}" / name for number in range(count)]
    for number, path in enumerate(paths):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"content %d" % number)
    return paths


def contents(work: CenterServices, stem: str) -> dict[str, list[bytes]]:
    """Of each document with this in its title, every version from the first on."""
    return {
        row.title: [work.documents.content(row, number) for number in range(1, row.latest_number + 1)]
        for row in work.documents.list(DocumentFilter(search=stem)).rows
    }


@pytest.mark.parametrize("choice", FOUR)
def test_folders_tell_them_apart(world: World, at: At, tmp_path: Path, choice: OnConflict) -> None:
    """One folder is dropped: each file is a document of its own, and keeps the folder it came from."""
    work, stem = at("a.user", "alpha"), world.unused("twin")
    paths = make(tmp_path, f"{stem}.pdf", 3)
    summary = work.documents.add([tmp_path], on_conflict=choice)
    assert [result.path for result in summary.results] == paths, "in their order"
    assert [result.outcome for result in summary.results] == [SAVED] * 3
    assert contents(work, stem) == {
        f"{tmp_path.name}/run {number}/{stem}.pdf": [b"content %d" % number] for number in range(3)
    }


def test_the_same_folder_again_finds_each_file_s_own_document(world: World, at: At, tmp_path: Path) -> None:
    work, stem = at("a.user", "alpha"), world.unused("again")
    paths = make(tmp_path, f"{stem}.pdf", 2)
    work.documents.add([tmp_path])
    for path in paths:
        path.write_bytes(b"later " + path.read_bytes())
    work.documents.add([tmp_path], on_conflict=OnConflict.VERSION)
    assert contents(work, stem) == {
        f"{tmp_path.name}/run {number}/{stem}.pdf": [b"content %d" % number, b"later content %d" % number]
        for number in range(2)
    }


@pytest.mark.parametrize("choice", FOUR)
def test_files_dropped_by_themselves_get_numbers(world: World, at: At, tmp_path: Path, choice: OnConflict) -> None:
    """Nobody is asked: none of them is there yet, and they are not versions of each other."""
    work, stem = at("a.user", "alpha"), world.unused("alone")
    summary = work.documents.add(make(tmp_path, f"{stem}.pdf", 3), on_conflict=choice)
    titles = [f"{stem}.pdf", f"{stem} (2).pdf", f"{stem} (3).pdf"]
    assert [result.name for result in summary.saved] == titles
    assert contents(work, stem) == {title: [b"content %d" % number] for number, title in enumerate(titles)}


@pytest.mark.parametrize(
    ("choice", "outcomes", "kept"),
    [
        (OnConflict.VERSION, [SAVED] * 2, {"": [b"content 0", b"content 1"], " (2)": [b"content 2"]}),
        (OnConflict.KEEP, [SAVED] * 2, {"": [b"content 0"], " (2)": [b"content 1"], " (3)": [b"content 2"]}),
        (OnConflict.SKIP, [SKIPPED] * 2, {"": [b"content 0"]}),
        (OnConflict.FAIL, [FAILED] * 2, {"": [b"content 0"]}),
    ],
)
def test_two_files_for_one_document_that_exists(
    world: World,
    at: At,
    tmp_path: Path,
    choice: OnConflict,
    outcomes: list[AddOutcome],
    kept: dict[str, list[bytes]],
) -> None:
    """The first may be its next version; the second is never the next version of its neighbour."""
    work, stem = at("a.user", "alpha"), world.unused("old twin")
    paths = make(tmp_path, f"{stem}.pdf", 3)
    work.documents.add(paths[:1])
    asked: list[ConflictQuestion] = []

    def decide(questions: Sequence[ConflictQuestion]) -> dict[Path, OnConflict]:
        asked.extend(questions)
        return {question.path: choice for question in questions}

    summary = work.documents.add(paths[1:], decide=decide)
    assert [(question.number, question.offers_version, question.own_title) for question in asked] == [
        (2, True, f"{stem} (2).pdf"),
        (2, False, f"{stem} (3).pdf"),
    ]
    assert [result.outcome for result in summary.results] == outcomes
    expected = {f"{stem}{sign}.pdf": content for sign, content in kept.items()}
    if choice is OnConflict.VERSION:
        expected = {f"{stem}.pdf": kept[""], f"{stem} (3).pdf": kept[" (2)"]}
    assert contents(work, stem) == expected
    for result in summary.not_saved:
        assert result.reason.endswith("The center has a document of this title already, version 1.")


def test_composed_and_decomposed_letters_are_the_same_name(world: World, at: At, tmp_path: Path) -> None:
    """To people the two names are one; only the file system, and then not every one, tells them apart."""
    work, stem = at("a.user", "alpha"), world.unused("ölçüm")
    composed, decomposed = unicodedata.normalize("NFC", f"{stem}.csv"), unicodedata.normalize("NFD", f"{stem}.csv")
    for number, name in enumerate((composed, decomposed)):
        (tmp_path / name).write_bytes(b"content %d" % number)
    assert len(list(tmp_path.iterdir())) == 2
    summary = work.documents.add([tmp_path])
    assert {result.name for result in summary.saved} == {
        f"{tmp_path.name}/{stem}.csv",
        f"{tmp_path.name}/{stem} (2).csv",
    }


def test_names_that_become_the_same_title(world: World, at: At, tmp_path: Path) -> None:
    """Without what cannot be printed."""
    work, stem = at("a.user", "alpha"), world.unused("same")
    paths = [tmp_path / "a" / f"{stem}\tb.txt", tmp_path / "b" / f"{stem} b.txt"]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(path.parent.name.encode())
    work.documents.add(paths)
    assert contents(work, stem) == {f"{stem} b.txt": [b"a"], f"{stem} b (2).txt": [b"b"]}
