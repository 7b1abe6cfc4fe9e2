"""What an ordinary user's server is like, and how ordinary users and root meet in one folder."""

import os
import stat
import sys
from pathlib import Path

import pytest

from desktop_app.server.account import account_missing, running_as_root
from desktop_app.server.folders import SYSTEM_FOLDER
from tests.server.conftest import GRACE_SECONDS, MakeServer, discard
from tests.server.ordinary_user import REPOSITORY, OrdinaryUser, ordinary_user, unused_id
from tests.server.programs_under_test import program
from tests.servers import wait_until

# What depends on who one is; the rest is the same code for everybody.
_AGAIN = (
    "test_access.py",
    "test_lifetime.py::test_killed_program_takes_the_server_with_it",
    "test_lifetime.py::test_restarted_server_is_found_where_it_was",
    "test_lifetime.py::test_moved_folder_keeps_its_data",
    "test_lifetime.py::test_folder_moved_before_the_watcher_is_up",
    "test_lifetime.py::test_folder_deleted_under_a_running_server",
    "test_folders.py::test_odd_paths_work[long]",
    "test_folders.py::test_no_permission_of_a_folder_not_made_here_changes",
    "test_folders.py::test_folder_of_another_account_is_refused",
    "test_folders.py::test_copied_data_folder",
)


@pytest.mark.full
def test_same_tests_hold_for_an_ordinary_user(user: OrdinaryUser) -> None:
    tests = [f"{REPOSITORY}/tests/server/{name}" for name in _AGAIN]
    basetemp = f"--basetemp={user.home / 'tests'}"
    options = ("-q", "-p", "no:cacheprovider", "--timeout=120", basetemp)
    done = user.python("-m", "pytest", *options, *tests, cwd=REPOSITORY)
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout


def test_everything_is_the_users_own(user: OrdinaryUser) -> None:
    data_dir = user.home / "server"
    system = sorted(SYSTEM_FOLDER.glob("clusters/*/made-for")) if running_as_root() else []
    with program(data_dir, GRACE_SECONDS, user) as client:
        client.started()
        found = [data_dir, *data_dir.rglob("*"), Path(client.socket_dir())]
        assert {entry.lstat().st_uid for entry in found if os.path.lexists(entry)} == {user.uid}
        assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
        assert Path(client.socket_dir()).parent == Path("/tmp")
        client.finish()
    homes = {note.read_text().strip() for note in SYSTEM_FOLDER.glob("clusters/*/made-for") if note not in system}
    assert str(data_dir) not in homes
    wait_until(lambda: not (data_dir / "cluster" / "postmaster.pid").exists())


def test_read_only_folder_is_named(user: OrdinaryUser) -> None:
    closed = user.home / "closed"
    closed.mkdir()
    if running_as_root():
        os.chown(closed, user.uid, user.uid)
    closed.chmod(0o500)
    for place in (closed, closed / "server"):
        with program(place, GRACE_SECONDS, user) as client:
            complaint = client.refusal()
        assert complaint.startswith("StorageRefusedError: The built-in server's folder")
        assert "cannot be written (Permission denied" in complaint
        assert complaint.strip().count("\n") == 0
    assert list(closed.iterdir()) == []


def test_folder_that_became_read_only_is_named(user: OrdinaryUser) -> None:
    data_dir = user.home / "server"
    with program(data_dir, GRACE_SECONDS, user) as client:
        client.started()
        client.finish()
    wait_until(lambda: not (data_dir / "cluster" / "postmaster.pid").exists())
    (data_dir / "settings").chmod(0o500)
    with program(data_dir, GRACE_SECONDS, user) as client:
        assert "StorageRefusedError" in client.refusal()
    (data_dir / "settings").chmod(0o700)
    with program(data_dir, GRACE_SECONDS, user) as client:
        client.started()
        client.finish()
    wait_until(lambda: not (data_dir / "cluster" / "postmaster.pid").exists())


def test_one_account_does_not_take_the_folder_of_another(make_server: MakeServer, user: OrdinaryUser) -> None:
    """Root refuses a user's server and a user refuses root's; one account alone finds its own."""
    theirs = user.home / "server"
    with program(theirs, GRACE_SECONDS, user) as client:
        since = client.started()
        with program(theirs, GRACE_SECONDS) as other:
            if running_as_root():
                assert "ForeignFolderError" in other.refusal()
            else:
                assert other.started() == since
                other.finish()
        client.finish()
    wait_until(lambda: not (theirs / "cluster" / "postmaster.pid").exists())
    if running_as_root():
        mine = make_server(user.home.parent / "roots")
        mine.start().close()
        with program(mine.data_dir, GRACE_SECONDS, user) as client:
            complaint = client.refusal()
            assert "ForeignFolderError" in complaint or "StorageRefusedError" in complaint
        discard(mine)  # before its data folder goes with the user's


def test_user_without_an_account_is_told_what_is_missing(tmp_path: Path) -> None:
    """Containers run programs under numbers that /etc/passwd does not know."""
    if not running_as_root():
        assert account_missing() is None  # whoever runs the tests has one; only root can be somebody else
        return
    with ordinary_user(unused_id()) as stranger, program(stranger.home / "server", GRACE_SECONDS, stranger) as client:
        assert f"AccountError: The user id {stranger.uid} has no account" in client.refusal()


def test_interpreter_runs_as_the_user(user: OrdinaryUser) -> None:
    """The other tests of this file would say nothing if the child were still root."""
    done = user.python("-c", "import os; print(os.getuid(), os.geteuid(), os.getgroups())")
    assert done.stdout.split()[:2] == [str(user.uid)] * 2, done.stdout
    assert user.uid != 0
    assert sys.executable
