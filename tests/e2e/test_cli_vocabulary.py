"""The center's own words by the command line: sample types and rejection reasons, and who may change them."""

from typing import Any

from tests.e2e.conftest import DemoPeople
from tests.e2e.labkeep_admin import Admin


def codes(who: Admin, *options: str) -> list[str]:
    return [row["code"] for row in who.json("sample-type", "list", *options)]


def words(who: Admin, *options: str) -> list[str]:
    return [row["name"] for row in who.json("rejection-reason", "list", *options)]


def test_a_type_is_added_used_renamed_taken_out_of_use_and_back(demo: DemoPeople) -> None:
    admin, user = demo.ayse, demo.mehmet
    before = codes(user)
    added: dict[str, Any] = admin.json("sample-type", "add", "bone-marrow", "Bone marrow", "--position", "0")
    assert added == {"code": "bone-marrow", "name": "Bone marrow", "position": 0, "is_active": True}
    assert codes(user) == ["bone-marrow", *before]
    sample = user.json("sample", "create", "--name", "Hip", "--type", "bone-marrow")
    changed = admin.json("sample-type", "update", "bone-marrow", "--name", "Marrow", "--position", "900")
    assert (changed["name"], changed["position"]) == ("Marrow", 900)
    assert codes(user) == [*before, "bone-marrow"]
    assert not admin.json("sample-type", "deactivate", "bone-marrow")["is_active"]
    assert codes(user) == before
    assert codes(user, "--all") == [*before, "bone-marrow"]
    assert "no such sample type" in user.refused("sample", "create", "--name", "Rib", "--type", "bone-marrow")
    assert user.json("sample", "show", sample["barcode"])["sample_type"] == "bone-marrow"
    assert admin.json("sample-type", "restore", "bone-marrow")["is_active"]
    assert codes(user)[-1] == "bone-marrow"
    admin.json("sample-type", "deactivate", "bone-marrow")


def test_a_reason_is_added_renamed_taken_out_of_use_and_back(demo: DemoPeople) -> None:
    admin, viewer = demo.ayse, demo.elif_
    before = words(viewer)
    added: dict[str, Any] = admin.json("rejection-reason", "add", "  Too little ", "--position", "0")
    assert words(viewer) == ["Too little", *before]
    changed = admin.json("rejection-reason", "update", "too LITTLE", "--name", "Too little blood")
    assert changed["id"] == added["id"]
    assert not admin.json("rejection-reason", "deactivate", added["id"])["is_active"]
    assert words(viewer) == before
    assert "Too little blood" in words(viewer, "--all")
    assert admin.json("rejection-reason", "restore", "Too little blood")["is_active"]
    assert words(viewer) == ["Too little blood", *before]
    admin.json("rejection-reason", "deactivate", "Too little blood")


def test_what_is_refused_is_a_sentence(demo: DemoPeople) -> None:
    for who in (demo.mehmet, demo.elif_):
        who.refused("sample-type", "add", "hair", "Hair")
        who.refused("rejection-reason", "add", "Broken tube")
        who.refused("sample-type", "deactivate", "blood")
    assert "no such sample type" in demo.ayse.refused("sample-type", "deactivate", "moon-rock")
    assert "no such reason" in demo.ayse.refused("rejection-reason", "restore", "The moon")
    assert "Lower-case letters" in demo.ayse.refused("sample-type", "add", "Bone Marrow", "Bone marrow")
    demo.ayse.refused("sample-type", "add", "blood", "Blood")
    demo.ayse.refused("sample-type", "add", "hair", "Hair", "--position", "-1", status=2)
    assert codes(demo.deniz) == ["blood", "urine", "tissue", "saliva", "other"], "another center has its own"
