"""labkeep-server on a machine beside this one: a real PostgreSQL, a real Samba, a backup and its trial.

Each test goes on where the one before it ended, as an administrator does; `make test-full` runs them.
"""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from labserver.postgres_files import POOL, connections
from tests.lab_server.namespace import ADDRESS, NAME, NETWORK, SERVER, STRANGER, Done, OtherMachine, other_machine
from tests.lab_server.smb_mount import mount

pytestmark = pytest.mark.full
PASSWORD, AYSE, BOB = "Walnut-Ferry-53", "Copper-Meadow-38", "Granite-Orchard-64"
ROOT = "/etc/labkeep/tls/labkeep-root.crt"
DSN = "host=/var/run/postgresql port=5432 user=postgres"
BACKUP_HOME = "/var/lib/labkeep-backup"
WINDOWS = 12


@dataclass(frozen=True)
class Lab:
    """The server, its system administrator, and a workstation that reaches it by its name."""

    machine: OtherMachine

    def server(self, *words: str, text: str = "") -> str:
        return self.machine.good(SERVER, *words, text=text)

    def refused(self, *words: str, text: str = "") -> str:
        done = self.machine.run(SERVER, *words, text=text)
        assert done.status == 1, done
        return done.err.strip()

    def admin(self, *words: str | Path, home: str = "/root/workstation", password: str = PASSWORD) -> Done:
        variables = {"LABKEEP_USER": "root.admin", "LABKEEP_PASSWORD": password, "LABKEEP_HOME": home}
        return self.machine.run("labkeep-admin", *words, variables=variables)

    def json(self, *words: str | Path, home: str = "/root/workstation") -> Any:
        done = self.admin(*words, "--json", home=home)
        assert done.status == 0, done
        return json.loads(done.out)

    def sql(self, statement: str) -> str:
        return self.machine.good("psql", "-XAtqc", statement, "labkeep", user="postgres").strip()

    def sql_of_cluster(self, statement: str) -> str:
        return self.machine.good("psql", "-XAtqc", statement, "postgres", user="postgres").strip()

    def connect(self, address: str, sslmode: str, root: str = ROOT, user: str = "postgres") -> str:
        """What a client gets that asks for the database."""
        dsn = f"host={NAME} hostaddr={address} dbname=labkeep user={user} password=x sslmode={sslmode}"
        done = self.machine.run("psql", "-Xc", "select 1", f"{dsn} sslrootcert={root}")
        assert done.status == 2, done
        return done.err

    def smb(self, person: str, password: str, command: str, address: str = NAME) -> str:
        done = self.machine.run("smbclient", "-U", f"{person}%{password}", f"//{address}/labkeep", "-c", command)
        return done.out + done.err

    def folder(self, slug: str) -> Path:
        found = next(each for each in self.json("center", "list") if each["slug"] == slug)
        return Path("/srv/labkeep/store") / f"center_{found['id'].replace('-', '')}"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    # Not below the session's folder: other accounts enter it.
    with tempfile.TemporaryDirectory(prefix="labkeep-machine-") as folder, other_machine(Path(folder)) as machine:
        yield Lab(machine)


def test_the_server_is_set_up_and_a_second_time_changes_nothing(lab: Lab) -> None:
    words = ("setup", "--name", NAME, "--network", NETWORK, "--windows", str(WINDOWS))
    would = lab.server(*words, "--dry-run")
    assert "now: " not in would
    assert not Path(f"/proc/{lab.machine.init}/root/etc/labkeep").exists()
    said = lab.server(*words)
    assert f'init --admin NAME --store /srv/labkeep/store --recovery-kit FILE --dsn "{DSN}"' in said
    lab.machine.good("smbd", "-D")
    assert "nothing was changed" in lab.server("setup")
    assert lab.sql_of_cluster("SHOW max_connections") == str(connections(WINDOWS))
    assert "has port 5432" in lab.refused("setup", "--cluster", "another")


def test_one_line_makes_the_installation(lab: Lab) -> None:
    assert "no installation" in lab.refused("check")
    variables = {"LABKEEP_PASSWORD": PASSWORD}
    words = ("init", "--admin", "root.admin", "--store", "/srv/labkeep/store", "--recovery-kit", "/root/kit.txt")
    lab.machine.good("labkeep-admin", *words, "--dsn", DSN, variables=variables)


