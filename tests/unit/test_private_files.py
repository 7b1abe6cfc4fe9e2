"""Decrypted files: private, whole or not there, never over another file, and wiped when their program is gone."""

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_app.storage.errors import TargetError, TargetExistsError
from desktop_app.storage.private_files import PrivateTemp
from tests.unit.store_support import KILL_BEFORE, python

ROOT = Path(__file__).parents[2]


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=["nameless", "hidden"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run every test with files that have no name yet (Linux, local disks) and with hidden names (elsewhere)."""
    if request.param == "hidden":
        monkeypatch.setattr("desktop_app.system.atomic_file._NAMELESS", 0)
    return str(request.param)


def test_a_file_appears_whole_and_private(tmp_path: Path, way: str) -> None:
    target = tmp_path / "report.pdf"
    umask = os.umask(0)
    try:
        with PrivateTemp(target) as temp:
            temp.file.write(b"content")
            assert not target.exists()
            assert [mode(path) for path in tmp_path.iterdir()] == ([] if way == "nameless" else [0o600])
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


def make_device(path: Path) -> None:
    os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3))


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))


def link_to_a_file(path: Path) -> None:
    (path.parent / "kept").write_bytes(b"old")
    path.symlink_to(path.parent / "kept")


OTHER_THINGS: dict[str, Callable[[Path], None]] = {
    "pipe": os.mkfifo,
    "socket": make_socket,
    "folder": Path.mkdir,
    "link": link_to_a_file,
    "link to nothing": lambda path: path.symlink_to("nowhere"),
    "link to a device": lambda path: path.symlink_to("/dev/null"),
}
if os.geteuid() == 0:
    OTHER_THINGS["device"] = make_device


@pytest.mark.parametrize("thing", OTHER_THINGS)
@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_only_a_plain_file_is_ever_replaced(tmp_path: Path, thing: str, when: str) -> None:
    target = tmp_path / "a"
    if when == "before":
        OTHER_THINGS[thing](target)
    with pytest.raises(TargetError, match="not a plain file"), PrivateTemp(target, overwrite=True) as temp:
        temp.file.write(b"new")
        if when == "meanwhile":
            OTHER_THINGS[thing](target)
        temp.commit()
    assert not stat.S_ISREG(target.lstat().st_mode)
    assert [name for name in listing(tmp_path) if name not in ("a", "kept")] == []
    assert not (tmp_path / "kept").exists() or (tmp_path / "kept").read_bytes() == b"old"


def test_what_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    with PrivateTemp(tmp_path / "a") as temp:
        temp.file.write(b"new")
        (tmp_path / "a").write_bytes(b"meanwhile")
        with pytest.raises(TargetExistsError, match="not replaced"):
            temp.commit()
    assert (tmp_path / "a").read_bytes() == b"meanwhile"
    assert listing(tmp_path) == ["a"]


def test_a_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.system.atomic_file._NAMELESS", 0)

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


def test_a_bad_target_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="does not exist"), PrivateTemp(tmp_path / "none" / "a"):
        pass
    (tmp_path / "file").touch()
    with pytest.raises(TargetError, match="could not be written"), PrivateTemp(tmp_path / "file" / "a"):
        pass
    (tmp_path / "folder").mkdir()
    with pytest.raises(TargetError, match="not a plain file"), PrivateTemp(tmp_path / "folder", overwrite=True):
        pass
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


KILLED = """
from pathlib import Path
from desktop_app.storage.private_files import PrivateTemp
target, overwrite = Path(sys.argv[1]), sys.argv[2] == "True"
step = 0
while True:
    if overwrite:
        target.write_bytes(b"old")
    else:
        target.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        kill_before(step)
        with PrivateTemp(target, overwrite=overwrite) as temp:
            temp.file.write(b"clear" * 1000)
            temp.commit()
        sys.setprofile(None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    others = [path for path in target.parent.iterdir() if path != target]
    content = target.read_bytes() if target.exists() else None
    assert content in ([b"old"] if overwrite else [None]) + [b"clear" * 1000], content
    for path in others:  # between the two steps of replacing, the whole new file has a hidden name
        assert overwrite, path
        assert path.read_bytes() == b"clear" * 1000
        path.unlink()
    if os.WIFEXITED(status):
        assert os.WEXITSTATUS(status) == 0
        assert not others
        break
    step += 1
print(step)
"""


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_killed_program_leaves_no_half_file(tmp_path: Path, overwrite: bool) -> None:
    run = python(KILL_BEFORE + KILLED, tmp_path / "a", overwrite)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) > 10
