"""Copies for other programs: read-only, in a private folder and nowhere else, noticed when changed, and wiped."""

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_app.domain.records import Document, Version
from desktop_app.errors import Cancelled, RefusedError
from desktop_app.services.documents.add_results import AddOutcome
from desktop_app.services.documents.documents import Documents
from desktop_app.services.documents.external_copy import ExternalCopies
from desktop_app.services.session.center_services import CenterServices
from desktop_app.storage.errors import TargetError
from desktop_app.storage.open_folder import OpenFolder
from desktop_app.storage.profiles import to_toml
from tests.services.conftest import PASSWORDS, World

At = Callable[[str, str], CenterServices]
CLEAR = b"haemoglobin 9.1 g/dl\n" * 1000


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ExternalCopies]:
    made = ExternalCopies(OpenFolder(tmp_path / "open"))
    yield made
    made.close()


@pytest.fixture
def work(at: At) -> CenterServices:
    return at("a.user", "alpha")


def add(world: World, work: CenterServices, folder: Path, name: str = "") -> Document:
    source = folder / (name or world.unused("blood") + ".txt")
    source.write_bytes(CLEAR)
    result = work.documents.add([source]).results[0]
    source.unlink()
    assert result.id is not None
    return work.documents.get(result.id)


def holding(folder: Path, clear: bytes = CLEAR) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and clear[:100] in path.read_bytes()]


def test_a_copy_is_private_read_only_and_wiped(
    world: World, work: CenterServices, service: ExternalCopies, tmp_path: Path
) -> None:
    document = add(world, work, tmp_path)
    opened = service.open(work.documents, document)
    assert opened.path.read_bytes() == CLEAR
    assert opened.path.name == document.file_name
    assert stat.S_IMODE(opened.path.stat().st_mode) == 0o400
    assert stat.S_IMODE(opened.path.parent.stat().st_mode) == 0o700
    assert service.changed() == []
    assert service.wipe() == []
    assert holding(tmp_path) == []
    assert service.open(work.documents, document).path.exists(), "after a lock it goes on"


def test_a_version_is_opened_by_its_number(
    world: World, work: CenterServices, service: ExternalCopies, tmp_path: Path
) -> None:
    document = add(world, work, tmp_path)
    first = service.open(work.documents, document, 1)
    change(first.path, b"corrected\n")
    assert service.save_version(first).outcome is AddOutcome.SAVED
    document = work.documents.get(document.id)
    assert service.open(work.documents, document, 1).path.read_bytes() == CLEAR
    assert service.open(work.documents, document).path.read_bytes() == b"corrected\n"


def change(path: Path, content: bytes) -> None:
    """As office programs save: a new file in the old one's place."""
    other = path.with_name("saving.tmp")
    other.write_bytes(content)
    other.replace(path)


def test_a_change_is_noticed_once_and_saved_as_the_next_version(
    world: World, work: CenterServices, service: ExternalCopies, tmp_path: Path
) -> None:
    document = add(world, work, tmp_path)
    opened, other = service.open(work.documents, document), service.open(work.documents, document)
    change(opened.path, b"corrected\n")
    assert service.changed() == [opened]
    assert service.changed() == [], "said once"
    opened.path.chmod(0o600)
    opened.path.write_bytes(b"again\n")
    assert service.changed() == [opened]
    other.path.unlink()
    assert service.changed() == []
    seen: list[tuple[int, int]] = []
    result = service.save_version(opened, lambda done, total: seen.append((done, total)))
    assert (result.outcome, result.version, result.id) == (AddOutcome.SAVED, 2, document.id)
    assert seen[-1] == (6, 6)
    newest = work.documents.get(document.id)
    assert (newest.latest_number, newest.title) == (2, document.title)
    assert work.documents.content(newest) == b"again\n"
    assert work.documents.content(newest, 1) == CLEAR


