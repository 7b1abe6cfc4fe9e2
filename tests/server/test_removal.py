"""Deleting takes what the package made and nothing else, whatever files, links and names say.

Every target here is a folder of the test itself. A removal under test runs with the rights of whoever runs the tests.
"""

import os
import re
import socket
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

from desktop_app.server.account import current_uid, running_as_root
from desktop_app.server.errors import ForeignFolderError
from desktop_app.server.folders import ServerFolders, write_marker
from desktop_app.server.made_files import delete_half_made, delete_home
from desktop_app.server.process import spawn_detached
from desktop_app.server.removal import delete_tree, opened
from desktop_app.server.sockets import sweep_sockets
from desktop_app.system.folder_handles import open_without_links
from tests.servers import wait_until


@pytest.fixture
def folders(tmp_path: Path) -> ServerFolders:
    """A home such as an ordinary user's, with what a server leaves in it."""
    data_dir = tmp_path / "data"
    made = ServerFolders(data_dir, data_dir)
    for name in ("cluster/base/5", "cluster/pg_wal", "cluster.new/base", "log", "settings", "run"):
        (data_dir / name).mkdir(parents=True, mode=0o700)
    for name in (
        *("cluster/PG_VERSION", "cluster/base/5/1259", "cluster/pg_wal/000000010000000000000001", "cluster.new/base/1"),
        *("log/startup.log", "log/server-Sat.log", "settings/labkeep.conf", "settings/pg_hba.conf"),
        *("settings/socket-folder", "settings/watcher.log", "settings/.labkeep-0123456789abcdef.part"),
        *("start.lock", "users.lock", "watcher.lock", "superuser-password", ".initdb-abcd_123"),
        ".labkeep-fedcba9876543210.part",
    ):
        (data_dir / name).write_text("ours")
    write_marker(made, made=True)
    return made


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """Somebody's work beside it, also under names that a server uses."""
    place = tmp_path / "victim"
    for name in ("base", "log", "cluster/base"):
        (place / name).mkdir(parents=True)
    for name in ("PG_VERSION", "precious", "base/precious", "startup.log", ".s.PGSQL.5432", "cluster/base/precious"):
        (place / name).write_text("years of work")
    return place


def contents(place: Path) -> dict[str, str]:
    return {str(entry): entry.read_text() for entry in sorted(place.rglob("*")) if entry.is_file()}


def test_everything_of_ours_goes(folders: ServerFolders) -> None:
    delete_home(folders, None)
    assert list(folders.data_dir.iterdir()) == []


@pytest.mark.parametrize("name", ["cluster", "cluster.new", "log", "run", "settings"])
def test_link_with_a_name_of_ours_leads_nowhere(folders: ServerFolders, victim: Path, name: str) -> None:
    before = contents(victim)
    subprocess.run(["mv", "--", folders.home / name, folders.home.parent / "moved"], check=True)
    (folders.home / name).symlink_to(victim)
    delete_home(folders, None)
    assert contents(victim) == before
    assert [entry.name for entry in folders.home.iterdir()] == [name]


@pytest.mark.parametrize("name", ["cluster/base/5", "cluster/pg_tblspc/16400", "cluster/base/5/1259"])
def test_link_inside_a_tree_goes_and_its_target_stays(folders: ServerFolders, victim: Path, name: str) -> None:
    before = contents(victim)
    place = folders.home / name
    if place.exists():
        place.rename(folders.home.parent / "moved")
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(victim)
    delete_home(folders, None)
    assert contents(victim) == before
    assert not folders.cluster.exists()


@pytest.mark.parametrize(
    "name", ["cluster/precious", "cluster/PG_VERSION.odt", "cluster/x/precious", "cluster.new/precious"]
)
def test_tree_with_a_stranger_stays_whole(folders: ServerFolders, name: str) -> None:
    (folders.home / name).parent.mkdir(exist_ok=True)
    (folders.home / name).write_text("years of work")
    kept = folders.home / Path(name).parts[0]
    before = contents(kept)
    with pytest.raises(ForeignFolderError, match="was not made by the built-in server"):
        delete_home(folders, None)
    assert contents(kept) == before
    assert folders.marker.exists()
    assert folders.password.exists()


@pytest.mark.parametrize(
    "name", ["log/thesis.log", "settings/labkeep.conf.orig", "run/precious", "log/server-Sat.log.gz"]
)
def test_folder_of_files_keeps_strangers(folders: ServerFolders, name: str) -> None:
    (folders.home / name).write_text("years of work")
    around = contents((folders.home / name).parent)
    with pytest.raises(ForeignFolderError, match=f"{Path(name).name} was not made by the built-in server"):
        delete_home(folders, None)
    assert contents((folders.home / name).parent) == around
    assert folders.password.exists()


