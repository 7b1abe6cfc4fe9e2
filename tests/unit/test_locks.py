"""Locks between programs: waited for within limits, freed by death, and of the file that the path leads to."""

import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.system.locks import FileLock, LockBusyError, hold_alone

ROOT = Path(__file__).parents[2]

HOLDER = """
import sys
from pathlib import Path
from desktop_app.system.locks import hold_alone
with hold_alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_is_waited_for_within_limits_and_freed_by_death(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockBusyError, match="Close it") as busy:
            hold_alone(path, 0.1)
        assert busy.value.path == path
        holder.kill()
    lock = hold_alone(path, 5)
    with pytest.raises(LockBusyError):
        hold_alone(path, 0)  # also between objects of one program
    lock.close()
    lock.close()
    with hold_alone(path, 0):
        assert path.exists()
    hold_alone(path, 0).close()


def test_sharers_keep_out_only_whoever_wants_it_alone(tmp_path: Path) -> None:
    one, other, alone = (FileLock(tmp_path / "x.lock") for _ in range(3))
    with one, other, alone:
        one.take_shared()
        other.take_shared()
        assert not alone.try_exclusive()
        one.release()
        other.close()
        assert alone.try_exclusive()


def test_a_lock_belongs_to_the_file_that_has_the_name_now(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "x.lock"
    path.parent.mkdir()
    with hold_alone(path, 0) as old:
        path.parent.rename(tmp_path / "moved")
        assert not old.is_current()
        path.parent.mkdir()
        with hold_alone(path, 0) as new:
            assert new.is_current()


def test_a_lock_file_is_private_and_no_link_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with hold_alone(path, 0):
        assert path.stat().st_mode & 0o077 == 0
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        hold_alone(tmp_path / "link", 0)
    assert not (tmp_path / "elsewhere").exists()
