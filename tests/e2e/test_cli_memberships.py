"""labkeep-admin user with people of two centers: joining, the last day, roles by center, leaving, and what is shown."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import DemoPeople
from tests.e2e.labkeep_admin import Admin

FIRST = "Hazel-Pasture-90"
LAST_DAY = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()


@pytest.fixture(scope="module")
def first_password(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("first") / "password"
    file.write_text(FIRST + "\n")
    return file


def _hired(demo: DemoPeople, file: Path, name: str, role: str = "viewer") -> Admin:
    """Somebody new in Istanbul, ready to run commands."""
    demo.sysadmin.json(
        *("user", "create", name, "--email", f"{name}@two.example", "--role", role, "--center", "istanbul"),
        *("--password-file", file, "--keep-password"),
    )
    return Admin(demo.home).as_user(name, FIRST)


def _ids(demo: DemoPeople) -> dict[str, str]:
    return {center["slug"]: center["id"] for center in demo.sysadmin.json("center", "list")}


def _places(user: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    """Role and last day by the center's id, as a command with --json names them."""
    return {each["center_id"]: (each["role"], each["until"]) for each in user["memberships"]}


def _creates(person: Admin, center: str) -> tuple[str, ...]:
    return ("sample", "create", "--center", center, "--name", "A", "--type", "other")


def test_one_person_of_two_centers_is_shown_with_both(demo: DemoPeople, first_password: Path) -> None:
    ids = _ids(demo)
    _hired(demo, first_password, "both.places")
    alone = demo.sysadmin.json("user", "show", "both.places")
    assert (alone["role"], alone["center_id"]) == ("viewer", ids["istanbul"])
    assert _places(alone) == {ids["istanbul"]: ("viewer", None)}
    joined = demo.sysadmin.json("user", "join", "both.places", "ankara", "--role", "user")
    both = {ids["istanbul"]: ("viewer", None), ids["ankara"]: ("user", None)}
    listed = {
        center: next(
            user for user in demo.sysadmin.json("user", "list", "--center", center) if user["username"] == "both.places"
        )
        for center in ("istanbul", "ankara")
    }
    for user in (joined, demo.sysadmin.json("user", "show", "both.places"), *listed.values()):
        assert _places(user) == both
        assert {each["center"] for each in user["memberships"]} == {"Istanbul Medical Center", "Ankara Research Lab"}
        assert (user["role"], user["center_id"]) == (None, None)
    # A center's administrator sees the place in his own center, and no more of the person.
    for by, own in ((demo.ayse, "istanbul"), (demo.deniz, "ankara")):
        seen = by.json("user", "show", "both.places")
        assert _places(seen) == {ids[own]: both[ids[own]]}
        assert (seen["role"], seen["center_id"]) == (both[ids[own]][0], ids[own])


def test_a_role_is_changed_in_the_named_center_only(demo: DemoPeople, first_password: Path) -> None:
    ids = _ids(demo)
    person = _hired(demo, first_password, "two.roles")
    demo.sysadmin.json("user", "join", "two.roles", "ankara", "--role", "viewer", "--until", LAST_DAY)
    person.refused(*_creates(person, "ankara"))
    demo.sysadmin.refused("user", "change-role", "user", "two.roles")
    changed = demo.sysadmin.json("user", "change-role", "user", "two.roles", "--center", "ankara")
    assert _places(changed) == {ids["istanbul"]: ("viewer", None), ids["ankara"]: ("user", LAST_DAY)}
    assert person.json(*_creates(person, "ankara"))["name"] == "A"
    person.refused(*_creates(person, "istanbul"))
    # By the administrator of the one center, in his own and in no other.
    demo.ayse.refused("user", "change-role", "viewer", "two.roles", "--center", "ankara")
    demo.ayse.json("user", "change-role", "user", "two.roles", "--center", "istanbul")
    assert person.json(*_creates(person, "istanbul"))["name"] == "A"
    demo.sysadmin.refused("user", "change-role", "user", "two.roles", "--center", "nowhere")


def test_a_last_day_is_given_moved_and_taken_away(demo: DemoPeople, first_password: Path) -> None:
    ids = _ids(demo)
    person = _hired(demo, first_password, "some.guest")
    demo.sysadmin.refused("user", "join", "some.guest", "ankara", "--role", "viewer", "--until", "tomorrow", status=2)
    said = demo.sysadmin("user", "join", "some.guest", "ankara", "--role", "viewer", "--until", LAST_DAY)
    assert (said.status, said.err) == (0, "")
    assert f"viewer of Ankara Research Lab until {LAST_DAY}" in said.out
    assert "viewer of Istanbul Medical Center" in said.out
    assert person.json("document", "list", "--center", "ankara", "--limit", "1")
    # The center's own administrator may move the day, take it away, and not put it into the past.
    later = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    moved = demo.deniz.json("user", "join", "some.guest", "ankara", "--role", "viewer", "--until", later)
    assert _places(moved)[ids["ankara"]] == ("viewer", later)
    over = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    sentence = demo.deniz.refused("user", "join", "some.guest", "ankara", "--role", "viewer", "--until", over)
    assert "over already" in sentence
    assert _places(demo.sysadmin.json("user", "show", "some.guest")) == {
        ids["istanbul"]: ("viewer", None),
        ids["ankara"]: ("viewer", later),
    }
    demo.deniz.json("user", "join", "some.guest", "ankara", "--role", "viewer")
    assert _places(demo.sysadmin.json("user", "show", "some.guest"))[ids["ankara"]] == ("viewer", None)
    assert person.json("document", "list", "--center", "ankara", "--limit", "1")


def test_leaving_closes_one_center_and_leaves_the_other(demo: DemoPeople, first_password: Path) -> None:
    ids = _ids(demo)
    person = _hired(demo, first_password, "half.gone")
    demo.sysadmin.refused("user", "leave", "half.gone", "istanbul")
    demo.sysadmin.refused("user", "leave", "half.gone", "ankara")
    demo.ayse.refused("user", "join", "half.gone", "ankara", "--role", "viewer")
    demo.sysadmin.json("user", "join", "half.gone", "ankara", "--role", "user")
    document = person.json("document", "list", "--center", "ankara", "--limit", "1")[0]
    assert person.json("document", "verify", document["id"], "--center", "ankara")[0]["problem"] is None
    demo.ayse.refused("user", "leave", "half.gone", "ankara")
    said = demo.sysadmin("user", "leave", "half.gone", "ankara")
    assert (said.status, said.out, said.err) == (0, "half.gone is viewer of Istanbul Medical Center now.\n", "")
    person.refused("document", "list", "--center", "ankara")
    person.refused("document", "verify", document["id"], "--center", "ankara")
    assert person.json("document", "list", "--limit", "1"), "his only center needs no name again"
    shown = demo.sysadmin.json("user", "show", "half.gone")
    assert _places(shown) == {ids["istanbul"]: ("viewer", None)}
    assert (shown["role"], shown["center_id"]) == ("viewer", ids["istanbul"])
    assert "half.gone" not in {user["username"] for user in demo.deniz.json("user", "list")}
    assert "half.gone" not in {user["username"] for user in demo.sysadmin.json("user", "list", "--center", "ankara")}