def test_other_files_and_links_of_a_home_stay(folders: ServerFolders, victim: Path) -> None:
    (folders.home / "precious").write_text("kept")
    folders.password.unlink()
    folders.password.symlink_to(victim / "precious")
    (folders.home / "start.lock").unlink()
    (folders.home / "start.lock").mkdir()
    delete_home(folders, None)
    assert sorted(entry.name for entry in folders.home.iterdir()) == ["precious", "start.lock", "superuser-password"]
    assert (victim / "precious").exists()


def test_things_of_another_account_stay(folders: ServerFolders) -> None:
    """Root gives one file of the tree away; anybody else names an account that is not the owner."""
    owner = current_uid()
    if running_as_root():
        os.chown(folders.cluster / "base/5/1259", 65534, 65534)
    else:
        owner += 1
    before = contents(folders.home)
    with pytest.raises(ForeignFolderError), opened(folders.home, owner) as home:
        delete_tree(home, "cluster", re.compile(".*"), owner)
    assert contents(folders.home) == before


def test_link_on_the_way_is_refused(folders: ServerFolders, tmp_path: Path) -> None:
    before = contents(folders.home)
    (tmp_path / "way").symlink_to(tmp_path)
    detour = tmp_path / "way" / "data"
    with pytest.raises(OSError, match=r"Not a directory|symbolic links"):
        delete_home(ServerFolders(detour, detour), None)
    assert contents(folders.home) == before


def test_folder_swapped_for_a_link_while_it_is_open(folders: ServerFolders, victim: Path, tmp_path: Path) -> None:
    """What is opened is what is emptied: the race that a path would lose."""
    before = contents(victim)
    home = open_without_links(folders.home)
    folders.home.rename(tmp_path / "moved")
    folders.home.symlink_to(victim)
    delete_tree(home, "cluster", re.compile("PG_VERSION|base|pg_wal"), current_uid())
    home.close()
    assert contents(victim) == before
    assert not (tmp_path / "moved" / "cluster").exists()


def test_stopped_making_leaves_the_cluster_alone(folders: ServerFolders) -> None:
    before = contents(folders.cluster)
    delete_half_made(folders, None)
    assert contents(folders.cluster) == before
    assert not (folders.home / "cluster.new").exists()
    assert not (folders.home / ".initdb-abcd_123").exists()


def dead_socket(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place / ".s.PGSQL.5432"))
    (place / ".s.PGSQL.5432.lock").write_text("1\n")


def test_socket_folder_of_ours_is_swept(folders: ServerFolders) -> None:
    place = Path(tempfile.mkdtemp(prefix="labkeep-", dir="/tmp"))
    dead_socket(place)
    sweep_sockets(folders, place, None)
    assert not place.exists()


def test_socket_folder_that_is_not_ours_stays(folders: ServerFolders, victim: Path) -> None:
    """``postmaster.pid`` names the folder, and the server's account writes that file."""
    top = Path(tempfile.mkdtemp(dir="/tmp"))
    places = {name: top / name for name in ("victim", "labkeep-aaaaaaaa", "labkeep-bbbbbbbb", "labkeep-cccccccc")}
    for place in places.values():
        place.mkdir(mode=0o700)
        dead_socket(place)
    places["labkeep-aaaaaaaa"].chmod(0o755)
    (places["labkeep-bbbbbbbb"] / "precious").write_text("years of work")
    link = top / "labkeep-dddddddd"
    link.symlink_to(places["victim"])
    with socket.socket(socket.AF_UNIX) as listener:
        living = places["labkeep-cccccccc"] / ".s.PGSQL.5432"
        living.unlink()
        listener.bind(str(living))
        listener.listen()
        for place in (*places.values(), link, Path(f"{link}/../victim"), Path("labkeep-aaaaaaaa"), victim):
            sweep_sockets(folders, place, None)
        left = {name: sorted(entry.name for entry in place.iterdir()) for name, place in places.items()}
    both = [".s.PGSQL.5432", ".s.PGSQL.5432.lock"]
    assert left == {
        "victim": both,
        "labkeep-aaaaaaaa": both,
        "labkeep-bbbbbbbb": ["precious"],
        "labkeep-cccccccc": both,
    }
    assert (victim / ".s.PGSQL.5432").exists()
    subprocess.run(["rm", "-r", "--one-file-system", "--", top], check=True)


def test_log_that_is_a_link_does_not_empty_its_target(victim: Path, tmp_path: Path) -> None:
    before = contents(victim)
    log = tmp_path / "startup.log"
    log.symlink_to(victim / "precious")
    done = tmp_path / "done"
    spawn_detached(["/usr/bin/touch", str(done)], account=None, folder=tmp_path, log=log)
    spawn_detached(["/usr/bin/touch", str(done)], account=None, folder=tmp_path, log=tmp_path / "free.log")
    wait_until(done.exists)
    assert contents(victim) == before
    assert stat.S_ISLNK(log.lstat().st_mode)
