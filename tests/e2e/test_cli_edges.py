"""What surrounds a command is broken: streams, homes, names and values. One sentence each, and nothing is lost."""

import os
import subprocess
from pathlib import Path

import pytest

from desktop_app.server.account import running_as_root
from desktop_app.server.launcher import BuiltinServer
from tests.e2e.conftest import DemoPeople
from tests.e2e.labkeep_admin import PROGRAM, PROJECT, SENTENCE, Admin
from tests.forking import program as forked

LONGEST = 120.0


def shell(by: Admin, command: str, *, anew: bool = False) -> subprocess.CompletedProcess[bytes]:
    """A command line of a real shell; "$@" is labkeep-admin, started *anew* where it is to find files closed."""
    labkeep = PROGRAM if anew else forked("services", *PROGRAM[1:])
    return subprocess.run(
        ["sh", "-c", command, "sh", *labkeep],
        env=by.environment(),
        cwd=PROJECT,
        capture_output=True,
        timeout=LONGEST,
        check=False,
    )


def sentence(done: subprocess.CompletedProcess[bytes]) -> str:
    """The one sentence on standard error."""
    said = done.stderr.decode()
    assert SENTENCE.fullmatch(said), said
    assert "unexpected" not in said
    assert "Traceback" not in said
    return said


def test_closed_standard_output_is_said_before_anything_is_done(demo: DemoPeople) -> None:
    done = shell(demo.mehmet, '"$@" sample create --name "Into nothing" --type blood >&-', anew=True)
    assert done.returncode == 1
    assert "nothing was done" in sentence(done)
    assert demo.mehmet.json("sample", "list", "--search", "Into nothing") == []


@pytest.mark.parametrize("command", ["sample list", "sample list --json", "--help", "profile list"])
def test_a_full_standard_output_is_one_sentence(demo: DemoPeople, command: str) -> None:
    done = shell(demo.mehmet, f'"$@" {command} >/dev/full')
    assert done.returncode == 1
    assert "No space left on device" in sentence(done)


def test_what_was_done_is_not_called_undone_where_the_answer_cannot_be_written(demo: DemoPeople) -> None:
    done = shell(demo.mehmet, '"$@" sample create --name "Told to nobody" --type blood >/dev/full')
    assert done.returncode == 1
    assert "may be done" in sentence(done)
    assert len(demo.mehmet.json("sample", "list", "--search", "Told to nobody")) == 1


def test_a_reader_that_leaves_is_no_error_to_talk_about(demo: DemoPeople) -> None:
    done = shell(demo.mehmet, '{ "$@" sample list --json; echo "status $?" >&2; } | true')
    assert done.stderr.decode().splitlines() in (["status 141"], ["status 0"])


def test_closed_standard_input_and_error_change_nothing_else(demo: DemoPeople) -> None:
    done = shell(demo.mehmet, '"$@" sample list --json <&-', anew=True)
    assert (done.returncode, done.stderr) == (0, b"")
    nobody = Admin(demo.home).using(LABKEEP_USER="mehmet.user")
    assert "password" in sentence(shell(nobody, '"$@" sample list <&-', anew=True)).lower()
    assert shell(demo.mehmet, '"$@" sample list --status nonsense 2>&-', anew=True).returncode == 2
    assert shell(demo.mehmet, '"$@" sample list --json 2>&- >&-', anew=True).returncode == 1


