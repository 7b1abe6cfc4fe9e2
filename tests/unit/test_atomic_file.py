"""Small files of this workstation: the old or the new one, always whole, with exactly the mode that was asked for."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.system.atomic_file import TEMPORARY_NAME, AtomicFile, replace_file, replace_private_file
from tests.unit.store_support import KILL_BEFORE, python

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["nameless", "hidden"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run every test with files that have no name yet (Linux, local disks) and with hidden names (elsewhere)."""
    if request.param == "hidden":
        monkeypatch.setattr("desktop_app.system.atomic_file._NAMELESS", 0)
    return str(request.param)


def test_a_file_is_replaced_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "made" / "file"
    replace_private_file(path, b"one")
    replace_private_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_a_replacement_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    replace_private_file(path, b"one")
    program = """
import resource, signal, sys
from pathlib import Path
from desktop_app.system.atomic_file import replace_private_file
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
try:
    replace_private_file(Path(sys.argv[1]), bytes(1000))
except OSError as error:
    print(error.strerror)
"""
    run = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout == "File too large\n"
    assert path.read_bytes() == b"one"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_the_mode_is_exactly_the_one_that_was_asked_for(tmp_path: Path) -> None:
    umask = os.umask(0o077)
    try:
        replace_file(tmp_path / "file", b"for the server's account", 0o644)
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o644


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"old")
    (tmp_path / "file").symlink_to(tmp_path / "kept")
    replace_file(tmp_path / "file", b"new")
    assert (tmp_path / "kept").read_bytes() == b"old"
    assert (tmp_path / "file").read_bytes() == b"new"
    assert not (tmp_path / "file").is_symlink()


def test_without_replacing_another_file_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    with AtomicFile(tmp_path / "file", replace=False) as new:
        new.file.write(b"new")
        with pytest.raises(FileExistsError):
            new.commit()
    assert (tmp_path / "file").read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_hidden_name_is_known_by_its_form(tmp_path: Path, way: str) -> None:
    with AtomicFile(tmp_path / "file", replace=True):
        found = [entry.name for entry in tmp_path.iterdir()]
    assert len(found) == (way == "hidden")
    assert all(TEMPORARY_NAME.fullmatch(name) for name in found)


KILLED = """
from pathlib import Path
from desktop_app.system.atomic_file import TEMPORARY_NAME, replace_file
target = Path(sys.argv[1])
target.write_bytes(b"old")
step = 0
while True:
    child = os.fork()
    if child == 0:
        kill_before(step)
        replace_file(target, b"new")
        sys.setprofile(None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert target.read_bytes() in (b"old", b"new")
    for path in target.parent.iterdir():
        assert path == target or TEMPORARY_NAME.fullmatch(path.name), path
    if os.WIFEXITED(status):
        assert os.WEXITSTATUS(status) == 0
        break
    step += 1
print(step)
"""


def test_killed_before_any_call_the_file_is_the_old_or_the_new(tmp_path: Path) -> None:
    run = python(KILL_BEFORE + KILLED, tmp_path / "file")
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) > 10
