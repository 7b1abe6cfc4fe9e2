"""Decrypted files: private, whole or not there, never over another file, and wiped when their program is gone."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.storage.errors import TargetError, TargetExistsError
from desktop_app.storage.private_files import OpenFolder, PrivateTemp

ROOT = Path(__file__).parents[2]


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_appears_whole_and_private(tmp_path: Path) -> None:
    target = tmp_path / "report.pdf"
    umask = os.umask(0)
    try:
        with PrivateTemp(target) as temp:
            temp.file.write(b"content")
            assert not target.exists()
            assert [mode(path) for path in tmp_path.iterdir()] == [0o600]
            assert temp.commit() == target
    finally:
        os.umask(umask)
    assert target.read_bytes() == b"content"
    assert mode(target) == 0o600
    assert listing(tmp_path) == ["report.pdf"]
    assert target.stat().st_nlink == 1


def test_without_commit_nothing_is_left(tmp_path: Path) -> None:
    with PrivateTemp(tmp_path / "a") as temp:
        temp.file.write(b"half")
    with pytest.raises(ZeroDivisionError), PrivateTemp(tmp_path / "b") as temp:
        temp.file.write(b"half")
        raise ZeroDivisionError
    assert listing(tmp_path) == []


@pytest.mark.parametrize("existing", ["file", "link", "folder"])
def test_what_exists_is_not_replaced(tmp_path: Path, existing: str) -> None:
    target = tmp_path / "a"
    if existing == "file":
        target.write_bytes(b"old")
    elif existing == "link":
        target.symlink_to(tmp_path / "nowhere")
    else:
        target.mkdir()
    with pytest.raises(TargetExistsError), PrivateTemp(target):
        pytest.fail("writing must not begin")
    assert listing(tmp_path) == ["a"]


def test_what_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    with PrivateTemp(tmp_path / "a") as temp:
        temp.file.write(b"new")
        (tmp_path / "a").write_bytes(b"meanwhile")
        with pytest.raises(TargetExistsError, match="not replaced"):
            temp.commit()
    assert (tmp_path / "a").read_bytes() == b"meanwhile"
    assert listing(tmp_path) == ["a"]


def test_a_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    with PrivateTemp(tmp_path / "a") as temp:
        temp.file.write(b"new")
        temp.commit()
    assert listing(tmp_path) == ["a"]
    with PrivateTemp(tmp_path / "b") as temp:
        (tmp_path / "b").touch()
        with pytest.raises(TargetExistsError):
            temp.commit()
    assert listing(tmp_path) == ["a", "b"]


def test_replacing_was_agreed_to(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"old")
    with PrivateTemp(target, overwrite=True) as temp:
        temp.file.write(b"new")
        assert target.read_bytes() == b"old"
        temp.commit()
    assert target.read_bytes() == b"new"
    assert listing(tmp_path) == ["a"]


def test_a_link_that_is_replaced_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"real")
    (tmp_path / "link").symlink_to("real")
    with PrivateTemp(tmp_path / "link", overwrite=True) as temp:
        temp.file.write(b"new")
        temp.commit()
    assert (tmp_path / "real").read_bytes() == b"real"
    assert not (tmp_path / "link").is_symlink()


def test_a_bad_target_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="does not exist"), PrivateTemp(tmp_path / "none" / "a"):
        pass
    (tmp_path / "file").touch()
    with pytest.raises(TargetError, match="could not be written"), PrivateTemp(tmp_path / "file" / "a"):
        pass
    (tmp_path / "folder").mkdir()
    with PrivateTemp(tmp_path / "folder", overwrite=True) as temp, pytest.raises(TargetError):
        temp.commit()
    with pytest.raises(TargetError), PrivateTemp(tmp_path / ("x" * 300)) as temp:
        temp.commit()
    assert listing(tmp_path) == ["file", "folder"]


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    program = """
import resource, signal, sys
from pathlib import Path
from desktop_app.storage.errors import TargetError
from desktop_app.storage.private_files import PrivateTemp
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    with PrivateTemp(Path(sys.argv[1])) as temp:
        temp.file.write(bytes(200_000))
except TargetError as error:
    print(error)
"""
    run = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "a"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "No part of it was left behind." in run.stdout
    assert listing(tmp_path) == []


# The folder of "Open with"


def put(folder: OpenFolder, name: str = "a.pdf", content: bytes = b"clear") -> Path:
    with folder.new_file(name) as temp:
        temp.file.write(content)
        return temp.commit()


def test_two_documents_of_one_name_and_then_none(tmp_path: Path) -> None:
    folder = OpenFolder(tmp_path / "open")
    assert folder.start() == []
    first, second = put(folder), put(folder, content=b"other")
    assert first.name == second.name == "a.pdf"
    assert (first.read_bytes(), second.read_bytes()) == (b"clear", b"other")
    for path in (first, *first.parents):
        if path == tmp_path:
            break
        assert mode(path) == (0o600 if path == first else 0o700)
    assert folder.wipe() == []
    assert not first.exists()
    assert not second.exists()
    third = put(folder)
    assert third.exists(), "after a lock the folder goes on"
    assert folder.close() == []
    assert listing(tmp_path / "open") == ["folders.lock"]


HOLDER = """
import sys
from pathlib import Path
from desktop_app.storage.private_files import OpenFolder
folder = OpenFolder(Path(sys.argv[1]))
folder.start()
with folder.new_file("patient.pdf") as temp:
    temp.file.write(b"clear")
    print(temp.commit(), flush=True)
sys.stdin.read()
"""


def test_a_start_wipes_what_the_dead_left_and_nothing_of_the_living(tmp_path: Path) -> None:
    open_dir = tmp_path / "open"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, open_dir], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        document = Path(holder.stdout.readline().strip())
        assert document.read_bytes() == b"clear"
        (open_dir / "stray.pdf").write_bytes(b"clear")
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "mine").touch()
        (open_dir / "link").symlink_to(outside)
        assert OpenFolder(open_dir).start() == []
        assert document.read_bytes() == b"clear"
        assert not (open_dir / "stray.pdf").exists()
        holder.kill()
    assert document.exists()
    assert OpenFolder(open_dir).start() == []
    assert listing(open_dir) == ["folders.lock"]
    assert listing(outside) == ["mine"], "links are removed, not followed"


def test_a_folder_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    with pytest.raises(TargetError, match="Other people"):
        OpenFolder(tmp_path / "open").new_file("a")
    (tmp_path / "private").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "private")
    with pytest.raises(TargetError, match="not a link"):
        OpenFolder(tmp_path / "link").start()
    assert mode(tmp_path / "open") == 0o755
