"""The laboratory's policy by the command line, which obeys it as the window does."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_app import bootstrap
from desktop_app.policy import load_policy
from tests.e2e.conftest import DemoPeople
from tests.e2e.labkeep_admin import Admin


@pytest.fixture
def fixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Writes this computer's policy; what stands for root is who runs the tests."""
    path = tmp_path / "policy.toml"
    monkeypatch.setattr(bootstrap, "policy_file", lambda: path)
    monkeypatch.setattr(bootstrap, "load_policy", lambda file: load_policy(file, os.getuid()))

    def write(text: str) -> Path:
        path.write_text(text)
        path.chmod(0o644)
        return path

    return write


def test_nothing_is_written_in_clear(demo: DemoPeople, fixed: Callable[[str], Path], tmp_path: Path) -> None:
    source = tmp_path / "policy finding.txt"
    source.write_text("haemoglobin")
    demo.mehmet.json("document", "add", source)
    target = tmp_path / "out"
    fixed("export = false")
    for who, command in ((demo.mehmet, ("document", "get")), (demo.ayse, ("document", "evidence"))):
        assert "nothing was written in clear" in who.refused(*command, source.name, "--to", target)
        assert not target.exists()
    other = demo.mehmet.using(LABKEEP_POLICY="/dev/null", XDG_CONFIG_HOME=str(tmp_path), HOME=str(tmp_path))
    assert "nothing was written in clear" in other.refused("document", "get", source.name, "--to", target)
    fixed("export = true")
    demo.mehmet.json("document", "get", source.name, "--to", target)


def test_what_holds_is_shown(demo: DemoPeople, fixed: Callable[[str], Path]) -> None:
    shown = demo.mehmet.json("policy", "show")
    assert (shown["fixed"], shown["file"], shown["problem"]) == ([], None, None)
    assert "Nothing is fixed" in demo.mehmet("policy", "show").out
    path = fixed('idle_lock_minutes = 3\nremember_sign_in = "never"\n')
    shown = demo.mehmet.json("policy", "show")
    assert shown["fixed"] == ["idle_lock_minutes", "remember_sign_in"]
    assert (shown["idle_lock_minutes"], shown["export"], shown["file"]) == (3, True, str(path))
    assert "idle_lock_minutes, remember_sign_in" in demo.mehmet("policy", "show").out
    assert demo.sysadmin("status", "--json").json["policy"] == shown


def test_a_policy_that_is_not_believed_is_a_finding(demo: DemoPeople, fixed: Callable[[str], Path]) -> None:
    path = fixed("exprot = false")
    answer = demo.mehmet("policy", "show", "--json")
    assert (answer.status, answer.json["export"], answer.json["remember_sign_in"]) == (1, False, "never")
    status = demo.sysadmin("status", "--json")
    assert status.status == 1
    assert "policy" in [finding["code"] for finding in status.json["findings"]]
    assert str(path) in status.err


def test_a_file_is_checked_before_it_is_rolled_out(tmp_path: Path) -> None:
    admin, path = Admin(tmp_path / "home"), tmp_path / "policy.toml"
    path.write_text('export = false\nupdates = "never"\n')
    assert admin.json("policy", "check", path)["fixed"] == ["export", "updates"]
    path.write_text("export = no")
    assert "It is no TOML" in admin.refused("policy", "check", path)
    path.write_text("idle_lock_minutes = 0")
    assert "from 1 to 1,440" in admin.refused("policy", "check", path)
    assert "cannot be read" in admin.refused("policy", "check", tmp_path / "none")