def test_people_come_over_tls_from_the_named_networks_and_nobody_else(lab: Lab) -> None:
    person = lab.sql("SELECT rolname FROM pg_roles WHERE rolname ~ '^u_'")
    assert "password authentication failed" in lab.connect(ADDRESS, "verify-full", user=person)
    assert "no encryption" in lab.connect(ADDRESS, "disable", user=person)
    assert "no pg_hba.conf entry" in lab.connect(STRANGER, "verify-full", user=person)
    for role in ("postgres", "labkeep_backup"):
        assert "no pg_hba.conf entry" in lab.connect(ADDRESS, "verify-full", user=role)
    lab.machine.good(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
        *("-keyout", "/root/other.key", "-out", "/root/other.crt", "-subj", "/CN=Labkeep labdb.example.org"),
    )
    assert "certificate verify failed" in lab.connect(ADDRESS, "verify-full", "/root/other.crt", user=person)
    assert lab.machine.run("psql", "-Xc", "select 1", "labkeep", user="labkeep-backup").status == 2
    own = f"{DSN.replace('user=postgres', 'user=labkeep_backup')} dbname=labkeep"
    as_backup = lab.machine.good("psql", "-XAtc", "show transaction_read_only", own, user="labkeep-backup")
    assert as_backup.strip() == "on"


def test_a_workstation_signs_in_by_the_exported_profile(lab: Lab) -> None:
    share = mount_place(lab)
    words = ("profile", "export", "/root/lab.toml", "--host", NAME, "--sslrootcert", ROOT, "--store", share)
    assert lab.admin(*words, home="").status == 0
    assert lab.admin("profile", "import", "/root/lab.toml").status == 0
    for name in ("Alpha", "Beta"):
        lab.json("center", "create", name, "--slug", name.lower())
    tls = lab.sql("SELECT count(*) FROM pg_stat_ssl WHERE ssl AND version <> 'TLSv1.3'")
    assert tls == "0"


def mount_place(_lab: Lab) -> str:
    return f"/root/ayse/mnt/{NAME}/labkeep"


def test_centers_and_people_of_the_share(lab: Lab) -> None:
    assert "has no folder" in lab.refused("check")
    assert "no folder on the share yet" in lab.refused("person", "add", "ayse", "--center", "alpha")
    lab.server("center", "add", "alpha")
    lab.server("center", "add")
    assert "nothing was changed" in lab.server("center", "add")
    lab.server("person", "add", "ayse", "--center", "alpha", "--password-file", "-", text=f"{AYSE}\n")
    lab.server("person", "add", "bob", "--center", "Beta", "--password-file", "-", text=f"{BOB}\n")
    assert "nothing was changed" in lab.server("person", "add", "bob", "--center", "beta")
    assert "other uses" in lab.refused(
        "person", "add", "postgres", "--center", "beta", "--password-file", "-", text="x\n"
    )


def test_only_members_reach_a_center_and_only_encrypted(lab: Lab) -> None:
    alpha, beta = lab.folder("alpha").name, lab.folder("beta").name
    assert alpha in lab.smb("ayse", AYSE, "ls")
    assert "NT_STATUS_ACCESS_DENIED listing" in lab.smb("ayse", AYSE, f"ls {beta}/*")
    assert "NT_STATUS_ACCESS_DENIED making" in lab.smb("ayse", AYSE, f"mkdir {beta}/00")
    assert "NT_STATUS_ACCESS_DENIED making" in lab.smb("ayse", AYSE, "mkdir other")
    assert "NT_STATUS_ACCESS_DENIED deleting" in lab.smb("ayse", AYSE, "rm labkeep-store.toml")
    assert "NT_STATUS_LOGON_FAILURE" in lab.smb("ayse", BOB, "ls")
    assert "NT_STATUS" in lab.smb("ayse", AYSE, "ls", STRANGER)
    anonymous = lab.machine.run("smbclient", "-N", f"//{NAME}/labkeep", "-c", "ls")
    assert "NT_STATUS_ACCESS_DENIED" in anonymous.out + anonymous.err
    old = lab.machine.run(
        *("smbclient", "--option=client min protocol=SMB2_02", "-m", "SMB2_10", "-U", f"ayse%{AYSE}"),
        *(f"//{NAME}/labkeep", "-c", "ls"),
    )
    assert "NT_STATUS" in old.out + old.err