@pytest.mark.parametrize("home", ["/dev/null/x", "/proc/1/x", "~nobody-of-this-name/x", "/tmp/" + "a" * 300])
def test_a_home_that_cannot_be_is_one_sentence(home: str) -> None:
    environment = Admin(Path("/")).environment() | {"LABKEEP_HOME": home}
    done = subprocess.run(
        [*forked("services", *PROGRAM[1:]), "sample", "list"],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 1
    sentence(done)


def test_words_and_values_that_cannot_be_are_one_sentence(demo: DemoPeople, tmp_path: Path) -> None:
    deep = '{"a":' * 10_000 + "1" + "}" * 10_000
    half = os.fsdecode(b"\xff\xfe")
    by = demo.mehmet
    assert "too deep" in by.refused("sample", "create", "--name", "x", "--type", "blood", "--metadata", deep)
    assert "cannot be stored" in by.refused("sample", "show", half)
    assert "cannot be stored" in by.refused("sample", "list", "--search", half)
    assert "name" in by.refused("sample", "create", "--name", half, "--type", "blood")
    assert "no such sample type" in by.refused("sample", "create", "--name", "x", "--type", "plasma")
    many = " ".join(f"word{number}" for number in range(5_000))
    for what in ("sample", "document", "user", "center"):
        assert "at most 30 words" in demo.sysadmin.refused(what, "list", "--search", many)
    document = by.json("document", "list")[0]["id"]
    assert "too long" in by.refused("document", "get", document, "--to", tmp_path / ("a" * 300))
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_profile_is_named(tmp_path: Path) -> None:
    profiles = tmp_path / "config" / "profiles"
    profiles.mkdir(parents=True)
    damaged = profiles / "11111111-1111-4111-8111-111111111111.toml"
    damaged.write_text("half a prof")
    for command in (("sample", "list"), ("--profile", "Our lab", "sample", "list"), ("status",)):
        said = Admin(tmp_path).refused(*command)
        assert str(damaged) in said
        assert "no installation yet" not in said


def test_a_damaged_profile_beside_a_good_one_is_a_finding(demo: DemoPeople, tmp_path: Path) -> None:
    good = next((demo.home / "config" / "profiles").glob("*.toml"))
    profiles = tmp_path / "config" / "profiles"
    profiles.mkdir(parents=True)
    (profiles / good.name).write_text(good.read_text())
    by = Admin(tmp_path).as_user("mehmet.user", demo.passwords["mehmet.user"])
    before = by("status", "--json").json["findings"]
    damaged = profiles / "11111111-1111-4111-8111-111111111111.toml"
    damaged.write_text("half a prof")
    looked = by("status", "--json")
    assert looked.status == 1
    (finding,) = [each for each in looked.json["findings"] if each not in before]
    assert str(damaged) in finding["text"]
    assert "Import" in finding["mend"]
    assert f"{finding['text']} {finding['mend']}" in looked.err.splitlines()
    assert str(damaged) in by("status").err


def test_a_second_init_says_what_is_there(demo: DemoPeople, tmp_path: Path) -> None:
    home = demo.home
    profile = next((home / "config" / "profiles").glob("*.toml"))
    text = profile.read_text().replace(str(home / "data" / "demo"), str(tmp_path / "data"))
    other = tmp_path / "config" / "profiles" / profile.name
    other.parent.mkdir(parents=True)
    other.write_text(text)
    said = Admin(tmp_path).using(LABKEEP_PASSWORD="Walnut-Ferry-53").refused("init", "--admin", "second.root")
    assert "Labkeep demo" in said
    assert "Nothing was changed" in said
    assert not (tmp_path / "data").exists()


def test_a_garbled_marker_is_not_called_anothers(demo: DemoPeople, tmp_path: Path) -> None:
    marker = demo.home / "data" / "demo" / "store" / "labkeep-store.toml"
    content = marker.read_bytes()
    file = tmp_path / "a.txt"
    file.write_text("a")
    marker.write_bytes(content[: len(content) // 2])
    try:
        said = demo.mehmet.refused("document", "add", file)
    finally:
        marker.write_bytes(content)
    assert "damaged" in said
    assert "another installation" not in said


def test_lost_servers_are_listed_and_removed_when_asked(tmp_path: Path) -> None:
    data, admin = tmp_path / "data", Admin(tmp_path).using(LABKEEP_PASSWORD="Walnut-Ferry-53")
    admin.json("init", "--admin", "root.admin")
    BuiltinServer(data / "server").stop()
    mine = [one for one in admin.json("status", "--clusters") if one["data_folder"].startswith(str(tmp_path))]
    if not running_as_root():
        assert mine == []
        return
    assert [one["state"] for one in mine] == ["stopped"]
    home = mine[0]["home"]
    assert "--clusters" in admin.refused("status", "--remove", home, status=2)
    assert "nothing was deleted" in admin.refused("status", "--clusters", "--remove", home)
    data.rename(tmp_path / "away")
    (lost,) = [one for one in admin.json("status", "--clusters") if one["data_folder"].startswith(str(tmp_path))]
    assert (lost["state"], lost["home"]) == ("lost", home)
    assert Path(home).is_dir()
    assert admin.json("status", "--clusters", "--remove", home)["removed"]
    assert not Path(home).exists()
    assert "no built-in server" in admin.refused("status", "--clusters", "--remove", home)
