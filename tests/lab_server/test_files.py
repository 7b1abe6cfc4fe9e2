"""What labkeep-server writes and refuses, without a server: the real one is in test_real_server.py."""

import grp
import os
import pwd
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from shutil import which

import pytest

from desktop_app.db.connection import POOL_SIZE
from labserver import centers, postgres, share_files
from labserver.backups import units
from labserver.machine import Machine, Refused
from labserver.postgres_files import POOL, connections, hba_text, ident_text, settings_text
from labserver.settings import Settings, checked
from tests.servers import SYSTEM_MAJOR, system_programs

PROJECT = Path(__file__).resolve().parents[2]
GOOD = Settings(name="labdb.example.org", networks=("10.20.0.0/16", "fd00:20::/64"), windows=40)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "Lab DB"}, "--name"),
        ({"name": ""}, "--name"),
        ({"networks": ()}, "--network is needed"),
        ({"networks": ("0.0.0.0/0",)}, "is everybody"),
        ({"networks": ("10.20.0.1/16",)}, "has host bits set"),
        ({"networks": ("trust",)}, "--network trust"),
        ({"addresses": ("a b",)}, "“a b” is no name"),
        ({"windows": 0}, "--windows"),
        ({"cluster": "../main"}, "--cluster"),
        ({"port": 65536}, "--port"),
        ({"postgresql": 14}, "15 or newer"),
        ({"at": "24:00"}, "--at"),
        ({"store": "/srv/a b"}, "--store"),
        ({"store": "/srv/../etc"}, "--store"),
        ({"store": "/srv/x\n[other]"}, "--store"),
        ({"backups": "/srv/labkeep/store/backups"}, "must not lie in each other"),
        ({"certificate": "/a"}, "go together"),
        ({"drill_user": "root.admin"}, "--drill-user"),
        ({"drill_user": "a\nExecStart=/bin/sh", "drill_password_file": "/root/drill"}, "no user name"),
        ({"drill_user": "a", "drill_password_file": "drill"}, "--drill-password-file"),
        ({"labkeep_admin": "/bin/sh -c x"}, "--labkeep-admin"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        checked(replace(GOOD, **wrong))  # type: ignore[arg-type]  # of many types


def test_good_settings_are_taken() -> None:
    assert checked(GOOD) is GOOD


def test_each_window_has_its_connections() -> None:
    """What the program opens at most is what the server is told to have room for."""
    assert POOL == POOL_SIZE + 2
    assert [connections(windows) for windows in (1, 4, 5, 40)] == [43, 43, 45, 220]
    # Ten for each login is what the program gives where a quarter of what there is suffices.
    assert (connections(1) - 3) // 4 == 10


def test_postgresql_reads_its_settings(tmp_path: Path) -> None:
    file = tmp_path / "postgresql.conf"
    file.write_text(settings_text(GOOD, 16_000, ("/etc/labkeep/tls/server.crt", "/etc/labkeep/tls/server.key")))
    tmp_path.chmod(0o700)
    wanted = {"max_connections": "220", "ssl": "on", "log_min_error_statement": "panic", "shared_buffers": "512000"}
    for name, value in wanted.items():
        command = [str(system_programs(SYSTEM_MAJOR) / "postgres"), "-C", name, "-D", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.stdout.strip(), done.returncode) == (value, 0), done.stderr


def test_only_people_come_by_the_network_and_only_by_tls() -> None:
    rules = [line.split() for line in hba_text(GOOD).splitlines() if not line.startswith("#")]
    by_network = [rule for rule in rules if rule[0] != "local"]
    assert by_network == [["hostssl", "labkeep", "+labkeep_app", net, "scram-sha-256"] for net in GOOD.networks]
    assert {tuple(rule[2:4]) for rule in rules if rule[0] == "local"} == {
        ("postgres", "peer"),
        ("labkeep_backup", "peer"),
        ("+labkeep_app", "scram-sha-256"),
    }
    maps = [line.split()[1:] for line in ident_text().splitlines() if not line.startswith("#")]
    assert maps == [["postgres", "postgres"], ["root", "postgres"], ["labkeep-backup", "labkeep_backup"]]


def test_samba_takes_its_file(tmp_path: Path) -> None:
    text = share_files.smb_text(GOOD, "/srv/labkeep/store-snapshots")
    for each in ("server smb encrypt = required", "server min protocol = SMB3_11", "map to guest = never"):
        assert f"   {each}\n" in text
    assert "shadow_copy2" not in share_files.smb_text(GOOD, None)
    if testparm := which("testparm"):
        file = tmp_path / "smb.conf"
        file.write_text(text)
        done = subprocess.run([testparm, "-s", file], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "Unknown parameter" not in done.stderr
        assert "valid users = @labkeep-share" in done.stdout


def test_a_machine_that_shares_something_else_is_noticed() -> None:
    assert share_files.foreign_shares("[global]\n[homes]\n[printers]\n[print$]\n[labkeep]\n") == []
    assert share_files.foreign_shares("[global]\n  [films]\n;[old]\n") == ["films"]


def test_units_name_what_they_run() -> None:
    made = units(replace(GOOD, drill_user="drill.admin", drill_password_file="/root/drill"))
    assert "labkeep-admin backup /var/backups/labkeep --keep 30 --dsn-file" in made["labkeep-backup.service"]
    assert "restore /var/backups/labkeep --drill\n" in made["labkeep-drill.service"]
    assert "LoadCredential=password:/root/drill\n" in made["labkeep-drill.service"]
    without = units(GOOD)["labkeep-drill.service"]
    assert "--check\n" in without
    assert "LABKEEP_USER" not in without


def test_the_newest_version_is_found() -> None:
    said = "postgresql-15 - database\npostgresql-17 - database\npostgresql-9 - old\n"
    assert postgres.majors_offered(said) == [17, 15, 9]
    assert postgres.majors_offered("") == []


def test_a_center_is_its_id() -> None:
    schema = "center_" + "0123456789abcdef" * 2
    assert centers.read_centers(f"{schema}\tOne\tone\n") == [centers.Center(schema, "One", "one")]
    assert centers.group_of(schema) == "labkeep-0123456789abcdef"
    assert centers.read_centers(f"{schema}\tOne\x1b[2J\tone\n")[0].name == "One?[2J"
    with pytest.raises(Refused, match="no such name"):
        centers.read_centers("../etc\tOne\tone\n")


def test_steps_look_before_they_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    owner, group = _me()
    dry, machine = Machine(dry_run=True), Machine()
    place, file = tmp_path / "a" / "b", tmp_path / "a" / "file"
    for each in (dry, machine):
        each.folder(place, 0o750, owner, group)
        each.file(file, "one\n", 0o640, owner, group)
        assert place.exists() == (each is machine)
    assert dry.changes == machine.changes == 2
    machine.folder(place, 0o750, owner, group)
    assert machine.file(file, "one\n", 0o640, owner, group) is False
    assert machine.changes == 2
    file.chmod(0o666)
    machine.file(file, "one\n", 0o640, owner, group)
    assert (machine.changes, file.stat().st_mode & 0o777) == (3, 0o640)
    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()] == ["would"] * 2 + ["now"] * 3
    link = tmp_path / "link"
    link.symlink_to(file)
    with pytest.raises(Refused, match="is a link"):
        machine.file(link, "two\n")
    with pytest.raises(Refused, match="is no folder"):
        machine.folder(link, 0o700)
    assert file.read_text() == "one\n"


def _me() -> tuple[str, str]:
    return pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name


def test_a_dry_run_and_a_refusal_change_nothing() -> None:
    program = PROJECT / "packaging" / "server" / "labkeep-server"

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, program, *words], capture_output=True, text=True, check=False)

    before = [path for path in (Path("/etc/labkeep"), Path("/srv/labkeep")) if path.exists()]
    done = run("setup", "--dry-run", "--name", "labdb.example.org", "--network", "10.20.0.0/16", "--port", "54329")
    assert "now: " not in done.stdout
    if Path("/etc/debian_version").exists():
        assert "would: write /etc/samba/smb.conf" in done.stdout, done.stderr
    refused = run("setup", "--dry-run", "--name", "labdb.example.org", "--network", "everybody")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert before == [path for path in (Path("/etc/labkeep"), Path("/srv/labkeep")) if path.exists()]
