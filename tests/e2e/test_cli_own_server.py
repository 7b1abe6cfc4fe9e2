"""The lab's own PostgreSQL 15, reached by a DSN from a file: set up, used, migrated, refused a second time."""

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from desktop_app.server.programs import find_programs
from tests.db.installation import wipe
from tests.e2e.labkeep_admin import Admin
from tests.servers import TestServer

GOOD = "Walnut-Ferry-53"


@dataclass(frozen=True)
class OwnServer:
    """A server with an installation on it, its administrator, and what init printed."""

    server: TestServer
    root: Admin
    dsn: Path
    store: Path
    made: dict[str, Any]


@pytest.fixture(scope="module")
def lab(system_server_15: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    wipe(system_server_15)
    folder = tmp_path_factory.mktemp("own server")
    store, dsn = folder / "share", folder / "dsn"
    store.mkdir()
    dsn.write_text(system_server_15.admin_dsn + "\n")
    root = Admin(folder / "home").as_user("root.admin", GOOD)
    try:
        made = root.json(
            *("init", "--admin", "root.admin", "--name", "Our lab", "--store", store, "--dsn-file", dsn, "--demo")
        )
        yield OwnServer(system_server_15, root, dsn, store, made)
    finally:
        wipe(system_server_15)


def test_the_profile_names_the_server_and_no_secret(lab: OwnServer) -> None:
    assert (lab.made["server"], lab.made["host"], lab.made["port"]) == ("postgres", lab.server.host, lab.server.port)
    assert lab.made["store"]["path"] == str(lab.store)
    assert len(lab.made["recovery_words"]) == 33
    for path in lab.root.home.rglob("*.toml"):
        assert lab.server.superuser_password not in path.read_text()


def test_a_profile_for_other_workstations(lab: OwnServer, tmp_path: Path) -> None:
    """What was made on the server itself, for those who reach it by its name."""
    file, root, share = tmp_path / "lab.toml", r"C:\ProgramData\Labkeep\root.crt", r"\\labdb\labkeep"
    words = ("profile", "export", file, "--host", "labdb.example.org", "--sslrootcert", root, "--store", share)
    made = lab.root.json(*words)
    read = tomllib.loads(file.read_text(encoding="utf-8"))
    assert (read["host"], read["sslmode"], read["sslrootcert"]) == ("labdb.example.org", "verify-full", root)
    assert (read["store"]["path"], read["port"], made["path"]) == (share, lab.server.port, str(file))
    assert lab.root("profile", "export", tmp_path / "b.toml", "--port", "5433").status == 2
    assert "one server" in lab.root.refused("profile", "export", tmp_path / "b.toml", "--host", "a,b")
    assert not (tmp_path / "b.toml").exists()


def test_the_demo_is_inside_and_opens(lab: OwnServer, tmp_path: Path) -> None:
    found = lab.root("status", "--json")
    assert found.status == 1
    assert found.json["server_version"].startswith("15")
    (finding,) = found.json["findings"]
    assert finding["text"] == "Nobody has shown that the recovery kit is kept."
    assert "Make a new kit" in finding["mend"]
    assert {center["slug"] for center in lab.root.json("center", "list")} == {"istanbul", "ankara"}
    deniz = next(account for account in lab.made["accounts"] if account["username"] == "deniz.admin")
    person = Admin(lab.root.home).as_user("deniz.admin", deniz["password"])
    verified = person.json("document", "verify")
    assert len(verified) == len(person.json("document", "list")) > 0
    assert all(one["ok"] for one in verified)
    target = tmp_path / "gel.png"
    person.json("document", "get", "Gel of 4 November", "--to", target)
    assert target.read_bytes().startswith(b"\x89PNG")


def test_psql_goes_to_the_same_server(lab: OwnServer) -> None:
    programs = find_programs()
    assert programs.major >= 16
    newer = lab.root.using(PATH=f"{programs.path('psql').parent}:{os.environ['PATH']}")
    answer = newer.run("psql", "--center", "ankara", "--", "-AtX", "-c", "select count(*) from samples")
    assert (answer.status, answer.out) == (0, "15\n"), answer


def test_where_no_psql_is_the_package_that_brings_one_is_named(lab: OwnServer, tmp_path: Path) -> None:
    sentence = lab.root.using(PATH=str(tmp_path)).refused("psql", "--center", "ankara")
    assert "postgresql-client (Debian, Ubuntu)" in sentence


def test_an_old_psql_gets_no_password(lab: OwnServer, tmp_path: Path) -> None:
    """PostgreSQL 15's libpq ignores require_auth: a server that asks for the password in clear would get it."""
    asked = tmp_path / "asked"
    old = tmp_path / "psql"
    old.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo "psql (PostgreSQL) 15.18" && exit\nenv > {asked}\n', encoding="utf-8"
    )
    old.chmod(0o755)
    sentence = lab.root.using(PATH=f"{tmp_path}:{os.environ['PATH']}").refused("psql", "--center", "ankara")
    assert "version 15" in sentence
    assert "16 or newer" in sentence
    assert not asked.exists()
    old.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    assert "which version" in lab.root.using(PATH=f"{tmp_path}:{os.environ['PATH']}").refused("psql")


