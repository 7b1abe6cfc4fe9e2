"""labkeep-admin before there is anything: help, wrong usage, secrets among the arguments, and unexpected errors."""

import re
import subprocess
from pathlib import Path

import pytest

from desktop_app import __version__
from desktop_app.cli import main as cli
from desktop_app.paths import HomePaths
from tests.e2e.labkeep_admin import PROGRAM, SENTENCE, Admin

COMMANDS = {
    "": ["init", "demo", "migrate", "status", "psql", "profile", "center", "user", "sample", "document", "audit"],
    "profile": ["list", "export", "import"],
    "center": ["list", "create", "show", "update", "deactivate", "restore", "stats"],
    "user": [
        *["list", "create", "show", "update", "deactivate", "restore"],
        *["change-center", "change-role", "reset-password"],
    ],
    "sample": [
        *["list", "create", "show", "update", "deactivate", "restore", "delete"],
        *["process", "complete", "reject", "archive", "find"],
    ],
    "document": ["add", "list", "update", "get", "versions", "deactivate", "restore", "verify"],
    "audit": ["list", "verify", "erase", "restored"],
}
LEAVES = [
    (*group.split(), command) for group, commands in COMMANDS.items() for command in commands if command not in COMMANDS
]


@pytest.fixture
def nobody(tmp_path: Path) -> Admin:
    return Admin(tmp_path / "home")


@pytest.mark.parametrize("group", COMMANDS)
def test_a_group_alone_prints_its_commands_as_wrong_usage(nobody: Admin, group: str) -> None:
    answer = nobody(*group.split())
    assert answer.status == 2
    assert answer.out == ""
    for command in COMMANDS[group]:
        assert re.search(rf"^  {command}\b", answer.err, re.MULTILINE), command


def test_the_version_needs_no_command(nobody: Admin) -> None:
    answer = nobody("--version")
    assert (answer.status, answer.out, answer.err) == (0, f"labkeep-admin {__version__}\n", "")


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_every_command_has_help_and_json(nobody: Admin, words: tuple[str, ...]) -> None:
    answer = nobody(*words, "--help")
    assert (answer.status, answer.err) == (0, "")
    # psql prints for itself.
    assert ("--json" in answer.out) == (words != ("psql",))
    assert "password TEXT" not in answer.out.lower()


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["sample", "no-such-command"],
        ["sample", "list", "--no-such-option"],
        ["sample", "list", "--status", "lost"],
        ["sample", "list", "--limit", "0"],
        ["sample", "list", "--limit", "many"],
        ["sample", "list", "--since", "yesterday"],
        ["sample", "list", "--meta", "tube"],
        ["sample", "create", "--name", "A"],
        ["sample", "update", "S-1"],
        ["sample", "reject", "S-1"],
        ["sample", "delete", "S-1", "--with-documents", "some"],
        ["sample", "show"],
        ["user", "create", "ali", "--email", "ali@example.org"],
        ["user", "create", "ali", "--email", "ali@example.org", "--role", "owner"],
        ["user", "update", "ali"],
        ["user", "change-center", "ali"],
        ["user", "change-center", "ali", "ankara", "--system-administrator"],
        ["center", "create"],
        ["center", "create", "A", "--admin", "ali"],
        ["center", "update", "istanbul"],
        ["document", "add"],
        ["document", "add", "a.txt", "--on-conflict", "guess"],
        ["document", "get", "a.txt"],
        ["document", "get", "a.txt", "--to", ".", "--version", "0"],
        ["document", "update", "a.txt"],
        ["document", "attach", "a.txt"],
        ["document", "attach", "a.txt", "--sample", "x", "--no-sample"],
        ["document", "update", "a.txt", "--tag", "x", "--no-tags"],
        ["audit", "list", "--row", "not-an-id"],
        ["init"],
        ["init", "--demo", "--store", "/tmp"],
        ["migrate", "--shared", "--center", "istanbul"],
        ["sample", "list", "--descending"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_one_sentence_and_status_2(nobody: Admin, arguments: list[str]) -> None:
    sentence = nobody.refused(*arguments, status=2)
    assert "--help" in sentence
    assert "  " not in sentence
    assert "Value error" not in sentence


@pytest.mark.parametrize(
    "arguments",
    [
        *[["status"], ["center", "list"], ["sample", "list"], ["audit", "verify"], ["profile", "export", "p.toml"]],
        *[["user", "deactivate", "a", "b"], ["psql"], ["migrate"]],
    ],
    ids=" ".join,
)
def test_without_an_installation_the_sentence_names_init(nobody: Admin, arguments: list[str]) -> None:
    assert "labkeep-admin init" in nobody.using(LABKEEP_USER="ali").refused(*arguments)


def test_an_empty_workstation_knows_no_profile(nobody: Admin) -> None:
    assert nobody.json("profile", "list") == []


def test_a_dsn_with_a_password_among_the_arguments_is_refused(nobody: Admin) -> None:
    for dsn in ("postgresql://admin:hunter2secret@db.example/postgres", "host=db.example password=hunter2secret"):
        sentence = nobody.refused("init", "--admin", "root.admin", "--dsn", dsn)
        assert "hunter2secret" not in sentence
    assert not list(nobody.home.glob("**/*.toml"))


def test_an_unknown_option_with_a_secret_does_not_repeat_it(nobody: Admin) -> None:
    assert "hunter2" not in nobody.refused("--password=hunter2", "status", status=2)


def test_a_home_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    Admin(tmp_path / "file").refused("profile", "list")


def test_the_unexpected_is_one_sentence_and_its_details_are_in_the_log(
    nobody: Admin, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_environment: object) -> None:
        raise ZeroDivisionError("of a patient's name")

    monkeypatch.setattr("desktop_app.bootstrap.build", broken)
    environment = nobody.environment()
    assert cli.run(["profile", "list"], environment) == 1
    printed = capsys.readouterr()
    log_file = HomePaths.from_environment(environment).log_dir / "labkeep.log"
    assert printed.out == ""
    assert SENTENCE.fullmatch(printed.err)
    assert "ZeroDivisionError" in printed.err
    assert str(log_file) in printed.err
    log = log_file.read_text()
    assert "ZeroDivisionError" in log
    assert "in broken" in log
    assert "patient" not in log + printed.err


def test_ctrl_c_is_a_word_and_no_traceback(
    nobody: Admin, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_environment: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("desktop_app.bootstrap.build", interrupted)
    assert cli.run(["profile", "list"], nobody.environment()) == 130
    assert capsys.readouterr().err == "Stopped.\n"


def test_a_closed_pipe_ends_quietly(nobody: Admin) -> None:
    with subprocess.Popen(
        [*PROGRAM, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=nobody.environment()
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def test_letters_that_the_terminal_lacks_do_not_end_a_command(nobody: Admin) -> None:
    plain = nobody.using(PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    answer = plain.run("user", "show", "şişli", anew=True)
    assert answer.status == 1
    assert answer.err
