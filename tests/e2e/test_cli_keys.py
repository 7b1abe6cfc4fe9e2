"""labkeep-admin key: versions, who holds them, a new one; and what leaving does to it."""

from pathlib import Path

import pytest

from tests.e2e.conftest import DemoPeople
from tests.e2e.labkeep_admin import Admin

FIRST = "Hazel-Pasture-90"


@pytest.fixture(scope="module")
def center(demo: DemoPeople) -> str:
    """One of its own: what the demo's centers hold is other tests'."""
    demo.sysadmin.json("center", "create", "Key Clinic", "--slug", "keys")
    return "keys"


@pytest.fixture
def hired(demo: DemoPeople, center: str, tmp_path: Path) -> str:
    """Somebody new, who may leave."""
    name = f"key.{tmp_path.name[-12:].strip('_').lower().replace('_', '.')}"
    file = tmp_path / "password"
    file.write_text(FIRST + "\n")
    demo.sysadmin.json(
        *("user", "create", name, "--email", f"{name}@keys.example", "--role", "user", "--center", center),
        *("--password-file", file, "--keep-password"),
    )
    return name


def number(admin: Admin) -> int:
    found: int = admin.json("key", "list", "--center", "keys")[0]["number"]
    return found


def test_a_new_key_and_who_holds_it(demo: DemoPeople, center: str, hired: str) -> None:
    admin = demo.sysadmin
    before = number(admin)
    made = admin.json("key", "rotate", "--center", center, "--reason", "yearly")
    assert made == {"id": before + 1, "number": before + 1, "documents": 0}
    listed = admin.json("key", "list", "--center", center)
    assert [(each["id"], each["state"]) for each in listed[:2]] == [(before + 1, "active"), (before, "retired")]
    holders = {each["username"]: each for each in admin.json("key", "grants", "--center", center)}
    assert holders[hired]["kind"] == "user"
    assert holders[hired]["keys"][-1] == before + 1
    assert holders[hired]["last_sign_in"] is None
    assert holders[""]["kind"] == "recovery kit"
    assert all(each["id"] == each["identity_id"] for each in holders.values())


def test_who_may_not_is_refused(demo: DemoPeople, center: str, hired: str) -> None:
    user = Admin(demo.home).as_user(hired, FIRST)
    for command in ("list", "grants", "rotate"):
        assert "needs the rights of an administrator" in user.refused("key", command, "--center", center)
    assert user.json("key", "rotate", "--due") == []


def test_leaving_makes_a_new_key_or_leaves_one_due(demo: DemoPeople, center: str, hired: str) -> None:
    admin = demo.sysadmin
    before = number(admin)
    out = admin.json("user", "deactivate", hired, "--no-new-key")
    assert "new_keys" not in out
    assert number(admin) == before
    made = admin.json("key", "rotate", "--due")
    assert [(each["center"], each["number"]) for each in made] == [("Key Clinic", before + 1)]
    assert admin.json("key", "rotate", "--due") == []
    admin.json("user", "restore", hired)
    out = admin.json("user", "deactivate", hired)
    assert [(each["center"], each["number"]) for each in out["new_keys"]] == [("Key Clinic", before + 2)]
    assert number(admin) == before + 2
