"""labkeep-admin user and center on the demo: made, moved, ended, and what each is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import DemoPeople
from tests.e2e.labkeep_admin import Admin

USER = {
    *["id", "created_at", "updated_at", "created_by", "updated_by", "is_active", "row_version"],
    *["username", "email", "first_name", "last_name", "phone", "center_id", "role", "login", "must_change_password"],
}
FIRST = "Hazel-Pasture-90"


@pytest.fixture(scope="module")
def first_password(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("first") / "password"
    file.write_text(FIRST + "\n")
    return file


def _hire(by: Admin, file: Path, name: str, role: str = "user", *arguments: str) -> dict[str, Any]:
    made: dict[str, Any] = by.json(
        *("user", "create", name, "--email", f"{name}@new.example", "--role", role, "--password-file", file),
        *["--keep-password", *arguments],
    )
    return made


def _as(demo: DemoPeople, name: str) -> Admin:
    return Admin(demo.home).as_user(name, FIRST)


def test_lists_show_what_each_may_see(demo: DemoPeople) -> None:
    everybody = demo.sysadmin.json("user", "list")
    assert {user["username"] for user in everybody} >= set(demo.passwords)
    assert all(user.keys() >= USER for user in everybody)
    assert not any("password" in key and key != "must_change_password" for user in everybody for key in user)
    assert "deniz.admin" not in {user["username"] for user in demo.ayse.json("user", "list")}
    assert {user["username"] for user in demo.elif_.json("user", "list")} == {"elif.viewer"}
    admins = demo.sysadmin.json("user", "list", "--role", "admin", "--center", "ankara")
    assert [user["username"] for user in admins] == ["deniz.admin"]
    assert [user["username"] for user in demo.sysadmin.json("user", "list", "--search", "kaya")] == ["mehmet.user"]


def test_an_administrator_hires_into_his_own_center(demo: DemoPeople, first_password: Path) -> None:
    made = _hire(demo.ayse, first_password, "new.user")
    assert "password" not in made
    assert made["center_id"] == demo.elif_.json("center", "show", "istanbul")["id"]
    assert _as(demo, "new.user").json("sample", "list", "--limit", "1")
    edited = demo.ayse.json("user", "update", "new.user", "--first-name", "Yeni", "--phone", "+90 1")
    assert (edited["first_name"], edited["phone"], edited["email"]) == ("Yeni", "+90 1", "new.user@new.example")
    assert demo.ayse.json("user", "show", made["id"])["first_name"] == "Yeni"


def test_a_role_acts_at_once(demo: DemoPeople, first_password: Path) -> None:
    _hire(demo.ayse, first_password, "role.user", "viewer")
    person = _as(demo, "role.user")
    person.refused("sample", "create", "--name", "A", "--type", "other")
    assert demo.ayse.json("user", "change-role", "user", "role.user")["role"] == "user"
    person.json("sample", "create", "--name", "A", "--type", "other")
    assert demo.ayse.json("user", "change-role", "admin", "role.user")["role"] == "admin"
    assert person.json("audit", "verify")["ok"] is True


def test_out_in_one_action_and_in_again(demo: DemoPeople, first_password: Path) -> None:
    for name in ("leave.one", "leave.two"):
        _hire(demo.ayse, first_password, name)
    person = _as(demo, "leave.one")
    assert person.json("document", "list", "--limit", "1")
    answer = demo.ayse("user", "deactivate", "leave.one", "nobody", "leave.two")
    assert answer.status == 1
    assert [line.split()[0] for line in answer.out.splitlines()] == ["leave.one", "leave.two"]
    assert answer.err.splitlines()[-1] == "2 of 3 done."
    person.refused("document", "list")
    assert "leave.one" not in {user["username"] for user in demo.ayse.json("user", "list")}
    assert "leave.one" in {user["username"] for user in demo.ayse.json("user", "list", "--all")}
    assert demo.ayse.json("user", "restore", "leave.one")["is_active"] is True
    document = person.json("document", "list", "--limit", "1")[0]
    assert person.json("document", "verify", document["id"])[0]["problem"] is None


def test_a_reset_password_replaces_the_old_one(demo: DemoPeople, first_password: Path, tmp_path: Path) -> None:
    _hire(demo.ayse, first_password, "forgot.it")
    reset = demo.ayse.json("user", "reset-password", "forgot.it")
    assert reset["must_change_password"] is True
    _as(demo, "forgot.it").refused("sample", "list")
    own = tmp_path / "own"
    own.write_text("Meadow-Thimble-31\n")
    person = Admin(demo.home).as_user("forgot.it", reset["password"])
    document = demo.elif_.json("document", "list", "--limit", "1")[0]
    answer = person("--new-password-file", own, "document", "verify", document["id"])
    assert (answer.status, answer.out) == (
        0,
        "1 versions are whole: signature, key, and the signed BLAKE3 digest of every file.\n",
    )


def test_moving_takes_the_old_center_away_and_gives_the_new(demo: DemoPeople, first_password: Path) -> None:
    _hire(demo.sysadmin, first_password, "moving.user", "user", "--center", "istanbul")
    person = _as(demo, "moving.user")
    old = person.json("document", "list", "--limit", "1")[0]
    demo.ayse.refused("user", "change-center", "moving.user", "ankara")
    moved = demo.sysadmin.json("user", "change-center", "moving.user", "ankara", "--role", "viewer")
    assert (moved["role"], moved["center_name"]) == ("viewer", "Ankara Research Lab")
    person.refused("document", "list", "--center", "istanbul")
    person.refused("document", "verify", old["id"])
    new = person.json("document", "list", "--limit", "1")[0]
    assert person.json("document", "verify", new["id"])[0]["problem"] is None


def test_a_system_administrator_made_of_a_user_opens_every_center(demo: DemoPeople, first_password: Path) -> None:
    _hire(demo.sysadmin, first_password, "second.root", "admin", "--center", "ankara")
    moved = demo.sysadmin.json("user", "change-center", "second.root", "--system-administrator")
    assert (moved["center_id"], moved["role"]) == (None, "admin")
    person = _as(demo, "second.root")
    for center in ("istanbul", "ankara"):
        document = person.json("document", "list", "--center", center, "--limit", "1")[0]
        assert person.json("document", "verify", document["id"], "--center", center)[0]["problem"] is None


def test_a_closed_center_is_closed_until_it_is_restored(demo: DemoPeople, first_password: Path) -> None:
    made = demo.sysadmin.json("center", "create", "Closing Lab", "--description", "For a while")
    assert (made["slug"], made["description"]) == ("closing-lab", "For a while")
    _hire(demo.sysadmin, first_password, "closing.user", "user", "--center", "closing-lab")
    person = _as(demo, "closing.user")
    person.json("sample", "create", "--name", "A", "--type", "other")
    assert demo.sysadmin.json("center", "deactivate", "Closing Lab")["is_active"] is False
    person.refused("sample", "list")
    person.refused("sample", "create", "--name", "B", "--type", "other")
    assert made["id"] not in {center["id"] for center in demo.sysadmin.json("center", "list")}
    assert made["id"] in {center["id"] for center in demo.sysadmin.json("center", "list", "--all")}
    assert demo.sysadmin.json("center", "stats", made["id"])["samples"] == 1
    assert demo.sysadmin.json("center", "restore", "closing-lab")["is_active"] is True
    assert len(person.json("sample", "list")) == 1


def test_a_center_is_renamed_by_a_system_administrator_only(demo: DemoPeople) -> None:
    made = demo.sysadmin.json("center", "create", "Name One")
    changed = demo.sysadmin.json(
        *["center", "update", "name-one", "--name", "Name Two", "--slug", "two", "--settings", '{"a": 1}']
    )
    assert (changed["id"], changed["name"], changed["slug"], changed["settings"]) == (
        made["id"],
        "Name Two",
        "two",
        {"a": 1},
    )
    demo.ayse.refused("center", "update", "istanbul", "--name", "Mine")
    described = demo.ayse.json("center", "update", "istanbul", "--description", "Teaching hospital")
    assert (described["name"], described["description"]) == ("Istanbul Medical Center", "Teaching hospital")


def test_stats_count_what_is_there(demo: DemoPeople) -> None:
    stats = demo.elif_.json("center", "stats", "istanbul")
    assert stats["samples"] == len(demo.elif_.json("sample", "list"))
    assert stats["documents"] == len(demo.elif_.json("document", "list"))
    assert sum(stats["samples_by_status"].values()) == stats["samples"]
    assert stats["stored_bytes"] > 0
    everything = demo.sysadmin.using(LABKEEP_CENTER="").json("center", "stats")
    assert {"istanbul", "ankara"} <= {one["slug"] for one in everything}
    assert [one["slug"] for one in demo.deniz.json("center", "stats")] == ["ankara"]


@pytest.fixture(scope="module")
def unchanged(demo: DemoPeople) -> Iterator[None]:
    """Whatever uses this changes no user and no center."""

    def everything() -> list[Any]:
        anywhere = demo.sysadmin.using(LABKEEP_CENTER="")
        users = [dict(user, last_sign_in=None) for user in anywhere.json("user", "list", "--all")]
        return [users, anywhere.json("center", "list", "--all")]

    before = everything()
    yield
    assert everything() == before


@pytest.mark.parametrize(
    ("person", "arguments"),
    [
        ("ayse", ["user", "create", "A B", "--email", "a@b.example", "--role", "user"]),
        ("ayse", ["user", "create", "x", "--email", "a@b.example", "--role", "user"]),
        ("ayse", ["user", "create", "fine.name", "--email", "no address", "--role", "user"]),
        ("ayse", ["user", "create", "mehmet.user", "--email", "a@b.example", "--role", "user"]),
        ("ayse", ["user", "create", "fine.name", "--email", "mehmet.kaya@istanbul.example", "--role", "user"]),
        ("ayse", ["user", "create", "fine.name", "--email", "a@b.example", "--role", "user", "--center", "ankara"]),
        ("sysadmin", ["user", "create", "fine.name", "--email", "a@b.example", "--role", "user"]),
        ("sysadmin", ["user", "create", "fine.name", "--email", "a@b.example", "--role", "user", "--center", "no"]),
        ("mehmet", ["user", "create", "fine.name", "--email", "a@b.example", "--role", "viewer"]),
        ("ayse", ["user", "update", "mehmet.user", "--email", "no address"]),
        ("ayse", ["user", "update", "deniz.admin", "--phone", "1"]),
        ("ayse", ["user", "update", "nobody", "--phone", "1"]),
        ("mehmet", ["user", "update", "elif.viewer", "--phone", "1"]),
        ("ayse", ["user", "change-role", "viewer", "ayse.admin"]),
        ("ayse", ["user", "deactivate", "ayse.admin"]),
        ("ayse", ["user", "deactivate", "deniz.admin"]),
        ("ayse", ["user", "deactivate", "sysadmin"]),
        ("mehmet", ["user", "deactivate", "elif.viewer"]),
        ("sysadmin", ["user", "deactivate", "sysadmin"]),
        ("sysadmin", ["user", "deactivate", "deniz.admin"]),
        ("sysadmin", ["user", "change-role", "viewer", "deniz.admin"]),
        ("ayse", ["user", "reset-password", "deniz.admin"]),
        ("sysadmin", ["user", "change-center", "mehmet.user", "nowhere"]),
        ("sysadmin", ["user", "show", "nobody"]),
        ("elif_", ["user", "show", "deniz.admin"]),
        ("sysadmin", ["center", "create", "Istanbul Medical Center"]),
        ("sysadmin", ["center", "create", "Other", "--slug", "istanbul"]),
        ("sysadmin", ["center", "create", "Other", "--slug", "No Slug"]),
        ("sysadmin", ["center", "create", ""]),
        ("sysadmin", ["center", "create", "Other", "--settings", "[]"]),
        ("ayse", ["center", "create", "Other"]),
        ("ayse", ["center", "deactivate", "istanbul"]),
        ("ayse", ["center", "show", "ankara"]),
        ("ayse", ["center", "stats", "ankara"]),
        ("mehmet", ["center", "update", "istanbul", "--description", "Mine"]),
        ("sysadmin", ["center", "update", "ankara", "--slug", "istanbul"]),
        ("sysadmin", ["center", "restore", "nowhere"]),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_wrong_input_and_missing_rights_are_one_sentence(
    demo: DemoPeople, unchanged: None, person: str, arguments: list[str]
) -> None:
    who: Admin = getattr(demo, person)
    who.using(LABKEEP_CENTER="").refused(*arguments)


@pytest.mark.parametrize("password", ["short", "mehmet.user", "password1234", "aaaaaaaaaaaaaaaa"])
def test_a_weak_first_password_is_refused(demo: DemoPeople, unchanged: None, tmp_path: Path, password: str) -> None:
    file = tmp_path / "weak"
    file.write_text(password)
    sentence = demo.ayse.refused("user", "reset-password", "mehmet.user", "--password-file", file)
    assert "password" in sentence
    demo.ayse.refused("user", "reset-password", "mehmet.user", "--password-file", tmp_path / "missing")


def test_a_wrong_password_says_not_which_half_is_wrong(demo: DemoPeople) -> None:
    wrong = Admin(demo.home).as_user("ayse.admin", "not the password").refused("status")
    unknown = Admin(demo.home).as_user("no.body", "not the password").refused("status")
    assert wrong == unknown
    assert "LABKEEP_PASSWORD" in Admin(demo.home).using(LABKEEP_USER="ayse.admin").refused("status")
    assert "LABKEEP_USER" in Admin(demo.home).refused("status")
    Admin(demo.home).as_user("Not A Name", "not the password").refused("status")
    assert "nowhere" in demo.ayse.refused("--profile", "nowhere", "status")


def test_the_installations_own_record_is_proved_by_system_administrators(demo: DemoPeople) -> None:
    verdict = demo.sysadmin.json("audit", "verify", "--installation")
    assert verdict["ok"] is True
    assert verdict["rows"] > 5
    demo.ayse.refused("audit", "verify", "--installation")


def test_a_restore_is_signed_by_a_system_administrator(demo: DemoPeople, tmp_path: Path) -> None:
    restored = ("audit", "restored", "--reason", "The disk broke.")
    demo.ayse.refused(*restored)
    assert demo.sysadmin.json(*restored)["restored"] is True
    other = tmp_path / "other.txt"
    other.write_text("no kit at all\n")
    demo.sysadmin.refused(*restored, "--recovery-kit", other)
    demo.sysadmin.refused(*restored, "--recovery-kit", tmp_path / "none.txt")
    record = demo.sysadmin.json("status")
    assert record["record_sequence"] > 0
    assert (record["alarms"], len(record["record_digest"])) == ([], 64)
    demo.mehmet.json("sample", "create", "--name", "Afterwards", "--type", "blood")
