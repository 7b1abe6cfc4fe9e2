"""From PostgreSQL 15 to 18 as docs/administrator.md says it; that a backup goes there is in test_backup.py, too."""

import os
import subprocess
from pathlib import Path

import pytest

from desktop_app.server.account import ensure_account, running_as_root
from desktop_app.server.programs import find_programs
from tests import servers
from tests.e2e.labkeep_admin import Admin
from tests.servers import SUPERUSER, SYSTEM_MAJOR, remove_server, short_folder

pytestmark = pytest.mark.full
GOOD = "Walnut-Ferry-53"


def test_pg_upgrade_stops_and_leaves_the_old_cluster_and_a_backup_goes_over(tmp_path: Path) -> None:
    """Should pg_upgrade come through one day, the page has to say what it leaves undone."""
    root = Admin(tmp_path / "home").as_user("root.admin", GOOD)
    other = Admin(tmp_path / "other").as_user("root.admin", GOOD)
    store, dsn, backups = tmp_path / "store", tmp_path / "dsn", tmp_path / "backups"
    store.mkdir()
    try:
        with short_folder() as folder:
            system = servers._system_server(servers.system_programs(SYSTEM_MAJOR), folder, ())
            with system as server:
                dsn.write_text(server.admin_dsn + "\n")
                words = ("init", "--admin", "root.admin", "--name", "Our lab", "--store", store, "--dsn-file", dsn)
                root.json(*words, "--demo")
                before = root.json("document", "list", "--center", "istanbul")
                root.json("backup", backups, "--dsn-file", dsn)
            said = pg_upgrade(folder, server.superuser_password)
            assert "*failure*" in said
            assert "pg_logical_emit_message(boolean, text, bytea) does not exist" in said
            assert (folder / "data" / "global" / "pg_control").exists(), (
                "it would be .old if the new one had taken over"
            )
        back = other.json("restore", backups, "--store", store)
        assert back["problems"] == []
        other.json("audit", "restored", "--reason", "New major version of PostgreSQL")
        assert other("status", "--json").json["server_version"].startswith("18")
        assert other.json("document", "list", "--center", "istanbul") == before
        assert all(each["ok"] for each in other.json("document", "verify", "--all", "--center", "istanbul"))
        # What pg_upgrade would not have brought: who leaves is put out of his groups.
        other.json("user", "deactivate", "elif.viewer")
        # What schemas look like is known for each major version by itself; migrate makes it anew.
        assert {each["code"] for each in other("doctor", "--json").json} == {"schema_not_compared"}
        other.json("migrate")
        found = other("doctor", "--json").json  # named, so that a failure shows it
        assert found == []
    finally:
        remove_server(tmp_path / "other")


def pg_upgrade(folder: Path, password: str) -> str:
    """What it says, and its logs; the old cluster is in ``data``, and must be stopped."""
    new, account = find_programs().folder, ensure_account() if running_as_root() else None
    environment = servers._environment() | {"PGPASSWORD": password}
    old = servers.system_programs(SYSTEM_MAJOR) / "postgres"
    work = folder / "work"
    work.mkdir()
    servers._own(work, account)

    def run(*command: str | Path) -> str:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command,
            cwd=work,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            **servers._identity(account),
        )
        return done.stdout + done.stderr

    made = run(
        *(new / "initdb", "-D", folder / "new", "-U", SUPERUSER, f"--pwfile={folder / 'password'}"),
        *("-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-data-checksums"),
    )
    assert "Success" in made
    ends = ("-b", os.path.realpath(old.parent / "postgres").rpartition("/")[0], "-B", new)
    said = run(new / "pg_upgrade", *ends, "-d", folder / "data", "-D", folder / "new", "-U", SUPERUSER, "-s", folder)
    return said + "".join(each.read_text() for each in sorted((folder / "new").rglob("pg_upgrade_dump_*.log")))