def test_migrations_need_the_database_administrator(lab: OwnServer) -> None:
    assert "LABKEEP_DSN" in lab.root.refused("migrate")
    done = lab.root.json("migrate", "--dsn-file", lab.dsn)
    assert {step["name"] for step in done} >= {"shared"}
    assert [step["problem"] for step in done] == [None, None, None], "the installation and two centers"
    dsn = lab.dsn.read_text().strip()
    only = lab.root.using(LABKEEP_DSN=dsn).json("migrate", "--center", "ankara", "--dry-run")
    assert [step["name"] for step in only] == ["Ankara Research Lab"]


def test_a_profile_goes_to_another_workstation(lab: OwnServer, tmp_path: Path) -> None:
    file = tmp_path / "lab.labkeep-profile"
    exported = lab.root.json("profile", "export", file)
    assert "password" not in file.read_text()
    lab.root.refused("profile", "export", file)
    other = Admin(tmp_path / "elsewhere")
    imported = other.json("profile", "import", file)
    assert (imported["id"], imported["root_words"]) == (exported["id"], exported["root_words"])
    assert imported["root_words"] == lab.root.json("trust", "fingerprint")["words"]
    # The same server, reached from the other home, knows the same people.
    assert other.as_user("root.admin", GOOD).json("user", "show", "root.admin")["role"] == "admin"
    renamed = lab.root.json("profile", "export", tmp_path / "b", "--host", "db.lab.example", "--store", "/mnt/lab")
    assert (renamed["host"], renamed["store"]["path"]) == ("db.lab.example", "/mnt/lab")


def test_migrations_of_another_installation_are_refused(lab: OwnServer, tmp_path: Path) -> None:
    """The profile of one installation with the DSN of another: nothing is changed."""
    file = tmp_path / "lab.toml"
    lab.root.json("profile", "export", file)
    file.write_text(file.read_text().replace(lab.made["id"], "00000000-0000-4000-8000-000000000000"))
    other = Admin(tmp_path / "home")
    other.json("profile", "import", file)
    assert "another installation" in other.refused("migrate", "--dsn-file", lab.dsn)
    other.as_user("root.admin", GOOD).refused("status")


@pytest.fixture
def kit(lab: OwnServer, tmp_path: Path) -> Path:
    file = tmp_path / "kit.txt"
    file.write_text(" ".join(lab.made["recovery_words"]))
    return file


