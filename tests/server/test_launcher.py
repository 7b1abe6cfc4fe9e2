"""Starting, using and removing the built-in server in one program."""

import os
import pickle
import re
import subprocess
from pathlib import Path

import psycopg2.errors
import pytest

from desktop_app.server.launcher import BuiltinServer
from desktop_app.server.programs import find_programs
from desktop_app.server.running_server import RunningServer
from tests.server.conftest import MakeServer
from tests.server.programs_under_test import ask, places


def test_constructor_makes_and_starts_nothing(tmp_path: Path) -> None:
    server = BuiltinServer(tmp_path / "server")
    assert not server.is_running()
    server.stop()
    server.remove()
    assert list(tmp_path.iterdir()) == []


def test_cold_start_then_warm_start_then_restart(make_server: MakeServer) -> None:
    server = make_server()
    with server.start() as running:
        assert server.is_running()
        ask(running, "CREATE TABLE kept AS SELECT 'bit for bit' AS content")
        since = ask(running, "SELECT pg_postmaster_start_time()")
        with server.start() as again:
            assert ask(again, "SELECT pg_postmaster_start_time()") == since
            assert again.socket_dir == running.socket_dir
        server.stop()
        assert not server.is_running()
    with server.start() as running:
        assert ask(running, "SELECT content FROM kept") == [("bit for bit",)]


def test_cluster_is_made_as_the_design_says(running: RunningServer) -> None:
    settings = dict(ask(running, "SELECT name, setting FROM pg_settings"))
    expected = {
        "server_encoding": "UTF8",
        "data_checksums": "on",
        "password_encryption": "scram-sha-256",
        "listen_addresses": "",
        "TimeZone": "UTC",
        "jit": "off",
        "fsync": "on",
        "max_connections": "50",
        "max_locks_per_transaction": "1024",
        "log_statement": "none",
        "unix_socket_permissions": "0700",
    }
    assert {name: settings[name] for name in expected} == expected
    locale = ask(
        running, "SELECT datlocprovider::text, datlocale, datcollate FROM pg_database WHERE datname = 'template1'"
    )
    assert locale == [("b", "C.UTF-8", "C")]
    assert ask(running, "SELECT rolname FROM pg_roles WHERE rolcanlogin") == [("labkeep_server",)]


def test_version_and_programs_fit_the_server(running: RunningServer) -> None:
    [(said,)] = ask(running, "SHOW server_version")
    assert said == find_programs().version
    assert running.psql_path is not None
    done = subprocess.run(
        [running.psql_path, "-AtXc", "SELECT upper('ışık'), current_database()", running.admin_dsn("template1")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip().endswith("|template1")


def test_closing_twice_is_harmless(server: BuiltinServer, running: RunningServer) -> None:
    second = server.start()
    second.close()
    second.close()
    assert ask(running, "SELECT 1") == [(1,)]


def test_password_shows_itself_only_when_asked(running: RunningServer) -> None:
    password = running.superuser_password
    assert len(password.reveal()) >= 32
    shown = f"{password} {password!r} {running!r} {vars(running)}"
    assert password.reveal().decode() not in shown
    with pytest.raises(TypeError):
        pickle.dumps(password)


def test_removing_deletes_everything_that_was_made(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server(tmp_path / "a")
    running = server.start()
    home, sockets = places(server).home, Path(running.socket_dir)
    running.close()
    server.remove()
    assert list((tmp_path / "a").iterdir()) == []
    assert home == tmp_path / "a" or not home.exists()
    assert not sockets.exists()
    with server.start() as running:  # and the folder can be used again
        assert ask(running, "SELECT count(*) FROM pg_database") == [(3,)]


def test_nothing_secret_reaches_the_logs(make_server: MakeServer) -> None:
    server = make_server()
    with server.start() as running:
        ask(running, "CREATE TABLE patients (name text PRIMARY KEY)")
        ask(running, "INSERT INTO patients VALUES ('Ayşe Patient')")
        with pytest.raises(psycopg2.errors.UniqueViolation, match="already exists"):
            ask(running, "INSERT INTO patients VALUES ('Ayşe Patient')")
        with pytest.raises(psycopg2.errors.SyntaxError, match="unrecognized role option"):
            ask(running, "CREATE ROLE somebody PASSWORD 'open-sesame' nonsense")
        ask(running, "CREATE ROLE anybody PASSWORD 'open-sesame'")
        secret = running.superuser_password.reveal().decode()
    server.stop()
    text = "".join(entry.read_text() for entry in sorted(places(server).log.iterdir()))
    assert re.search("duplicate key value", text)
    for word in ("open-sesame", "Ayşe", secret):
        assert word not in text


def test_caller_environment_does_not_reach_the_server(make_server: MakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGDATA": "/nowhere", "PGPORT": "1", "PGOPTIONS": "-c work_mem=1", "LC_ALL": "tr_TR"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PGOPTIONS")
    with make_server().start() as running:
        assert ask(running, "SHOW port") == [("5432",)]
        assert ask(running, "SHOW lc_messages") == [("C",)]
    assert os.environ["PGDATA"] == "/nowhere"
