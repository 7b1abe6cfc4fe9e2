"""Which folders the built-in server takes, and what it says about the others."""

import os
import shutil
import socket
import stat
import tempfile
from pathlib import Path, PosixPath

import pytest

from desktop_app.server.account import running_as_root
from desktop_app.server.errors import (
    DataVersionError,
    ForeignFolderError,
    ServerPasswordError,
    ServerStartError,
    StorageFullError,
    StorageRefusedError,
)
from desktop_app.server.files import storage_errors
from desktop_app.server.folders import MARKER_NAME, ServerFolders, claim, write_marker
from desktop_app.server.launcher import BuiltinServer
from desktop_app.server.sockets import socket_folder
from tests.server.conftest import MakeServer
from tests.server.programs_under_test import ask, places

ODD_NAMES = [
    "with spaces and ünï çödé 実験室",
    'quo\'te "double" $HOME `id` %s \\ ; & , =',
    "/".join(["deep" * 10] * 6),  # far beyond a socket's 107 bytes
]


@pytest.mark.parametrize("name", ODD_NAMES, ids=["unicode", "quoting", "long"])
def test_odd_paths_work(make_server: MakeServer, tmp_path: Path, name: str) -> None:
    server = make_server(tmp_path / name)
    for _ in range(2):
        with server.start() as running:
            assert ask(running, "SELECT 1") == [(1,)]
        server.stop()


def test_relative_path_and_link_mean_the_same_folder(
    make_server: MakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with make_server(Path("real")).start() as one, make_server(tmp_path / "link").start() as other:
        assert one.socket_dir == other.socket_dir


def test_no_permission_of_a_folder_not_made_here_changes(make_server: MakeServer, tmp_path: Path) -> None:
    data_dir = tmp_path / "a" / "b" / "server"
    data_dir.mkdir(parents=True, mode=0o755)
    data_dir.chmod(0o750)
    (tmp_path / "a").chmod(0o711)
    watched = [data_dir, *data_dir.parents, Path("/tmp"), Path("/var/lib")]

    def permissions() -> list[tuple[int, int, int]]:
        return [(found.st_mode, found.st_uid, found.st_gid) for found in (place.stat() for place in watched)]

    before = permissions()
    server = make_server(data_dir)
    server.start().close()
    server.stop()
    assert permissions() == before


@pytest.mark.parametrize("path", ["", "line\nbreak", "tab\there", "zero\0byte"])
def test_impossible_paths_are_refused(path: str) -> None:
    with pytest.raises(ForeignFolderError, match="must not be empty or hold"):
        BuiltinServer(Path(path) if path else _Nowhere()).start()


class _Nowhere(PosixPath):
    """A path whose text is empty, which pathlib itself would turn into the working folder."""

    def __fspath__(self) -> str:
        return ""


def test_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "server").write_text("not a folder")
    with pytest.raises(ForeignFolderError, match="is a file"):
        BuiltinServer(tmp_path / "server").start()
    with pytest.raises(StorageRefusedError):
        BuiltinServer(tmp_path / "server" / "below").start()
    assert (tmp_path / "server").read_text() == "not a folder"


def test_folder_with_strangers_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("years of work")
    with pytest.raises(ForeignFolderError, match=r"not made by Labkeep \(it holds 'thesis.odt'\)"):
        BuiltinServer(tmp_path).start()
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.odt"]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '"text"', '{"format": "labkeep-server/9", "home": "."}', '{"home": 1}']
)
def test_damaged_marker_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / MARKER_NAME).write_text(content)
    server = BuiltinServer(tmp_path)
    for use in (server.start, server.stop, server.remove, server.is_running):
        with pytest.raises(ForeignFolderError, match="damaged or of a newer Labkeep"):
            use()
    assert [entry.name for entry in tmp_path.iterdir()] == [MARKER_NAME]