def test_a_viewer_saves_nothing(world: World, at: At, service: ExternalCopies, tmp_path: Path) -> None:
    document = add(world, at("a.user", "alpha"), tmp_path)
    opened = service.open(at("a.viewer", "alpha").documents, document)
    change(opened.path, b"mine\n")
    with pytest.raises(RefusedError):
        service.save_version(opened)


@pytest.mark.parametrize(
    "name", ["report.exe", "note.DESKTOP", "macro.vbs", "x.pdf.sh", "r.exe.", "r.exe. .", "r.EXE "]
)
def test_what_would_be_run_is_not_opened(
    world: World, work: CenterServices, service: ExternalCopies, tmp_path: Path, name: str
) -> None:
    document = add(world, work, tmp_path, name)
    with pytest.raises(RefusedError, match="would be run"):
        service.open(work.documents, document)
    assert holding(tmp_path) == []


def test_nothing_is_decrypted_where_others_can_look(
    world: World, work: CenterServices, service: ExternalCopies, tmp_path: Path
) -> None:
    document = add(world, work, tmp_path)
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    with pytest.raises(TargetError, match="Other people can reach"):
        service.open(work.documents, document)
    assert holding(tmp_path) == []
    (tmp_path / "open").chmod(0o700)


def test_a_lock_in_the_middle_of_opening_leaves_nothing(
    world: World, work: CenterServices, service: ExternalCopies, tmp_path: Path
) -> None:
    document = add(world, work, tmp_path)
    at_work, wiped = threading.Event(), threading.Event()

    def report(_done: int, _total: int) -> None:
        at_work.set()
        assert wiped.wait(30)

    outcome: list[BaseException] = []

    def open_it() -> None:
        try:
            service.open(work.documents, document, report=report)
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=open_it)
    thread.start()
    assert at_work.wait(30)
    service.wipe()
    wiped.set()
    thread.join()
    assert [type(each) for each in outcome] == [Cancelled]
    assert holding(tmp_path) == []


def test_a_lock_before_anything_is_written_leaves_nothing(
    world: World, work: CenterServices, service: ExternalCopies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = add(world, work, tmp_path)
    versions = Documents.versions

    def locked_meanwhile(documents: Documents, row: Document) -> tuple[Version, ...]:
        service.wipe()
        return versions(documents, row)

    monkeypatch.setattr(Documents, "versions", locked_meanwhile)
    with pytest.raises(Cancelled):
        service.open(work.documents, document)
    assert holding(tmp_path) == []


PROGRAM = """
import os, sys, json
from uuid import UUID
from desktop_app.bootstrap import build
from desktop_app.storage.profiles import from_toml
from tests.light_passwords import lighten
lighten()
call = json.load(sys.stdin)
app = build(os.environ)
lab = app.sign_in.sign_in(from_toml(call["profile"]), call["user"], call["password"])
work = lab.center("alpha")
print(app.external_copies.open(work.documents, work.documents.get(UUID(call["document"]))).path, flush=True)
os.read(int(call["wait"]), 1)
"""


def test_a_killed_program_leaves_a_copy_only_until_the_next_start(
    world: World, work: CenterServices, tmp_path: Path
) -> None:
    document = add(world, work, tmp_path)
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    temporary.mkdir()
    environment = os.environ | {"LABKEEP_HOME": str(home)} | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    reading, writing = os.pipe()
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=[reading],
        text=True,
    )
    with program:
        assert program.stdin is not None
        assert program.stdout is not None
        call = {"profile": to_toml(world.profile), "user": "a.user", "password": PASSWORDS["a.user"]}
        program.stdin.write(json.dumps(call | {"document": str(document.id), "wait": reading}))
        program.stdin.close()
        path = Path(program.stdout.readline().strip())
        assert path.read_bytes() == CLEAR
        assert ExternalCopies(OpenFolder(home / "open")).start() == [], "another window does not take it away"
        assert path.exists()
        program.kill()
    os.close(reading)
    os.close(writing)
    assert holding(tmp_path) == [path], "in clear there and nowhere else"
    assert ExternalCopies(OpenFolder(home / "open")).start() == []
    assert holding(tmp_path) == []
