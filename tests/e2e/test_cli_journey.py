"""A lab from nothing, command by command; what makes, seals and opens runs as processes of their own."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.labkeep_admin import Admin
from tests.servers import remove_server

OWN = "Lantern-Quarry-81"
HERS = "Orchid-Timber-29"


@dataclass(frozen=True)
class Fresh:
    """A new installation, the recovery kit's file, and what init printed."""

    home: Path
    kit: Path
    made: dict[str, Any]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fresh]:
    folder = tmp_path_factory.mktemp("fresh")
    home, kit = folder / "home", folder / "kit.txt"
    try:
        answer = Admin(home).run(
            *["init", "--admin", "Root.Admin", "--email", "root@lab.example", "--name", "Fresh lab"],
            *("--recovery-kit", kit, "--json"),
            anew=True,
        )
        assert answer.status == 0, answer
        yield Fresh(home, kit, answer.json)
    finally:
        remove_server(home)


@pytest.fixture(scope="module")
def root(fresh: Fresh) -> Admin:
    """The first administrator, after the first sign-in with a password of his own."""
    secrets = fresh.home.parent / "own"
    secrets.write_text(OWN + "\n")
    first = Admin(fresh.home).as_user("root.admin", fresh.made["admin_password"])
    assert first("--new-password-file", secrets, "status").status == 0
    return Admin(fresh.home).as_user("root.admin", OWN)


def test_init_prints_the_profile_and_a_password_once(fresh: Fresh) -> None:
    assert fresh.made["display_name"] == "Fresh lab"
    assert fresh.made["admin"] == "root.admin"
    assert fresh.made["server"] == "built-in"
    assert len(fresh.made["admin_password"]) >= 16
    assert "recovery_words" not in fresh.made
    assert fresh.kit.stat().st_size > 0
    assert stat.S_IMODE(fresh.kit.stat().st_mode) == 0o600


def test_the_made_password_must_be_changed_before_anything(fresh: Fresh, root: Admin) -> None:
    root("center", "list")
    old = Admin(fresh.home).as_user("root.admin", fresh.made["admin_password"])
    old.refused("center", "list")


def test_a_second_init_of_the_same_name_changes_nothing(fresh: Fresh) -> None:
    before = sorted(path for path in fresh.home.rglob("*") if "log" not in path.parts)
    Admin(fresh.home).refused("init", "--admin", "other.admin", "--name", "Fresh lab")
    assert sorted(path for path in fresh.home.rglob("*") if "log" not in path.parts) == before
    assert [one["display_name"] for one in Admin(fresh.home).json("profile", "list")] == ["Fresh lab"]


def test_from_an_empty_installation_to_a_document_opened_again(fresh: Fresh, root: Admin, tmp_path: Path) -> None:
    center = root.json("center", "create", "İzmir Clinic", "--settings", '{"colour": "teal"}')
    assert (center["slug"], center["settings"]) == ("izmir-clinic", {"colour": "teal"})

    first = tmp_path / "first-password"
    first.write_text(HERS + "\n")
    user = root(
        *["user", "create", "Zeynep", "--email", "zeynep@lab.example", "--center", "izmir-clinic", "--role", "user"],
        *("--first-name", "Zeynep", "--last-name", "Öz", "--password-file", first, "--keep-password", "--json"),
    )
    assert user.status == 0, user
    assert user.json["username"] == "zeynep"
    assert HERS not in user.out

    zeynep = Admin(fresh.home).as_user("zeynep", HERS)
    sample = zeynep.json("sample", "create", "--name", "Serum 1", "--type", "blood")
    barcode = sample["barcode"]
    assert sample["status"] == "pending"
    assert sample["responsible_name"] == "Zeynep Öz"

    content = bytes(range(256)) * 8_192  # 2 MiB, so that segments begin and end
    file = tmp_path / "rapor şubat.bin"
    file.write_bytes(content)
    added = zeynep.run("document", "add", file, "--sample", barcode, "--json", anew=True)
    assert added.status == 0, added
    assert [(one["name"], one["size"], one["version"], one["state"]) for one in added.json] == [
        (file.name, len(content), 1, "live")
    ]

    target = tmp_path / "opened"
    opened = zeynep.run("document", "get", added.json[0]["id"], "--to", target, "--json", anew=True)
    assert opened.status == 0, opened
    assert target.read_bytes() == content
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert zeynep("document", "verify").status == 0

    stats = root.json("center", "stats", "izmir-clinic")
    assert (stats["id"], stats["samples"], stats["users"], stats["documents"]) == (center["id"], 1, 1, 1)
    assert stats["samples_by_status"]["pending"] == 1
    assert stats["stored_bytes"] > len(content)


