"""What people drop: found once, without links leading out, and taken only if it holds still."""

import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from desktop_app.errors import LabkeepError
from desktop_app.storage.dropped_files import SourceFile, SourceProblem, SourceProblemKind, open_source, walk
from desktop_app.storage.errors import ChangedWhileReadError, SourceMissingError, SourceUnreadableError
from tests.unit.store_support import public_folder

__all__ = ["public_folder"]
ROOT = Path(__file__).parents[2]


def files(*paths: Path) -> list[SourceFile]:
    return [found for found in walk(paths) if isinstance(found, SourceFile)]


def names(*paths: Path) -> list[str]:
    return [str(file.folder / file.name) for file in files(*paths)]


def problems(*paths: Path) -> list[tuple[str, SourceProblemKind]]:
    return [(found.path.name, found.kind) for found in walk(paths) if isinstance(found, SourceProblem)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fill(tmp_path)


def fill(parent: Path) -> Path:
    folder = parent / "run 42"
    (folder / "b" / "deep").mkdir(parents=True)
    (folder / "a").mkdir()
    for name in ("z.txt", "a/1.txt", "b/2.txt", "b/deep/3.txt"):
        (folder / name).write_text(name)
    return folder


def test_a_file_and_a_folder(folder: Path, tmp_path: Path) -> None:
    single = tmp_path / "single.csv"
    single.write_bytes(b"12345")
    (file,) = files(single)
    assert file.path == single
    assert (file.name, file.size, file.folder) == ("single.csv", 5, PurePosixPath())
    assert names(single, folder) == [
        "single.csv",
        "run 42/z.txt",
        "run 42/a/1.txt",
        "run 42/b/2.txt",
        "run 42/b/deep/3.txt",
    ]
    assert sum(file.size for file in files(folder)) == len("z.txta/1.txtb/2.txtb/deep/3.txt")


def test_nothing_is_taken_twice(folder: Path) -> None:
    assert sorted(names(folder, folder / "z.txt", folder, folder / "b")) == sorted(names(folder))
    assert len(names(folder / "z.txt", folder)) == len(names(folder))
    os.mkfifo(folder / "pipe")
    assert len(problems(folder, folder, folder / "b")) == 1


def test_hard_links_are_two_files(folder: Path) -> None:
    (folder / "other.txt").hardlink_to(folder / "z.txt")
    assert {"run 42/other.txt", "run 42/z.txt"} <= set(names(folder))


def test_relative_paths(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert names(Path("z.txt"), Path("a")) == ["z.txt", "a/1.txt"]
    assert len(names(Path())) == 4


def test_an_empty_file_and_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "zero").touch()
    assert names(tmp_path / "empty") == []
    assert files(tmp_path / "zero")[0].size == 0


def test_what_systems_leave_behind_is_passed_over(folder: Path) -> None:
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "~$report.docx", ".~lock.x.ods#", "._z.txt"):
        (folder / "a" / name).touch()
    (folder / "$RECYCLE.BIN").mkdir()
    (folder / "$RECYCLE.BIN" / "old.txt").touch()
    (folder / "a" / ".gitignore").touch()
    assert [name for name in names(folder) if "/a/" in name] == ["run 42/a/.gitignore", "run 42/a/1.txt"]
    assert problems(folder) == []
    assert not any("RECYCLE" in name for name in names(folder))


def test_links_inside_are_not_followed_and_not_counted_twice(folder: Path) -> None:
    (folder / "to a").symlink_to("a")
    (folder / "to z").symlink_to("z.txt")
    (folder / "a" / "loop").symlink_to("..")
    assert len(names(folder)) == 4
    assert problems(folder) == []


def test_links_out_are_reported(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").touch()
    (tmp_path / "run 42 beside").mkdir()  # begins like the folder, and is outside
    (folder / "file out").symlink_to(tmp_path / "secret.txt")
    (folder / "folder out").symlink_to(tmp_path)
    (folder / "beside").symlink_to(tmp_path / "run 42 beside")
    (folder / "broken").symlink_to("nowhere")
    (folder / "self").symlink_to("self")
    assert len(names(folder)) == 4
    assert problems(folder) == [
        (name, SourceProblemKind.LINK) for name in ("beside", "broken", "file out", "folder out", "self")
    ]


def test_a_link_that_was_dropped_itself_is_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "shortcut").symlink_to(folder)
    (tmp_path / "short.txt").symlink_to(folder / "z.txt")
    assert "shortcut/a/1.txt" in names(tmp_path / "shortcut")
    assert names(tmp_path / "short.txt") == ["short.txt"]
    (tmp_path / "loop").symlink_to("loop")
    assert problems(tmp_path / "loop") == [("loop", SourceProblemKind.UNREADABLE)]


