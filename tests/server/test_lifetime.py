"""The server lives as long as somebody uses it and a little longer, whatever kills whom."""

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg2
import pytest

from desktop_app.server import postmaster
from desktop_app.server.folders import MARKER_NAME, read_marker, write_marker
from desktop_app.server.launcher import BuiltinServer
from desktop_app.server.postmaster import find_postmaster
from desktop_app.server.process import is_alive
from desktop_app.server.programs import find_programs
from desktop_app.server.watcher import start_watcher
from desktop_app.system.locks import FileLock
from tests.server.conftest import GRACE_SECONDS, MakeServer
from tests.server.ordinary_user import REPOSITORY
from tests.server.programs_under_test import ask, places, program
from tests.servers import listens, wait_until

LONG_GRACE = 60.0


def watchers(server: BuiltinServer) -> list[int]:
    """Process ids of the watchers of this server's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(b"desktop_app.server.watcher" in word for word in words) and os.fsencode(server.data_dir) in words:
            found.append(int(process.name))
    return [pid for pid in found if is_alive(pid)]


def wait_for_the_end(pid: int) -> None:
    wait_until(lambda: not is_alive(pid))


def wait_for_silence(socket: Path) -> None:
    wait_until(lambda: not listens(socket))


def postmaster_pid(server: BuiltinServer) -> int:
    found = find_postmaster(places(server))
    assert found is not None
    return found.pid


def test_killed_program_takes_the_server_with_it(make_server: MakeServer) -> None:
    server = make_server()
    with program(server.data_dir, GRACE_SECONDS) as client:
        client.started()
        pid, [watcher] = postmaster_pid(server), watchers(server)
        client.kill()
    wait_for_the_end(pid)
    wait_for_the_end(watcher)
    assert not server.is_running()
    log = "".join(entry.read_text() for entry in places(server).log.glob("server-*"))
    assert "received fast shutdown request" in log
    assert "database system is shut down" in log


def test_server_outlives_the_program_that_started_it(make_server: MakeServer) -> None:
    server = make_server()
    with program(server.data_dir, GRACE_SECONDS) as first, program(server.data_dir, GRACE_SECONDS) as second:
        since = first.started()
        assert second.started() == since
        first.kill()
        left = FileLock(places(server).lock("watcher"))
        assert not left.try_exclusive()
        left.close()
        with server.start() as running:  # waits its turn behind a watcher that wrongly stops the server
            assert ask(running, "SELECT pg_postmaster_start_time()::text") == [(since,)]
        second.finish()
    wait_until(lambda: not server.is_running())
    wait_until(lambda: watchers(server) == [])


def test_next_command_within_the_grace_finds_it_warm(make_server: MakeServer) -> None:
    server = make_server(grace_seconds=LONG_GRACE)
    since = set()
    for _ in range(3):
        with program(server.data_dir, LONG_GRACE) as command:
            since.add(command.started())
            command.finish()
    assert len(since) == 1
    assert len(watchers(server)) == 1
    os.kill(watchers(server)[0], signal.SIGKILL)  # it would wait for a minute


def test_programs_that_start_at_once_share_one_server(make_server: MakeServer) -> None:
    server = make_server()
    with ExitStack() as stack:
        clients = [stack.enter_context(program(server.data_dir, GRACE_SECONDS)) for _ in range(4)]
        assert len({client.started() for client in clients}) == 1
        assert len(watchers(server)) == 1
        for client in clients:
            client.finish()
    wait_until(lambda: not server.is_running())


def test_start_after_a_stop_in_progress(make_server: MakeServer) -> None:
    """Programs that come and go around the end of the grace always get a server that answers."""
    server = make_server(grace_seconds=0.05)
    for _ in range(6):
        with server.start() as running:
            assert ask(running, "SELECT 1") == [(1,)]
            socket = Path(running.socket_dir, ".s.PGSQL.5432")
        wait_for_silence(socket)


def test_killed_watcher_is_replaced_by_the_next_start(make_server: MakeServer) -> None:
    server = make_server()
    with server.start():
        [first] = watchers(server)
        os.kill(first, signal.SIGKILL)
        wait_for_the_end(first)
        pid = postmaster_pid(server)
        server.start().close()
        [second] = watchers(server)
        assert second != first
        assert postmaster_pid(server) == pid
    wait_for_the_end(pid)


def test_killed_server_recovers_what_was_committed(make_server: MakeServer) -> None:
    server = make_server()
    with server.start() as running:
        ask(running, "CREATE TABLE kept AS SELECT generate_series(1, 5000) AS number")
        pid = postmaster_pid(server)
        os.kill(pid, signal.SIGKILL)
        wait_for_the_end(pid)
        assert (places(server).cluster / "postmaster.pid").exists(), "the stale file is what this test is about"
        with server.start() as again:
            assert ask(again, "SELECT count(*), sum(number) FROM kept") == [(5000, 12502500)]
            assert postmaster_pid(server) != pid
    assert len(watchers(server)) <= 1


def test_a_server_that_was_killed_as_an_unlogged_table_was_taken_back_starts_again(make_server: MakeServer) -> None:
    """Its first recovery ends at a file that it did not expect, and the second removes it."""
    server = make_server()
    with ExitStack() as kept:
        running = kept.enter_context(server.start())
        maker, other = (kept.enter_context(closing(psycopg2.connect(running.admin_dsn("postgres")))) for _ in range(2))
        with maker.cursor() as cursor:
            cursor.execute("CREATE UNLOGGED TABLE taken_back (number integer PRIMARY KEY)")
        with other, other.cursor() as cursor:
            cursor.execute("CREATE TABLE kept AS SELECT 7 AS number")  # its commit writes down what the first one made
        pid = postmaster_pid(server)
        maker.rollback()  # which is written down within a fifth of a second, and done at once
        killed = (pid, maker.info.backend_pid, other.info.backend_pid)
        for signum in (signal.SIGSTOP, signal.SIGKILL):  # none of them lives to see another one's end
            for each in killed:
                os.kill(each, signum)
        wait_for_the_end(pid)
        again = kept.enter_context(server.start())
        assert ask(again, "SELECT number FROM kept") == [(7,)]


def test_a_server_that_recovers_from_a_crash_is_stopped_and_starts_again(
    make_server: MakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL 18 that is told so in the middle of its recovery waits for ever for processes of its own."""
    monkeypatch.setattr(postmaster, "STOP_SECONDS", 2)
    server = make_server()
    with server.start() as running, closing(psycopg2.connect(running.admin_dsn("postgres"))) as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept AS SELECT 7 AS number")
        pid = postmaster_pid(server)
        log = next(places(server).log.glob("server-*.log"))
        os.kill(connection.info.backend_pid, signal.SIGKILL)
        wait_until(lambda: "was interrupted" in log.read_text())
        server.stop()
        wait_for_the_end(pid)
    with server.start() as again:
        assert ask(again, "SELECT number FROM kept") == [(7,)]