def test_a_person_with_a_first_password_must_choose_his_own(fresh: Fresh, root: Admin, tmp_path: Path) -> None:
    root.json("center", "create", "Handover Lab", "--slug", "handover")
    made = root.json("user", "create", "cem", "--email", "cem@lab.example", "--center", "handover", "--role", "admin")
    cem = Admin(fresh.home).as_user("cem", made["password"])
    assert "password" in cem.refused("sample", "list").lower()
    own = tmp_path / "own"
    own.write_text("short\n")
    cem.refused("--new-password-file", own, "sample", "list")
    own.write_text("Velvet-Anchor-77\n")
    assert cem("--new-password-file", own, "sample", "list", "--json").json == []
    cem.refused("sample", "list")
    assert Admin(fresh.home).as_user("cem", "Velvet-Anchor-77").json("sample", "list") == []


def test_a_center_with_its_first_administrator_is_made_whole_or_not_at_all(
    fresh: Fresh, root: Admin, tmp_path: Path
) -> None:
    sentence = root.refused("center", "create", "Half Lab", "--admin", "root.admin", "--email", "x@lab.example")
    assert "user name is taken" in sentence
    root.refused("center", "create", "Half Lab", "--admin", "half.admin", "--email", "no address")
    root.refused("center", "create", "Half Lab", "--admin", "half.admin", "--email", "Root@lab.example")
    weak = tmp_path / "weak"
    weak.write_text("half.admin\n")
    root.refused(
        *["center", "create", "Half Lab", "--admin", "half.admin", "--email", "half@lab.example"],
        *("--password-file", weak),
    )
    assert "half-lab" not in [center["slug"] for center in root.json("center", "list", "--all")]
    made = root.json("center", "create", "Half Lab", "--admin", "half.admin", "--email", "half@lab.example")
    assert made["slug"] == "half-lab"
    assert made["admin"]["center_id"] == made["id"]
    half = Admin(fresh.home).as_user("half.admin", made["admin"]["password"])
    assert "password" in half.refused("status").lower()


def test_status_and_migrate_say_what_is_there(root: Admin) -> None:
    status = root.json("status")
    assert status["store_problem"] is None
    assert status["alarms"] == []
    assert status["id"] == status["profile"]["installation_id"]
    planned = root.json("migrate", "--dry-run")
    assert planned[0]["name"] == "shared"
    assert all(step["before"] == step["after"] for step in planned)
    done = root.json("migrate")
    assert {step["id"] for step in done} == {step["id"] for step in planned}
    assert all(step["problem"] is None for step in done)
    assert len(root.json("migrate", "--shared")) == 1
    root.refused("migrate", "--center", "nowhere")


def test_the_kit_signs_that_the_installation_was_restored(fresh: Fresh, root: Admin) -> None:
    restored = ("audit", "restored", "--reason", "The server was replaced.", "--recovery-kit", fresh.kit)
    assert root.json(*restored)["restored"] is True
    assert root.json("status")["alarms"] == []
    assert root.json("audit", "verify", "--installation")["ok"] is True


def test_the_profile_of_a_built_in_server_stays_on_its_computer(fresh: Fresh, tmp_path: Path) -> None:
    file = tmp_path / "lab.labkeep-profile"
    assert "no other computer reaches" in Admin(fresh.home).refused("profile", "export", file)
    assert not file.exists()


def test_a_profile_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    elsewhere = Admin(tmp_path / "home")
    file = tmp_path / "lab.toml"
    elsewhere.refused("profile", "import", file)
    file.write_text("this is not TOML")
    elsewhere.refused("profile", "import", file)
    file.write_text('installation_id = "x"\npassword = "secret123"\n')
    assert "secret123" not in elsewhere.refused("profile", "import", file)
    assert elsewhere.json("profile", "list") == []