def test_missing_then_wrong_password_is_named(make_server: MakeServer) -> None:
    server = make_server()
    server.start().close()
    kept = places(server).password.read_text()
    places(server).password.unlink()
    with pytest.raises(ServerPasswordError, match="is missing from"):
        server.start()
    places(server).password.write_text("something else\n")
    with pytest.raises(ServerPasswordError, match="does not take the password in"):
        server.start()
    places(server).password.write_text(kept)
    server.start().close()


@pytest.mark.parametrize(("version", "sentence"), [("19", "Use the newer Labkeep"), ("16", "Make a backup with")])
def test_data_of_another_major_version_is_refused(make_server: MakeServer, version: str, sentence: str) -> None:
    server = make_server()
    server.start().close()
    server.stop()
    note = places(server).cluster / "PG_VERSION"
    kept = note.read_text()
    note.write_text(f"{version}\n")
    before = listing(server)
    with pytest.raises(DataVersionError, match=f"written by PostgreSQL {version}.*{sentence}.*Nothing was changed"):
        server.start()
    assert listing(server) == before
    note.write_text(kept)
    server.start().close()


def listing(server: BuiltinServer) -> dict[str, tuple[int, int]]:
    """What lies in a server's home, with sizes and times; the times of locks tell who came and went."""
    entries = sorted(places(server).home.rglob("*"))
    return {
        str(entry): (entry.stat().st_size, entry.stat().st_mtime_ns) for entry in entries if entry.suffix != ".lock"
    }


def test_emptied_cluster_is_not_made_over(make_server: MakeServer) -> None:
    """Data that has been there is never replaced by an empty cluster."""
    server = make_server()
    server.start().close()
    server.stop()
    (places(server).cluster / "PG_VERSION").rename(places(server).cluster / "base" / "PG_VERSION")
    with pytest.raises(DataVersionError, match="restore it from a backup"):
        server.start()
    assert (places(server).cluster / "pg_wal").is_dir()