def test_stale_file_that_names_a_living_stranger(make_server: MakeServer) -> None:
    """After a restart of the machine another process may have the old server's number."""
    server = make_server()
    server.start().close()
    server.stop()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        stale = places(server).cluster / "postmaster.pid"
        stale.write_text(f"{stranger.pid}\n{places(server).cluster}\n1\n5432\n/nowhere\n\n 1 1\nready   \n")
        assert not server.is_running()
        server.stop()
        assert stranger.poll() is None
        with server.start() as running:
            assert ask(running, "SELECT 1") == [(1,)]
        assert stranger.poll() is None
        stranger.communicate(b"\n")


def test_swept_socket_is_made_anew(make_server: MakeServer) -> None:
    """Cleaners of /tmp and of runtime folders remove the socket of a living server."""
    server = make_server()
    with server.start() as running:
        for entry in Path(running.socket_dir).iterdir():
            entry.unlink()
        assert not server.is_running()
        with server.start() as again:
            assert ask(again, "SELECT 1") == [(1,)]


def test_program_killed_while_it_makes_the_cluster(make_server: MakeServer) -> None:
    """initdb lives on without it: the next program waits for its end, then throws the half away."""
    server = make_server()
    with program(server.data_dir, GRACE_SECONDS) as client:
        wait_until(lambda: made_so_far(server))
        client.kill()
    folders = places(server)
    assert not folders.cluster.exists()
    assert not folders.password.exists()
    with server.start() as running:
        assert ask(running, "SELECT 1") == [(1,)]
    left = {entry.name for top in (folders.data_dir, folders.home) for entry in top.iterdir()}
    assert not {name for name in left if name.endswith(".new") or name.startswith(".")}


def made_so_far(server: BuiltinServer) -> bool:
    """Tell whether initdb has begun to fill the folder."""
    marker = Path(server.data_dir, MARKER_NAME)
    return marker.exists() and (places(server).home / "cluster.new" / "global").exists()


def test_kill_between_cluster_and_password(make_server: MakeServer) -> None:
    """The state on disk after the first of the two renames that end the making."""
    server = make_server()
    server.start().close()
    server.stop()
    folders = places(server)
    folders.password.rename(folders.new_password)
    write_marker(folders, made=False)
    with server.start() as running:
        assert ask(running, "SELECT 1") == [(1,)]
    assert folders.password.exists()
    assert not folders.new_password.exists()
    marker = read_marker(folders.data_dir)
    assert marker is not None
    assert marker.made


