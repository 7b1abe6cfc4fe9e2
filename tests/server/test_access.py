"""Who gets in: nobody without the password, nobody over the network, nobody past the folder's permissions."""

import os
import re
import stat
from pathlib import Path

import psycopg2
import pytest

from desktop_app.server.launcher import BuiltinServer
from desktop_app.server.running_server import RunningServer
from tests.server.programs_under_test import ask, places


def connect(running: RunningServer, **options: object) -> None:
    arguments = {"host": running.socket_dir, "port": running.port, "dbname": "postgres", "user": running.superuser}
    psycopg2.connect(**{**arguments, "passfile": "/dev/null", **options}).close()


def test_right_password_by_scram_is_let_in(running: RunningServer) -> None:
    connect(running, password=running.superuser_password.reveal().decode(), require_auth="scram-sha-256")


@pytest.mark.parametrize("password", ["", "wrong", "labkeep_server", " "])
def test_wrong_password_is_refused(running: RunningServer, password: str) -> None:
    with pytest.raises(psycopg2.OperationalError, match=r"password authentication failed|no password supplied"):
        connect(running, password=password)


def test_missing_password_is_refused(running: RunningServer) -> None:
    with pytest.raises(psycopg2.OperationalError, match="no password supplied"):
        connect(running)


@pytest.mark.parametrize("way", ["none", "password", "md5", "gss", "!scram-sha-256"])
def test_server_offers_no_weaker_way_in(running: RunningServer, way: str) -> None:
    with pytest.raises(psycopg2.OperationalError, match="authentication method requirement"):
        connect(running, password=running.superuser_password.reveal().decode(), require_auth=way)


@pytest.mark.parametrize("user", ["postgres", "labkeep", "root", "nobody"])
def test_usual_names_do_not_exist(running: RunningServer, user: str) -> None:
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        connect(running, user=user, password="guess")


def test_replication_has_no_rule(running: RunningServer) -> None:
    with pytest.raises(psycopg2.OperationalError, match=r"no pg_hba\.conf entry for replication"):
        connect(running, password=running.superuser_password.reveal().decode(), replication="true")


def test_only_scram_rules_are_loaded(running: RunningServer) -> None:
    assert ask(running, "SELECT DISTINCT auth_method, error FROM pg_hba_file_rules") == [("scram-sha-256", None)]
    stored = ask(running, "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolcanlogin")
    assert stored == [(True,)]


def test_nothing_listens_on_tcp(server: BuiltinServer, running: RunningServer) -> None:
    assert running.socket_dir
    with pytest.raises(psycopg2.OperationalError, match="refused"):
        connect(running, host="127.0.0.1", password=running.superuser_password.reveal().decode())
    server_process = int((places(server).cluster / "postmaster.pid").read_text().splitlines()[0])
    held = {str(entry.readlink()) for entry in Path(f"/proc/{server_process}/fd").iterdir()}
    tables = [Path(f"/proc/{server_process}/net/{name}").read_text() for name in ("tcp", "tcp6", "udp", "udp6")]
    network = {f"socket:[{line.split()[9]}]" for table in tables for line in table.splitlines()[1:]}
    sockets = {name for name in held if name.startswith("socket:")}
    assert sockets, "the server has its Unix socket at least"
    assert not sockets & network


def test_folders_are_private(server: BuiltinServer, running: RunningServer) -> None:
    folders = places(server)
    for place in (Path(running.socket_dir), folders.cluster, folders.log, folders.data_dir):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700, place
    assert stat.S_IMODE(folders.password.stat().st_mode) == 0o600
    assert folders.password.stat().st_uid == os.geteuid()


def test_password_is_in_one_file_only(server: BuiltinServer, running: RunningServer) -> None:
    folders = places(server)
    secret = running.superuser_password.reveal()
    found = {
        entry
        for top in {folders.data_dir, folders.home}
        for entry in top.rglob("*")
        if entry.is_file() and secret in entry.read_bytes()
    }
    assert found == {folders.password}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
        except OSError:
            continue  # it has ended meanwhile
        assert secret not in words


def test_server_cannot_write_its_own_rules(server: BuiltinServer, running: RunningServer) -> None:
    """Under root the configuration is root's; for an ordinary user it is the user's, like everything."""
    settings = places(server).settings
    assert settings.stat().st_uid == os.geteuid()
    assert all(entry.stat().st_uid == os.geteuid() for entry in settings.iterdir())
    rules = [line for line in (settings / "pg_hba.conf").read_text().splitlines() if line]
    assert rules
    assert all(re.search(r"\sscram-sha-256$", line) for line in rules)