def test_a_document_goes_through_the_share_and_comes_back(lab: Lab) -> None:
    share = mount(lab.machine, "ayse", AYSE)
    assert str(share) == mount_place(lab)
    lab.machine.good("sh", "-c", "head -c 300000 /dev/urandom > /root/a.bin")
    # smbnetfs lets go of a closed file a moment later, and refuses to rename it until then; a kernel's cifs does not.
    for number in range(20):
        done = lab.admin("document", "add", "/root/a.bin", "--center", "alpha", "--on-conflict", "keep")
        if done.status == 0:
            break
        assert number < 19, done
    lab.json("document", "get", "a.bin", "--center", "alpha", "--to", "/root/b.bin")
    lab.machine.good("cmp", "/root/a.bin", "/root/b.bin")
    stored = lab.machine.good("find", lab.folder("alpha"), "-type", "f", "-printf", "%u %g %m\n").split("\n")[0].split()
    assert stored[:2] == ["ayse", lab.machine.good("stat", "-c", "%G", lab.folder("alpha")).strip()]
    assert stored[2].endswith("0"), "nothing for others"
    refused = lab.admin("document", "add", "/root/a.bin", "--center", "beta")
    assert refused.status == 1
    assert "Nothing was saved" in refused.err
    codes = {each["code"] for each in json.loads(lab.admin("status", "--json").out)["findings"]}
    assert "store_read_only" not in codes, codes


def test_what_a_restore_left_is_given_to_the_group_again_and_links_are_passed_over(lab: Lab) -> None:
    folder = lab.folder("alpha")
    lab.machine.good("sh", "-c", f"mkdir -m 700 {folder}/fe && touch {folder}/fe/new && chmod 600 {folder}/fe/new")
    lab.machine.good("sh", "-c", f"ln -s /etc/shadow {folder}/fe/link; ln -s /root {folder}/ff")
    before = lab.machine.good("stat", "-c", "%a %G", "/etc/shadow", "/root")
    assert "give 2 files and folders of Alpha to its group" in lab.server("center", "add", "alpha")
    assert "nothing was changed" in lab.server("center", "add", "alpha")
    group = lab.machine.good("stat", "-c", "%G", folder).strip()
    told = lab.machine.good("stat", "-c", "%a %G", f"{folder}/fe", f"{folder}/fe/new")
    assert told == f"2770 {group}\n660 {group}\n"
    assert lab.machine.good("stat", "-c", "%a %G", "/etc/shadow", "/root") == before
    lab.machine.good("cat", f"{folder}/fe/new", user="labkeep-backup")
    lab.machine.good("rm", "-r", f"{folder}/fe", f"{folder}/ff")


def test_snapshots_are_shown_on_the_share(lab: Lab) -> None:
    lab.server("snapshot")
    shown = lab.smb("ayse", AYSE, "allinfo labkeep-store.toml")
    (taken,) = lab.machine.good("ls", "/srv/labkeep/store-snapshots").split()
    assert taken in shown


def test_the_nightly_backup_is_signed_and_comes_back(lab: Lab) -> None:
    assert "Nothing is backed up yet" in lab.refused("check")
    lab.server("backups", "--user", "root.admin", "--password-file", "-", text=f"{PASSWORD}\n")
    made = run_unit(lab, "labkeep-backup")
    assert "is complete: 1 files, 1 of them new" in made.out, made
    assert "Nobody signed it" not in made.err
    words = ("--drill-user", "root.admin", "--drill-password-file", "/root/drill")
    lab.machine.good("sh", "-c", f"umask 077; echo {PASSWORD} > /root/drill")
    lab.server("setup", *words)
    lab.machine.good("install", "-m", "644", "/root/drill", "/var/lib/labkeep-backup/credential")
    tried = run_unit(lab, "labkeep-drill", LABKEEP_PASSWORD_FILE="/var/lib/labkeep-backup/credential")
    assert "1 files are the ones that were signed" in tried.out, tried
    assert lab.server("check") == "Nothing is wrong.\n"
    lab.machine.good("sh", "-c", "systemd-analyze verify /etc/systemd/system/labkeep-*.timer")


