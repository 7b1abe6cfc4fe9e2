"""Secrets stay out of arguments, output and the log; psql runs under the person's own rights."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.conftest import DemoPeople
from tests.e2e.labkeep_admin import PROGRAM, PROJECT, Admin, Answer


@dataclass(frozen=True)
class Shell:
    """psql inside this process's labkeep-admin; what it writes goes past Python, to the descriptors themselves."""

    capture: pytest.CaptureFixture[str]

    def __call__(self, by: Admin, *statements: str, center: str = "") -> Answer:
        where = ("--center", center) if center else ()
        self.capture.readouterr()
        said = by("psql", *where, "--", *_arguments(*statements))
        written = self.capture.readouterr()
        return Answer(said.status, said.out + written.out, said.err + written.err)


def _arguments(*statements: str) -> list[str]:
    return ["-AtX", *(text for sql in statements for text in ("-c", sql))]


@pytest.fixture
def psql(capfd: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capfd)


def test_psql_finds_the_centers_tables_with_the_persons_own_login(demo: DemoPeople, psql: Shell) -> None:
    login = demo.elif_.json("user", "show", "elif.viewer")["login"]
    sql = "select count(*) filter (where barcode like 'IST-26-%') from samples"
    answer = psql(demo.elif_, "select current_user, session_user", sql, center="istanbul")
    assert (answer.status, answer.out, answer.err) == (0, f"{login}|{login}\n25\n", "")


def test_psql_has_no_more_rights_than_the_window(demo: DemoPeople, psql: Shell) -> None:
    demo.elif_.refused("psql", "--center", "ankara", "--", "-c", "select 1")
    ankara = demo.sysadmin.json("center", "show", "ankara")["id"].replace("-", "")
    forbidden = (
        "update samples set name = 'mine'",
        "delete from documents",
        f"select count(*) from center_{ankara}.samples",
        "select * from audit_log",
        "create table mine (a int)",
        "set role labkeep_owner",
    )
    answer = psql(demo.elif_, *forbidden, center="istanbul")
    assert (answer.status, answer.out) == (1, "")
    refusals = ("ERROR:  permission denied", "ERROR:  no_objects_by_persons")
    assert sum(map(answer.err.count, refusals)) == len(forbidden), answer.err


def test_psqls_own_exit_status_is_passed_on(demo: DemoPeople, psql: Shell) -> None:
    assert psql(demo.elif_, "select 1").status == 0
    assert psql(demo.elif_, "select 1 / 0").status == 1


def test_the_bundled_psql_serves_where_the_system_has_none(demo: DemoPeople, psql: Shell, tmp_path: Path) -> None:
    answer = psql(demo.elif_.using(PATH=str(tmp_path)), "select 'here' from samples limit 1", center="istanbul")
    assert (answer.status, answer.out) == (0, "here\n")


def test_settings_of_libpq_in_the_environment_lead_nowhere_else(demo: DemoPeople) -> None:
    misled = demo.elif_.using(
        PGHOSTADDR="203.0.113.1", PGSERVICE="other", PGOPTIONS="-c role=x", PGSSLMODE="verify-full", PGPASSWORD="wrong"
    )
    answer = misled.run("psql", "--", *_arguments("select 1"), anew=True)
    assert (answer.status, answer.out) == (0, "1\n")


def test_no_secret_is_among_the_arguments_or_in_what_psql_passes_on(demo: DemoPeople) -> None:
    """Looks at every process that psql's own shell sees above itself, as another account could."""
    look = "ps -o args= -p $PPID; ps -o args= -p $(ps -o ppid= -p $PPID); env"
    answer = demo.elif_.run("psql", "--", "-AtX", "-c", f"\\! {look}", anew=True)
    assert answer.status == 0, answer
    assert "labkeep" in answer.out
    assert "psql" in answer.out
    password = demo.passwords["elif.viewer"]
    assert password not in answer.out
    lines = [line for line in answer.out.splitlines() if "PASSWORD" in line]
    assert len(lines) == 1
    assert lines[0].startswith("PGPASSWORD=")


def test_passwords_stand_in_no_file_of_the_home(demo: DemoPeople) -> None:
    demo.ayse("user", "show", "nobody")
    secrets = [password.encode() for password in demo.passwords.values()]
    looked = 0
    for path in demo.home.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            assert not any(secret in content for secret in secrets), path
            looked += 1
    assert looked > 5
    assert list(demo.home.rglob("labkeep.log"))


def test_the_log_names_nobody_and_nothing(demo: DemoPeople, tmp_path: Path) -> None:
    secret_name = tmp_path / "Patient Jane Doe.txt"
    secret_name.write_text("very private findings")
    demo.mehmet.json("document", "add", secret_name)
    demo.mehmet.refused("document", "get", "Patient Jane Doe.txt", "--to", tmp_path / "no" / "folder" / "x")
    (log,) = demo.home.rglob("labkeep.log")
    text = log.read_text()
    for word in ("Jane", "private findings", "mehmet", "istanbul"):
        assert word not in text


def test_a_password_file_or_standard_input_will_do(demo: DemoPeople, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(demo.passwords["elif.viewer"] + "\n")
    elif_ = Admin(demo.home).using(LABKEEP_USER="elif.viewer")
    assert elif_.using(LABKEEP_PASSWORD_FILE=str(file)).json("status")["store_problem"] is None
    assert elif_("--password-file", file, "status").status == 0
    piped = elif_.run("--password-file", "-", "status", stdin=demo.passwords["elif.viewer"] + "\n")
    assert piped.status == 0
    assert elif_("--user", "elif.viewer", "--password-file", tmp_path / "none", "status").status == 1


def test_on_a_terminal_a_person_is_asked_without_an_echo(demo: DemoPeople) -> None:
    """A real terminal: the questions are on it, the password is not, and the answer is on standard output."""
    environment = Admin(demo.home).environment()
    mine, theirs = os.openpty()
    with subprocess.Popen(
        [*PROGRAM, "user", "show", "elif.viewer", "--json"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environment,
        cwd=PROJECT,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        seen = _read_until(mine, b"User name: ")
        os.write(mine, b"elif.viewer\n")
        seen += _read_until(mine, b"Password of elif.viewer: ")
        os.write(mine, demo.passwords["elif.viewer"].encode() + b"\n")
        assert process.stdout is not None
        out = process.stdout.read()
        seen += _rest(mine)
        os.close(mine)
    assert process.returncode == 0, seen
    assert b'"username": "elif.viewer"' in out
    assert demo.passwords["elif.viewer"].encode() not in seen


def _read_until(terminal: int, question: bytes) -> bytes:
    seen = b""
    while not seen.endswith(question):
        part = os.read(terminal, 4_096)
        assert part, seen
        seen += part
    return seen


def _rest(terminal: int) -> bytes:
    seen = b""
    while True:
        try:
            part = os.read(terminal, 4_096)
        except OSError:  # what Linux says when the other side is closed
            return seen
        if not part:
            return seen
        seen += part