def test_the_recovery_kit_is_tried_and_drilled_without_anybody(lab: OwnServer, kit: Path, tmp_path: Path) -> None:
    nobody = Admin(lab.root.home)
    said = nobody.refused("recovery", "check", kit)
    assert said.startswith("These words were typed correctly.")
    assert "LABKEEP_DSN" in said
    mistyped = tmp_path / "mistyped.txt"
    mistyped.write_text(kit.read_text().replace(" ", "x ", 1))
    assert nobody.refused("recovery", "check", mistyped, "--dsn-file", lab.dsn).startswith("Word 1 is not in the list")
    found = nobody.json("recovery", "drill", kit, "--dsn-file", lab.dsn)
    assert (found["id"], found["state"], found["is_good"]) == (lab.made["id"], "current", True)
    assert {center["name"] for center in found["centers"]} == {"Istanbul Medical Center", "Ankara Research Lab"}
    assert all(center["opened"] == center["tried"] > 0 == len(center["problems"]) for center in found["centers"])
    assert "everything that was tried" in nobody("recovery", "check", kit, "--dsn-file", lab.dsn).out


def test_an_administrator_is_made_from_the_words_on_standard_input(lab: OwnServer, kit: Path) -> None:
    recovered = Admin(lab.root.home).as_user("new.root", "Copper-Meadow-41")
    answer = recovered.run(
        "recovery", "recover", "-", "--admin", "new.root", "--dsn-file", lab.dsn, stdin=kit.read_text()
    )
    assert (answer.status, answer.err) == (0, ""), answer
    assert "with the keys of every center" in answer.out
    again = recovered.json("recovery", "recover", kit, "--admin", "new.root", "--dsn-file", lab.dsn)
    assert (again["username"], again["is_new"], again["left"]) == ("new.root", False, [])
    assert all(one["ok"] for one in recovered.using(LABKEEP_CENTER="ankara").json("document", "verify"))
    without = Admin(lab.root.home)
    assert "LABKEEP_PASSWORD" in without.refused("recovery", "recover", kit, "--admin", "x.y", "--dsn-file", lab.dsn)
    words = kit.read_text()
    for path in (path for path in lab.root.home.rglob("*") if path.is_file()):
        assert words[:20].encode() not in path.read_bytes(), path


def test_the_kit_is_replaced_by_an_administrator_and_by_itself(lab: OwnServer, kit: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.txt", tmp_path / "second.svg"
    made = lab.root.json("recovery", "replace", first)
    assert made["recovery_kit"] == str(first)
    nobody = Admin(lab.root.home)
    answer = nobody("recovery", "check", kit, "--dsn-file", lab.dsn)
    assert answer.status == 1
    assert "another recovery kit has taken this one's place" in answer.err
    made = nobody.json("recovery", "replace", second, "--kit", first, "--dsn-file", lab.dsn)
    found = nobody.json("recovery", "drill", second, "--dsn-file", lab.dsn, "--sample", "1")
    assert (found["fingerprint"], found["is_good"]) == (made["fingerprint"], True)
    assert nobody.json("recovery", "replace", second, "--kit", first, "--dsn-file", lab.dsn) == made, (
        "again is the same"
    )


def test_a_second_installation_in_the_cluster_is_refused(lab: OwnServer, tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    other = Admin(tmp_path / "home").using(LABKEEP_PASSWORD=GOOD)
    sentence = other.refused("init", "--admin", "other.root", "--store", store, "--dsn-file", lab.dsn)
    assert lab.server.superuser_password not in sentence
    assert list(store.iterdir()) == []
    assert other.json("profile", "list") == []
    assert lab.root("status", "--json").json["store_problem"] is None


def test_a_share_that_is_gone_takes_nothing(lab: OwnServer, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("a")
    away = lab.store.with_name("unmounted")
    lab.store.rename(away)
    try:
        lab.root.using(LABKEEP_CENTER="ankara").refused("document", "add", file)
        looked = lab.root("status", "--json")
        assert looked.status == 1
        assert "store" in looked.json["store_problem"].lower()
        assert looked.json["findings"][0]["text"] == looked.json["store_problem"]
        assert not lab.store.exists()
    finally:
        away.rename(lab.store)
    assert lab.root.using(LABKEEP_CENTER="ankara").json("document", "add", file)[0]["state"] == "live"