def test_missing_and_special_things_are_problems(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert problems(tmp_path / "none", tmp_path / "pipe", Path("/dev/null")) == [
        ("none", SourceProblemKind.MISSING),
        ("pipe", SourceProblemKind.SPECIAL),
        ("null", SourceProblemKind.SPECIAL),
    ]
    assert problems(tmp_path) == [("pipe", SourceProblemKind.SPECIAL)]
    both = list(walk([tmp_path / "none", tmp_path]))
    assert len(both) == 2
    for found in both:
        assert isinstance(found, SourceProblem)
        assert found.sentence.endswith(".")
    (missing,) = (found for found in walk([tmp_path / "none"]) if isinstance(found, SourceProblem))
    assert str(missing.sentence).endswith("none is not there."), "it may never have been"


def test_names_are_nfc_and_always_text(tmp_path: Path) -> None:
    folder = tmp_path / unicodedata.normalize("NFD", "Örnekler")
    folder.mkdir()
    (folder / unicodedata.normalize("NFD", "a ışık ölçümü.csv")).touch()
    Path(os.fsdecode(os.fsencode(folder) + b"/latin-\xfc.txt")).write_bytes(b"x")
    found = files(folder)
    assert [str(file.folder / file.name) for file in found] == [
        "Örnekler/a ışık ölçümü.csv",
        "Örnekler/latin-\ufffd.txt",
    ]
    with open_source(found[1].path) as file:
        assert file.read() == b"x"


def test_a_deep_and_a_wide_folder(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(300):
        deep = deep / "d"
        deep.mkdir()
    (deep / "bottom").touch()
    assert names(tmp_path / "d")[0].endswith("d/bottom")
    wide = tmp_path / "wide"
    wide.mkdir()
    for number in range(2000):
        (wide / f"{number:05}").touch()
    assert len(names(wide)) == 2000


UNREADABLE = """
import os, sys
from pathlib import Path
from desktop_app.storage.errors import SourceUnreadableError
from desktop_app.storage.dropped_files import SourceFile, open_source, walk
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
found = list(walk([Path(sys.argv[1])]))
print([each.name for each in found if isinstance(each, SourceFile)],
      [(each.path.name, each.kind.value) for each in found if not isinstance(each, SourceFile)])
try:
    open_source(Path(sys.argv[1]) / "secret.txt").__enter__()
except SourceUnreadableError as error:
    print(error)
"""


def test_what_may_not_be_read_is_reported_and_the_rest_taken(public_folder: Path) -> None:
    folder = fill(public_folder)
    (folder / "secret.txt").touch(mode=0)
    (folder / "b").chmod(0)
    try:
        run = subprocess.run(
            [sys.executable, "-c", UNREADABLE, folder], capture_output=True, text=True, check=False, cwd=ROOT
        )
    finally:
        (folder / "b").chmod(0o755)
    assert run.stdout.splitlines() == [
        "['z.txt', '1.txt'] [('secret.txt', 'unreadable'), ('b', 'unreadable')]",
        f"You may not read {folder / 'secret.txt'}.",
    ], run.stderr


# Reading


def test_a_file_that_holds_still_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    content = os.urandom(3_000_000)
    path.write_bytes(content)
    with open_source(path) as file:
        assert file.read(10) == content[:10]
        buffer = bytearray(1 << 20)
        assert file.readinto(buffer) == 1 << 20
        assert file.read() == content[10 + (1 << 20) :]


def change_content(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"other content")
    os.utime(path, ns=(1, 1))


def append(path: Path) -> None:
    before = path.stat()
    with path.open("ab") as file:
        file.write(b"more")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace_by_a_copy(path: Path) -> None:
    before = path.stat()
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    os.utime(copy, ns=(before.st_atime_ns, before.st_mtime_ns))
    copy.replace(path)


@pytest.mark.parametrize(
    "change",
    [change_content, append, replace_by_a_copy, Path.unlink, lambda path: os.truncate(path, 0)],
    ids=["content", "append", "replaced", "deleted", "truncated"],
)
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content of 1 moment")
    with pytest.raises(ChangedWhileReadError, match="Nothing was saved") as caught, open_source(path) as file:
        file.read(5)
        change(path)
        file.read()
    assert str(path) in str(caught.value)


def test_an_error_of_the_reader_is_not_covered_up(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    with pytest.raises(ZeroDivisionError), open_source(path):
        path.unlink()
        raise ZeroDivisionError


def test_what_cannot_be_opened_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceMissingError, match="no longer there"), open_source(tmp_path / "none"):
        pass
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(SourceUnreadableError, match="not a file"), open_source(path):
            pass
    with pytest.raises(LabkeepError), open_source(tmp_path / ("x" * 300)):
        pass


def test_a_failing_disk_is_a_sentence_of_the_source() -> None:
    with pytest.raises(SourceUnreadableError, match="could not be read"), open_source(Path("/proc/self/mem")) as file:
        file.read(10)