def test_restarted_server_is_found_where_it_was(make_server: MakeServer) -> None:
    """A window that stays open while the server is restarted connects again with what it knows."""
    server = make_server(grace_seconds=LONG_GRACE)
    with server.start() as running, program(server.data_dir, LONG_GRACE) as client:
        since = client.started()
        pid = postmaster_pid(server)
        for end in (server.stop, lambda: os.kill(postmaster_pid(server), signal.SIGKILL)):
            end()
            wait_for_the_end(pid)
            with server.start():
                [(now,)] = ask(running, "SELECT pg_postmaster_start_time()::text")
                assert now != since
                since, pid = now, postmaster_pid(server)
        assert len(watchers(server)) == 1
        os.kill(watchers(server)[0], signal.SIGKILL)  # it would wait for a minute


def test_watcher_runs_whatever_python_is_told_by_the_environment(
    make_server: MakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that shadow the library, here and on the caller's path, do not reach it."""
    for name in ("contextlib.py", "sitecustomize.py", "re.py"):
        (tmp_path / name).write_text("raise SystemExit(9)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    monkeypatch.chdir(tmp_path)
    server = make_server()
    with server.start():
        [watcher] = watchers(server)
        assert (places(server).settings / "watcher.log").read_text() == ""
    wait_for_the_end(watcher)
    assert not server.is_running()


@pytest.mark.parametrize("arguments", [[], ["--help"], ["a"] * 7])
def test_watcher_started_by_hand_says_a_sentence(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "desktop_app.server.watcher", *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 2
    assert re.fullmatch(r"Labkeep starts this program itself, .*\n", done.stderr)


def test_folder_deleted_under_a_running_server(make_server: MakeServer, tmp_path: Path) -> None:
    """The old watcher must not stop the server of a folder that was made anew at the same place."""
    server = make_server(tmp_path / "data")
    old = server.start()
    old_places, old_pid = places(server), postmaster_pid(server)
    watcher = FileLock(old_places.lock("watcher"))
    wait_until(lambda: gone(tmp_path / "data"))
    with server.start() as running:
        old.close()
        if old_places.home != tmp_path / "data":  # root's: the old home is elsewhere and its watcher ends it
            wait_for_the_end(old_pid)
            shutil.rmtree(old_places.home)
        watcher.take_exclusive(30)
        watcher.close()
        assert ask(running, "SELECT 1") == [(1,)]
    if is_alive(old_pid):  # it would notice within a minute that its data is gone
        os.kill(old_pid, signal.SIGQUIT)
        wait_for_the_end(old_pid)


def gone(folder: Path) -> bool:
    """Delete a folder of the test under a server that may still write into it; tell whether that is done."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def test_folder_moved_before_the_watcher_is_up(make_server: MakeServer, tmp_path: Path) -> None:
    """The watcher knows its folder by its open lock, not by the path it was told."""
    made, moved = make_server(tmp_path / "made"), make_server(tmp_path / "moved")
    made.start().close()
    made.stop()
    wait_until(lambda: watchers(made) == [])
    with made.start():
        pid = postmaster_pid(made)
        [first] = watchers(made)
        os.kill(first, signal.SIGKILL)
        wait_for_the_end(first)
        folders = places(made)
        start_watcher(folders, find_programs(), GRACE_SECONDS)
        (tmp_path / "made").rename(tmp_path / "moved")
        if folders.home != tmp_path / "made":  # root's home stays where it is: nothing moves for the watcher
            assert places(moved).home == folders.home
    wait_for_the_end(pid)


def test_moved_folder_keeps_its_data(make_server: MakeServer, tmp_path: Path) -> None:
    before, after = make_server(tmp_path / "before"), make_server(tmp_path / "after")
    with before.start() as running:
        ask(running, "CREATE TABLE kept AS SELECT 42 AS answer")
        (tmp_path / "before").rename(tmp_path / "after")
        with after.start() as again:  # the same server, found at its new place
            assert ask(again, "SELECT answer FROM kept") == [(42,)]
            pid = postmaster_pid(after)
    wait_for_the_end(pid)
    with after.start() as running:
        assert ask(running, "SELECT answer FROM kept") == [(42,)]


def test_terminal_signals_of_the_program_do_not_reach_the_server(make_server: MakeServer) -> None:
    """Ctrl+C and a closed terminal go to a whole process group; the server is not in it."""
    server = make_server(grace_seconds=LONG_GRACE)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        with program(server.data_dir, LONG_GRACE, process_group=0) as client:
            client.started()
            pid = postmaster_pid(server)
            os.killpg(client.process.pid, number)
            client.process.wait(30)
            server.start().close()
            assert postmaster_pid(server) == pid
    os.kill(watchers(server)[0], signal.SIGKILL)  # it would wait for a minute
