"""The computer's own disk is full when the server has committed: done, with a warning, and never called failed."""

import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.bootstrap import build
from tests.e2e.conftest import DemoPeople
from tests.e2e.labkeep_admin import PROGRAM, PROJECT, Admin, Answer


def _without_room() -> None:
    """No file takes one byte more: what the system says is nearly what a full disk says. Pipes and sockets do."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


@pytest.fixture
def root(demo: DemoPeople, tmp_path: Path) -> Iterator[Admin]:
    """The system administrator at a workstation of his own; the server is up, and no child of a full computer."""
    good = next((demo.home / "config" / "profiles").glob("*.toml"))
    shutil.copytree(good.parent, tmp_path / "config" / "profiles")
    app = build({"LABKEEP_HOME": str(tmp_path)})
    try:
        (profile,) = app.profiles.list()
        app.servers.address(profile)
        yield Admin(tmp_path).as_user("sysadmin", demo.passwords["sysadmin"])
    finally:
        app.close()


def _on_a_full_disk(who: Admin, *arguments: str) -> Answer:
    done = subprocess.run(
        [*PROGRAM, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=who.environment(),
        cwd=PROJECT,
        timeout=120,
        check=False,
        preexec_fn=_without_room,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("admin", [(), ("--admin", "full.disk", "--email", "full.disk@new.example")])
def test_a_center_that_was_made_is_not_called_failed(root: Admin, admin: tuple[str, ...]) -> None:
    root.json("center", "list")  # this workstation has seen the installation before
    name = f"Full disk {len(admin)}"
    answer = _on_a_full_disk(root, "center", "create", name, *admin, "--json")
    assert answer.status == 0, answer
    assert answer.json["name"] == name
    assert not admin or answer.json["admin"]["password"]
    (warning,) = answer.err.splitlines()
    assert warning.startswith("Warning: The change is made, but this computer could not keep what it saw of it: ")
    assert str(root.home / "state") in warning
    assert answer.json["id"] in {center["id"] for center in root.json("center", "list")}