def run_unit(lab: Lab, name: str, **more: str) -> Done:
    """What systemd would start, as the unit says it."""
    text = lab.machine.good("cat", f"/etc/systemd/system/{name}.service")
    lines = dict(line.partition("=")[::2] for line in text.splitlines() if line.startswith(("ExecStart", "User")))
    given = dict(line.split("=", 2)[1:] for line in text.splitlines() if line.startswith("Environment="))
    done = lab.machine.run(*lines["ExecStart"].split(), user=lines["User"], variables={**given, **more})
    assert done.status == 0, done
    return done


def test_a_window_takes_no_more_connections_than_are_kept_for_it(lab: Lab) -> None:
    script = Path(__file__).with_name("windows_at_work.py")
    lab.machine.good("sh", "-c", "echo Juniper-Window-52 > /root/first")
    for number in range(WINDOWS):
        words = ("user", "create", f"window.{number}", "--email", f"w{number}@example.org", "--role", "viewer")
        lab.json(*words, "--center", "alpha", "--password-file", "/root/first", "--keep-password")
    variables = {"LABKEEP_HOME": "/root/workstation", "LABKEEP_PASSWORD": PASSWORD}
    measured = json.loads(lab.machine.good("labkeep-python", script, str(WINDOWS), variables=variables, seconds=500))
    print(measured)
    assert measured["windows"] == WINDOWS
    assert measured["problems"] == []
    assert measured["most"] <= POOL * WINDOWS


def test_who_leaves_the_share_is_out_at_once(lab: Lab) -> None:
    lab.server("person", "remove", "ayse")
    assert "NT_STATUS_LOGON_FAILURE" in lab.smb("ayse", AYSE, "ls")
    assert lab.machine.run("id", "ayse").status == 1
    assert "There is no account ayse" in lab.refused("person", "remove", "ayse")


def test_the_certificate_is_made_anew_for_another_name_and_the_root_stays(lab: Lab) -> None:
    before = lab.machine.good("cat", ROOT)
    said = lab.server("setup", "--address", "labdb2.test")
    assert f"make the server's certificate for DNS:{NAME},DNS:labdb2.test" in said
    assert lab.machine.good("cat", ROOT) == before
    assert lab.admin("center", "list").status == 0


def test_the_hospital_s_own_certificate_is_taken_and_a_wrong_one_refused(lab: Lab) -> None:
    lab.machine.good("bash", "-c", _OWN_CERTIFICATE, "-", NAME)
    files = ("--certificate", "/root/own/server.crt", "--key", "/root/own/server.key", "--root", "/root/own/ca.crt")
    before = lab.machine.good("cat", "/etc/labkeep/tls/server.crt")
    assert "go together" in lab.refused("setup", *files[:2])
    assert "is not the key of" in lab.refused("setup", *files[:2], "--key", "/root/own/ca.key", *files[4:])
    assert "is not for" in lab.refused("setup", "--name", "other.example.org", *files)
    assert lab.machine.good("cat", "/etc/labkeep/tls/server.crt") == before
    lab.server("setup", *files)
    assert "nothing was changed" in lab.server("setup")
    assert lab.admin("center", "list").status == 0, "by the root file, which is the hospital's now"
    assert lab.machine.good("cat", ROOT) == lab.machine.good("cat", "/root/own/ca.crt")


_OWN_CERTIFICATE = """
set -eu
mkdir /root/own && cd /root/own
new="openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
$new -x509 -keyout ca.key -out ca.crt -subj /CN=Hospital
$new -keyout server.key -out request -subj "/CN=$1"
echo "subjectAltName=DNS:$1" > extensions
openssl x509 -req -in request -CA ca.crt -CAkey ca.key -set_serial 2 -out server.crt -extfile extensions
"""
