"""labkeep-admin update: published by a system administrator, read by everybody, and a finding where it is spoiled."""

from pathlib import Path

from desktop_app.storage.update_places import MANIFEST
from tests.e2e.conftest import DemoPeople


def test_a_version_is_published_and_announced(demo: DemoPeople) -> None:
    assert demo.elif_.json("update", "check")["state"] == "none"
    assert "rights of a system administrator" in demo.ayse.refused("update", "publish", "--version", "99.0")
    made = demo.sysadmin.json("update", "publish", "--version", "99.0", "--note", "Labels", "--place", "//lab/new")
    path = Path(made["path"])
    assert path.name == MANIFEST
    try:
        found = demo.elif_.json("update", "check")
        assert (found["state"], found["version"], found["place"]) == ("newer", "99.0", "//lab/new")
        assert "Labkeep 99.0 is announced" in demo.elif_("update", "check").out
        assert demo.sysadmin("status", "--json").json["update"]["version"] == "99.0"
        path.write_text(path.read_text().replace("99.0", "98.0"))
        answer = demo.elif_("update", "check", "--json")
        assert (answer.status, answer.json["state"], answer.json["version"]) == (1, "forged", "")
        findings = demo.sysadmin("status", "--json").json["findings"]
        assert "update_forged" in [each["code"] for each in findings]
    finally:
        path.unlink()
    assert demo.mehmet.refused("update", "publish", "--version", "99.0", "--to", path.parent)