@pytest.mark.parametrize("also", ["nothing", "password", "marker"])
def test_vanished_cluster_is_not_made_over(make_server: MakeServer, also: str) -> None:
    """The password says that there was a cluster, and the marker too if somebody took the password away."""
    server = make_server()
    with server.start() as running:
        ask(running, "CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    folders, taken = places(server), places(server).home / "taken-away"
    password = folders.password.read_text()
    folders.cluster.rename(taken)
    if also == "password":
        folders.password.unlink()
    if also == "marker":
        write_marker(folders, made=False)
    for _ in range(2):
        with pytest.raises(DataVersionError, match=r"not there any more.*restore it from a backup"):
            server.start()
    assert not folders.cluster.exists()
    taken.rename(folders.cluster)
    folders.password.write_text(password)
    with server.start() as running:
        assert ask(running, "SELECT answer FROM kept") == [(42,)]


def test_data_that_is_a_link_is_refused(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server()
    server.start().close()
    server.stop()
    folders, elsewhere = places(server), places(server).home / "elsewhere"
    folders.cluster.rename(elsewhere)
    folders.cluster.symlink_to(elsewhere)
    with pytest.raises(ForeignFolderError, match="is a link"):
        server.start()
    folders.cluster.unlink()
    elsewhere.rename(folders.cluster)


def test_copied_data_folder(make_server: MakeServer, tmp_path: Path) -> None:
    """An ordinary user's copy is a server of its own; root's holds no data and must not take the other's."""
    original, copy = make_server(tmp_path / "original"), make_server(tmp_path / "copy")
    with original.start() as running:
        ask(running, "CREATE TABLE kept AS SELECT 42 AS answer")
        original.stop()
        shutil.copytree(tmp_path / "original", tmp_path / "copy")
        if running_as_root():
            for use in (copy.start, copy.stop, copy.remove, copy.is_running):
                with pytest.raises(ForeignFolderError, match="is a copy of"):
                    use()
            shutil.rmtree(tmp_path / "copy")
            return
    with original.start() as running, copy.start() as other:
        assert running.socket_dir != other.socket_dir
        ask(other, "UPDATE kept SET answer = 43")
        copy.stop()
        assert ask(running, "SELECT answer FROM kept") == [(42,)]


def test_server_that_cannot_start_says_why_and_where_its_log_is(make_server: MakeServer) -> None:
    server = make_server()
    server.start().close()
    server.stop()
    folders = places(server)
    folders.cluster.chmod(0o755)
    with pytest.raises(ServerStartError, match=r"has invalid permissions.*Its log is in .*log\.$") as caught:
        server.start()
    assert "\n" not in str(caught.value)
    folders.cluster.chmod(0o700)
    server.start().close()


def test_full_disk_is_named(tmp_path: Path) -> None:
    """The kernel's own full device, so that the error is the real one."""
    with pytest.raises(StorageFullError, match="no room left"), storage_errors(tmp_path):
        Path("/dev/full").write_text("anything")


def test_socket_folders_are_new_private_and_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = ServerFolders(tmp_path, tmp_path)
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    long = tmp_path / ("long" * 30)
    long.mkdir(mode=0o700)
    comma = tmp_path / "a,b"
    comma.mkdir(mode=0o700)
    short = Path(tempfile.mkdtemp(dir="/tmp"))
    expected = {"": "/tmp", str(shared): "/tmp", str(long): "/tmp", str(comma): "/tmp", "relative": "/tmp"}
    expected[str(short)] = str(short)
    for runtime, parent in expected.items():
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        made = [socket_folder(folders, None) for _ in range(2)]
        assert made[0] != made[1]
        for place in made:
            assert str(place.parent) == parent
            assert stat.S_IMODE(place.stat().st_mode) == 0o700
            assert len(os.fsencode(place / ".s.PGSQL.5432")) <= 103
            place.rmdir()
    short.rmdir()


def test_socket_folder_of_the_last_time_is_taken_again_only_if_it_is_ours(tmp_path: Path) -> None:
    folders = ServerFolders(tmp_path, tmp_path)
    folders.settings.mkdir()
    first = socket_folder(folders, None)
    folders.socket_note.write_text(f"{first}\n")
    assert socket_folder(folders, None) == first
    first.rmdir()
    assert socket_folder(folders, None) == first  # swept away: made again
    (first / ".s.PGSQL.5432").touch()
    assert socket_folder(folders, None) == first  # what a killed server left does not live
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(first / ".s.PGSQL.5432"))
        server.listen()
        others = [socket_folder(folders, None)]  # somebody lives there
    (first / ".s.PGSQL.5432").unlink()
    first.chmod(0o755)
    others.append(socket_folder(folders, None))
    first.rmdir()
    (tmp_path / "target").mkdir(mode=0o700)
    first.symlink_to(tmp_path / "target")
    others.append(socket_folder(folders, None))
    first.unlink()
    for note in (tmp_path / "target", "/tmp/else", "", "labkeep-12345678", "/tmp/../tmp/labkeep-12345678"):
        folders.socket_note.write_text(f"{note}\n")
        others.append(socket_folder(folders, None))
    assert first not in others
    assert len(set(others)) == len(others)
    for place in others:
        place.rmdir()


def test_folder_of_another_account_is_refused(tmp_path: Path) -> None:
    """As root the folder is given away; an ordinary user meets root's own, and only the look at it is tried."""
    if not running_as_root():
        with pytest.raises(ForeignFolderError, match=r"belongs to another account \(user id 0\)"):
            claim(Path("/"))
        return
    place = tmp_path / "theirs"
    place.mkdir()
    os.chown(place, 65534, 65534)
    with pytest.raises(ForeignFolderError, match=r"belongs to another account \(user id 65534\)"):
        BuiltinServer(place).start()
    assert list(place.iterdir()) == []
