"""Documents: saved bit for bit, opened by the center's people only, and never believed when the store lies."""

import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from desktop_app.crypto.errors import CryptoError
from desktop_app.db import uploads
from desktop_app.db.uploads import UploadCounts
from desktop_app.domain.drafts import DocumentDraft, SampleDraft
from desktop_app.domain.filters import DocumentFilter
from desktop_app.domain.lifecycle import Step
from desktop_app.domain.records import SampleType, Version
from desktop_app.domain.rights import Role
from desktop_app.errors import Cancelled, ConflictError, LabkeepError, NotFoundError, RefusedError
from desktop_app.services.documents import upload
from desktop_app.services.documents.add_results import AddOutcome, AddResult, SilentAddReport
from desktop_app.services.documents.download import PreviewTooLargeError
from desktop_app.services.documents.title_conflicts import ConflictQuestion, OnConflict
from desktop_app.services.session.center_services import CenterServices
from tests.services.conftest import World

At = Callable[[str, str], CenterServices]
MIB = 1024 * 1024


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def stored_path(world: World, work: CenterServices, version: Version) -> Path:
    name = str(version.file_id)
    return world.store / work.center.schema_name / version.file_id.hex[:2] / name


@pytest.mark.parametrize("size", [0, 1, MIB - 57, MIB - 56, MIB - 55, 3 * MIB + 17])
def test_what_was_saved_opens_bit_for_bit(at: At, tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    work = at("a.user", "alpha")
    result = work.documents.add([write(tmp_path, f"size {size}.bin", content)]).results[0]
    assert (result.outcome, result.version, result.size, result.state) == (AddOutcome.SAVED, 1, size, "live")
    assert result.id is not None
    document = work.documents.get(result.id)
    assert work.documents.content(document) == content
    target = work.documents.save_as(document, tmp_path / "again.bin")
    assert target.read_bytes() == content


def test_a_colleague_opens_it_and_another_center_does_not(at: At, tmp_path: Path) -> None:
    result = at("a.user", "alpha").documents.add([write(tmp_path, "shared.txt", b"for alpha")]).results[0]
    assert result.id is not None
    viewer = at("a.viewer", "alpha")
    assert viewer.documents.content(viewer.documents.get(result.id)) == b"for alpha"
    foreign = at("b.admin", "beta")
    with pytest.raises(NotFoundError):
        foreign.documents.get(result.id)
    with pytest.raises(NotFoundError):
        at("b.admin", "alpha")


def test_a_system_administrator_opens_it_too(at: At, tmp_path: Path) -> None:
    result = at("a.user", "alpha").documents.add([write(tmp_path, "for all.txt", b"content")]).results[0]
    assert result.id is not None
    work = at("root.admin", "alpha")
    assert work.documents.content(work.documents.get(result.id)) == b"content"


def test_a_viewer_adds_nothing(at: At, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="rights of a user"):
        at("a.viewer", "alpha").documents.add([write(tmp_path, "no.txt", b"no")])


def test_the_same_name_twice(at: At, tmp_path: Path) -> None:
    work = at("a.user", "alpha")
    first = work.documents.add([write(tmp_path, "twice.txt", b"one")]).results[0]
    path = write(tmp_path, "twice.txt", b"two")
    version = work.documents.add([path], on_conflict=OnConflict.VERSION).results[0]
    assert (version.id, version.version) == (first.id, 2)
    kept = work.documents.add([path], on_conflict=OnConflict.KEEP).results[0]
    assert kept.id != first.id
    assert (kept.version, kept.name) == (1, "twice (2).txt")
    skipped = work.documents.add([path], on_conflict=OnConflict.SKIP).results[0]
    assert (skipped.outcome, skipped.id) == (AddOutcome.SKIPPED, None)
    failed = work.documents.add([path], on_conflict=OnConflict.FAIL).results[0]
    assert failed.outcome is AddOutcome.FAILED
    assert first.id is not None
    document = work.documents.get(first.id)
    assert [version.number for version in work.documents.versions(document)] == [2, 1]
    assert work.documents.content(document, 1) == b"one"
    assert work.documents.content(document) == b"two"


def test_two_people_add_a_version_at_once(at: At, tmp_path: Path) -> None:
    """The number that the second one signed is taken: it signs again, and nothing is lost."""
    one, other = at("a.user", "alpha"), at("a.admin", "alpha")
    first = one.documents.add([write(tmp_path, "race.txt", b"1")]).results[0]
    path = write(tmp_path, "race.txt", b"2")

    class Between(SilentAddReport):
        def file_started(self, path: Path, size: int) -> None:
            if not done:
                done.append(path)
                other.documents.add([path], on_conflict=OnConflict.VERSION)

    done: list[Path] = []
    result = one.documents.add([path], on_conflict=OnConflict.VERSION, report=Between()).results[0]
    assert (result.id, result.version) == (first.id, 3)
    assert first.id is not None
    assert one.documents.content(one.documents.get(first.id), 3) == b"2"


def test_folders_are_walked_and_each_file_has_its_fate(at: At, tmp_path: Path) -> None:
    folder = tmp_path / "run 12" / "deep"
    folder.mkdir(parents=True)
    good = write(folder, "reads.fasta", b">r1\nACGT\n")
    (folder / "gone.txt").symlink_to(tmp_path / "nowhere")
    summary = at("a.user", "alpha").documents.add([tmp_path / "run 12", tmp_path / "missing.txt"])
    assert [result.path for result in summary.saved] == [good]
    assert all(result.reason for result in summary.not_saved)
    assert len(summary.not_saved) == 2


def test_files_that_are_saved_together_lie_side_by_side(at: At, tmp_path: Path) -> None:
    paths = [write(tmp_path, f"side by side {number}.txt", b"x") for number in range(20)]
    documents = at("a.user", "alpha").documents
    versions = [documents.versions(documents.get(each.id))[0] for each in documents.add(paths).results if each.id]
    files = {version.file_id for version in versions}
    assert len(files) == 20
    assert len({file_id.bytes[0] for file_id in files}) == 1


def test_a_file_that_changes_while_being_read_is_not_saved(at: At, tmp_path: Path) -> None:
    path = write(tmp_path, "moving.bin", os.urandom(3 * MIB))

    class Changing(SilentAddReport):
        def bytes_done(self, changed: Path, done: int) -> None:
            with changed.open("ab") as file:
                file.write(b"more")

    work = at("a.user", "alpha")
    before = uploads_on_record(work)
    summary = work.documents.add([path], report=Changing())
    assert summary.results[0].outcome is AddOutcome.FAILED
    assert "changed while it was being read" in summary.results[0].reason
    assert work.documents.list(DocumentFilter(search="moving.bin")).rows == ()
    assert uploads_on_record(work) == before, "nobody is told of it later as of something interrupted"


def uploads_on_record(work: CenterServices) -> UploadCounts:
    with work._context.read() as session:
        return uploads.counts(session)


def test_cancel_keeps_what_is_done_and_says_so(world: World, at: At, tmp_path: Path) -> None:
    paths = [write(tmp_path, f"cancel {number}.bin", os.urandom(2 * MIB)) for number in range(4)]

    class Cancelling(SilentAddReport):
        def bytes_done(self, path: Path, done: int) -> None:
            if path == paths[2]:
                raise Cancelled

    work = at("a.user", "alpha")
    before = set(files_below(world.store))
    summary = work.documents.add(paths, report=Cancelling())
    outcomes = [result.outcome for result in summary.results]
    assert outcomes == [AddOutcome.SAVED, AddOutcome.SAVED, AddOutcome.CANCELLED, AddOutcome.CANCELLED]
    assert len(set(files_below(world.store)) - before) == 2, "nothing of the cancelled ones stays in the store"


def test_cancelled_while_being_told_of_a_file(at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was saved is in the summary all the same, what is sealed already becomes live, nothing new is begun."""
    monkeypatch.setattr(upload, "CHUNK_FILES", 8)
    paths = [write(tmp_path, f"told and cancelled {number:03}.txt", b"%d" % number) for number in range(20)]

    class Cancelling(SilentAddReport):
        def file_finished(self, result: AddResult) -> None:
            raise Cancelled

    work = at("a.user", "alpha")
    summary = work.documents.add(paths, report=Cancelling())
    assert [result.path for result in summary.results] == paths
    assert len(summary.saved) == 16, "the chunk that was live, and the one that was sealed"
    assert {result.outcome for result in summary.not_saved} == {AddOutcome.CANCELLED}
    saved = work.documents.list(DocumentFilter(search="told cancelled"), limit=100).rows
    assert {row.id for row in saved} == {result.id for result in summary.saved}


def test_cancelled_while_being_asked(at: At, tmp_path: Path) -> None:
    """Every file that was dropped has a fate; what conflicts with nothing was saved before anybody was asked."""
    work = at("a.user", "alpha")
    paths = [write(tmp_path, f"asked {number}.txt", b"x") for number in range(3)]
    work.documents.add(paths[1:2])

    def decide(_questions: Sequence[ConflictQuestion]) -> dict[Path, OnConflict]:
        raise Cancelled

    summary = work.documents.add(paths, decide=decide)
    assert [(result.path, result.outcome) for result in summary.results] == [
        (paths[0], AddOutcome.SAVED),
        (paths[1], AddOutcome.CANCELLED),
        (paths[2], AddOutcome.SAVED),
    ]


def test_each_conflict_is_asked_about_by_itself(at: At, tmp_path: Path) -> None:
    work = at("a.user", "alpha")
    paths = [write(tmp_path, f"one by one {number}.txt", b"x") for number in range(4)]
    first = {result.name: result.id for result in work.documents.add(paths[:3]).results}
    answers = {paths[0].name: OnConflict.VERSION, paths[1].name: OnConflict.SKIP, paths[2].name: OnConflict.KEEP}
    asked: list[tuple[str, list[object]]] = []

    def decide(questions: Sequence[ConflictQuestion]) -> dict[Path, OnConflict]:
        question = questions[0]
        asked.append((question.title, [document.id for document in question.existing]))
        return {question.path: answers[question.title]}

    results = {result.path.name: result for result in work.documents.add(paths, decide=decide).results}
    assert asked == [(path.name, [first[path.name]]) for path in paths[:3]]
    assert results[paths[0].name].version == 2
    assert results[paths[1].name].outcome is AddOutcome.SKIPPED
    assert results[paths[2].name].version == 1
    assert results[paths[3].name].version == 1


def test_a_newcomers_document_opens_in_a_window_that_was_open_before(world: World, at: At, tmp_path: Path) -> None:
    """Whose keys and log are older than the person: they are read again instead of calling his signature false."""
    work = at("a.viewer", "alpha")
    work._context.keys()  # they are read now, before the newcomer is there
    somebody = world.person(Role.USER, "alpha")
    with world.enter(somebody) as lab:
        result = lab.center("alpha").documents.add([write(tmp_path, "newcomer.txt", b"new")]).results[0]
    assert result.id is not None
    assert work.documents.content(work.documents.get(result.id)) == b"new"


def test_a_file_is_reported_only_when_it_can_be_opened(at: At, tmp_path: Path) -> None:
    work = at("a.user", "alpha")
    colleague = at("a.viewer", "alpha")
    seen: list[bytes] = []

    class Reading(SilentAddReport):
        def file_finished(self, result: AddResult) -> None:
            assert result.id is not None
            seen.append(colleague.documents.content(colleague.documents.get(result.id)))

    work.documents.add([write(tmp_path, f"told {n}.txt", b"%d" % n) for n in range(3)], report=Reading())
    assert seen == [b"0", b"1", b"2"]


@pytest.mark.parametrize("region", ["header", "salt", "prefix", "middle", "border", "end"])
def test_a_flipped_bit_in_the_store_is_noticed(world: World, at: At, tmp_path: Path, region: str) -> None:
    work = at("a.user", "alpha")
    content = os.urandom(2 * MIB + 5)
    result = work.documents.add([write(tmp_path, f"flip {region}.bin", content)]).results[0]
    assert result.id is not None
    document = work.documents.get(result.id)
    path = stored_path(world, work, work.documents.versions(document)[0])
    position = {"header": 0, "salt": 5, "prefix": 35, "middle": MIB // 2, "border": MIB, "end": -1}[region]
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)
    target = tmp_path / "out.bin"
    with pytest.raises(CryptoError):
        work.documents.save_as(document, target)
    assert not target.exists()
    assert [name.name for name in tmp_path.iterdir() if name.name.endswith(".part")] == []
    (verdict,) = work.documents.verify([document])
    assert verdict.problem


def test_swapped_and_rolled_back_files_are_noticed(world: World, at: At, tmp_path: Path) -> None:
    work = at("a.user", "alpha")
    results = [work.documents.add([write(tmp_path, f"swap {n}.txt", b"%d" % n)]).results[0] for n in range(2)]
    documents = [work.documents.get(result.id) for result in results if result.id is not None]
    assert len(documents) == 2
    paths = [stored_path(world, work, work.documents.versions(document)[0]) for document in documents]
    shutil.copy(paths[0], tmp_path / "kept")
    shutil.copy(paths[1], paths[0])
    shutil.copy(tmp_path / "kept", paths[1])
    for document in documents:
        with pytest.raises(CryptoError):
            work.documents.content(document)
    paths[0].unlink()
    with pytest.raises(LabkeepError):
        work.documents.content(documents[0])


def test_edits_deactivate_and_restore(at: At, tmp_path: Path) -> None:
    work = at("a.user", "alpha")
    result = work.documents.add([write(tmp_path, "edit me.txt", b"x")]).results[0]
    assert result.id is not None
    read = work.documents.get(result.id)
    edited = work.documents.update(read, DocumentDraft(title="Edited", document_type="report", tags=("a", "b")))
    assert (edited.title, edited.document_type, edited.tags) == ("Edited", "report", ("a", "b"))
    with pytest.raises(ConflictError):
        work.documents.update(read, DocumentDraft(title="Stale"))
    gone = work.documents.deactivate(edited)
    assert not gone.is_active
    assert result.id not in {row.id for row in work.documents.list().rows}
    assert work.documents.restore(gone).is_active


def test_archived_samples_take_no_documents(at: At, tmp_path: Path) -> None:
    work = at("a.admin", "alpha")
    sample = work.samples.create(SampleDraft(name="Old", sample_type=SampleType.BLOOD))
    for step in (Step.PROCESS, Step.COMPLETE, Step.ARCHIVE):
        sample = work.samples.step(sample, step)
    result = work.documents.add([write(tmp_path, "late.txt", b"late")], sample_id=sample.id).results[0]
    assert result.outcome is AddOutcome.FAILED
    assert result.reason


def test_the_preview_has_a_limit(at: At, tmp_path: Path) -> None:
    work = at("a.user", "alpha")
    result = work.documents.add([write(tmp_path, "large.txt", b"x" * 100)]).results[0]
    assert result.id is not None
    with pytest.raises(PreviewTooLargeError):
        work.documents.content(work.documents.get(result.id), limit=99)


def test_the_clear_text_is_found_nowhere(world: World, at: At, tmp_path: Path) -> None:
    """Searched: the store, all local state with the server's data, and the folders for temporary files."""
    needle = b"NEEDLE-" + os.urandom(16).hex().encode()
    # What nobody has written to since cannot hold it; two seconds for file systems with coarse clocks.
    began = time.time() - 2
    source = tmp_path / "source"
    source.mkdir()
    work = at("a.user", "alpha")
    result = work.documents.add([write(source, "needle.txt", needle * 1000)]).results[0]
    assert result.id is not None
    assert work.documents.content(work.documents.get(result.id)) == needle * 1000
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        (data,) = cursor.fetchone() or ("",)
    running = Path(world.app.servers.address(world.profile).host)
    places = {world.home, running, Path(data).parent, Path("/tmp"), Path("/var/tmp")}
    found = [
        path
        for place in places
        for path in files_below(place)
        if source not in path.parents and holds(path, needle, began)
    ]
    assert found == []
    assert holds(source / "needle.txt", needle, began), "the search itself finds what is there"


def files_below(folder: Path) -> Iterator[Path]:
    """All files below but those in the folders of other tests."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith("pytest-of-")]
        yield from (Path(parent) / name for name in names)


def holds(path: Path, needle: bytes, since: float) -> bool:
    try:
        facts = path.lstat()
        return stat.S_ISREG(facts.st_mode) and facts.st_mtime >= since and needle in path.read_bytes()
    except OSError:
        return False
