"""labkeep-admin init, refused: one sentence, and nothing of it is left."""

from pathlib import Path

import pytest

from desktop_app.paths import HomePaths
from tests.e2e.labkeep_admin import Admin
from tests.servers import remove_server

GOOD = "Walnut-Ferry-53"


@pytest.fixture
def nobody(tmp_path: Path) -> Admin:
    return Admin(tmp_path / "home").using(LABKEEP_PASSWORD=GOOD)


def _left(admin: Admin) -> list[Path]:
    """What an init that was refused left in the home, beside the log."""
    if not admin.home.exists():
        return []
    log_dir = HomePaths.from_environment(admin.environment()).log_dir
    return [path for path in admin.home.rglob("*") if path.is_file() and log_dir not in path.parents]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--admin", "A B"],
        ["--admin", "x"],
        ["--admin", ""],
        ["--admin", "root.admin", "--email", "no address"],
        ["--admin", "root.admin", "--name", ""],
        ["--admin", "root.admin", "--name", "a\nb"],
        ["--admin", "root.admin", "--store", "missing/folder"],
        ["--admin", "root.admin", "--dsn", "nonsense"],
        ["--admin", "root.admin", "--dsn", "host=127.0.0.1 port=1 user=nobody dbname=postgres"],
        ["--admin", "root.admin", "--dsn", "host=127.0.0.1 keepalives=1"],
        ["--admin", "root.admin", "--dsn-file", "missing/file"],
        ["--admin", "root.admin", "--recovery-kit", "missing/folder/kit.txt"],
    ],
    ids=" ".join,
)
def test_what_is_wrong_is_said_before_anything_is_made(nobody: Admin, arguments: list[str]) -> None:
    nobody.refused("init", *arguments)
    assert _left(nobody) == []


def test_a_weak_password_is_refused(nobody: Admin) -> None:
    weak = nobody.using(LABKEEP_PASSWORD="root.admin")
    assert "password" in weak.refused("init", "--admin", "root.admin")
    assert _left(nobody) == []


def test_a_recovery_kit_is_not_written_over_a_file(nobody: Admin, tmp_path: Path) -> None:
    kit = tmp_path / "kit.txt"
    kit.write_text("mine")
    nobody.refused("init", "--admin", "root.admin", "--recovery-kit", kit)
    assert kit.read_text() == "mine"
    assert _left(nobody) == []


def test_a_store_of_another_installation_is_refused(nobody: Admin, tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    (store / "labkeep-store.toml").write_text('installation_id = "00000000-0000-4000-8000-000000000000"\nformat = 1\n')
    before = (store / "labkeep-store.toml").read_bytes()
    try:
        nobody.refused("init", "--admin", "root.admin", "--store", store)
    finally:
        remove_server(nobody.home)
    assert (store / "labkeep-store.toml").read_bytes() == before
    assert nobody.json("profile", "list") == []
