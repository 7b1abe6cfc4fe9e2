"""Files of an older system: what their Fernet tokens hold is saved, and nothing of it ever lies on a disk in clear."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from desktop_app.crypto.errors import WrongKeyError
from desktop_app.crypto.fernet_tokens import FernetKeys
from desktop_app.errors import RefusedError
from desktop_app.services.documents import sources
from desktop_app.services.documents.add_results import AddOutcome, AddResult
from desktop_app.services.documents.sources import FernetFiles
from desktop_app.services.documents.title_conflicts import ConflictQuestion, OnConflict, Sameness
from desktop_app.services.session.center_services import CenterServices
from tests.services.conftest import World

At = Callable[[str, str], CenterServices]
OLD, NEW, FOREIGN = (Fernet.generate_key().decode() for _ in range(3))
MARK = b"Hatice Demir, born 1961"


def sealed(folder: Path, name: str, content: bytes, key: str = OLD) -> Path:
    path = folder / name
    path.write_bytes(Fernet(key).encrypt(content))
    return path


def imported(work: CenterServices, *paths: Path, keys: list[str] | None = None) -> list[AddResult]:
    return list(work.documents.import_fernet(paths, keys or [NEW, OLD], on_conflict=OnConflict.KEEP).results)


def content_of(work: CenterServices, result: AddResult) -> bytes:
    assert result.id is not None, result.reason
    return work.documents.content(work.documents.get(result.id), limit=10**8)


def test_what_the_tokens_hold_is_saved_under_the_name_without_the_ending(at: At, world: World, tmp_path: Path) -> None:
    work, name = at("a.user", "alpha"), f"{world.unused('legacy')}.pdf"
    (folder := tmp_path / "old system").mkdir()
    large = MARK + os.urandom(3_000_000)
    paths = [sealed(folder, f"{name}.enc", b"%PDF-1.7 " + MARK), sealed(folder, "large.bin", large, NEW)]
    before = [path.read_bytes() for path in paths]
    results = {result.path.name: result for result in imported(work, folder)}
    assert content_of(work, results[f"{name}.enc"]) == b"%PDF-1.7 " + MARK
    assert content_of(work, results["large.bin"]) == large
    document = work.documents.get(results[f"{name}.enc"].id or "")
    assert (document.title, document.file_name, document.mime_type) == (f"old system/{name}", name, "application/pdf")
    assert [path.read_bytes() for path in paths] == before
    assert work.documents.verify([document])[0].problem is None


def test_each_file_is_taken_whole_or_not_at_all(at: At, world: World, tmp_path: Path) -> None:
    work = at("a.user", "alpha")
    stem = world.unused("mixed")
    good = sealed(tmp_path, f"{stem} good", MARK)
    foreign = sealed(tmp_path, f"{stem} foreign", MARK, FOREIGN)
    cut = sealed(tmp_path, f"{stem} cut", MARK)
    cut.write_bytes(cut.read_bytes()[:-9])
    plain = tmp_path / f"{stem} plain.txt"
    plain.write_bytes(MARK)
    half = tmp_path / f"{stem} half"
    half.write_bytes(good.read_bytes() + b"\n" + foreign.read_bytes())
    results = imported(work, good, foreign, cut, plain, half)
    assert [result.outcome for result in results] == [AddOutcome.SAVED, *[AddOutcome.FAILED] * 4]
    reasons = [result.reason for result in results]
    assert "another key, or changed" in reasons[1]
    assert "cut" in reasons[2]
    assert "no Fernet token" in reasons[3]
    assert "Token 2 of 2" in reasons[4]
    titles = {document.title for document in work.documents.list().rows}
    assert {title for title in titles if title.startswith(stem)} == {f"{stem} good"}


def test_nothing_lies_on_a_disk_in_clear(at: At, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file that this process opens for writing meanwhile is read again: none holds a word of it."""
    work = at("a.user", "alpha")
    source = sealed(tmp_path, world.unused("secret"), MARK * 90_000)
    written: list[str] = []
    real = os.open

    def watched(path: str, flags: int, *rest: int, **more: int) -> int:
        descriptor = real(path, flags, *rest, **more)
        if flags & (os.O_WRONLY | os.O_RDWR):
            written.append(f"/proc/self/fd/{descriptor}")
            kept.append(real(written[-1], os.O_RDONLY))
        return descriptor

    kept: list[int] = []
    monkeypatch.setattr(os, "open", watched)
    [result] = imported(work, source)
    monkeypatch.undo()
    assert result.outcome is AddOutcome.SAVED
    assert kept
    for descriptor in kept:
        with open(descriptor, "rb") as file:  # noqa: PTH123  # a descriptor
            file.seek(0)
            assert MARK[:12] not in file.read()


def test_what_is_too_large_is_not_opened(at: At, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "LARGEST_FERNET", 1000)
    [result] = imported(at("a.user", "alpha"), sealed(tmp_path, world.unused("large"), bytes(2000)))
    assert result.outcome is AddOutcome.FAILED
    assert "128 MiB" in result.reason


def test_keys_are_looked_at_before_anything_is_done(at: At, tmp_path: Path) -> None:
    with pytest.raises(WrongKeyError, match="Line 2"):
        imported(at("a.user", "alpha"), sealed(tmp_path, "x", MARK), keys=[OLD, "no key"])
    with pytest.raises(RefusedError):
        imported(at("a.viewer", "alpha"), sealed(tmp_path, "x", MARK))


def test_a_title_that_is_there_is_compared_by_what_the_token_holds(at: At, world: World, tmp_path: Path) -> None:
    work, name = at("a.user", "alpha"), world.unused("twice")
    content = os.urandom(70_000)
    imported(work, sealed(tmp_path, name, content))
    found: list[Sameness] = []

    def decide(questions: Sequence[ConflictQuestion]) -> dict[Path, OnConflict]:
        found.extend(work.documents.compare(question) for question in questions)
        return dict.fromkeys((question.path for question in questions), OnConflict.SKIP)

    opened = FernetFiles(FernetKeys([OLD]))
    for again in (content, content[:-1] + b"!", content[:-1]):
        work.documents.add([sealed(tmp_path, name, again)], decide=decide, sources=opened)
    assert found == [Sameness.SAME, Sameness.DIFFERENT, Sameness.DIFFERENT]
    work.documents.add([sealed(tmp_path, name, content, FOREIGN)], decide=decide, sources=opened)
    assert found[3:] == [Sameness.NOT_COMPARED]
