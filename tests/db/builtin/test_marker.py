"""The marker is only a file: whatever it says, nothing outside what this package made is used or deleted.

Every target here is a folder of the test itself. A removal under test runs with the rights of whoever runs the tests.
"""

import json
from pathlib import Path

import pytest

from desktop_app.db.builtin.errors import ForeignFolderError
from desktop_app.db.builtin.folders import MARKER_NAME, ServerFolders, delete_home, existing_folders

MARKER = {"format": "labkeep-server/1"}


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A folder with something in it that must survive."""
    place = tmp_path / "victim"
    (place / "cluster").mkdir(parents=True)
    (place / "precious").write_text("years of work")
    return place


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    place = tmp_path / "data"
    place.mkdir()
    return place


def point(data_dir: Path, home: Path | str) -> None:
    (data_dir / MARKER_NAME).write_text(json.dumps({**MARKER, "home": str(home)}))


def test_home_outside_the_system_folder_is_refused(data_dir: Path, victim: Path, tmp_path: Path) -> None:
    system = tmp_path / "system"
    (system / "clusters").mkdir(parents=True)
    for home in (victim, "../victim", system / "clusters" / ".." / ".." / "victim", system, system / "clusters", ".."):
        point(data_dir, home)
        with pytest.raises(ForeignFolderError, match=r"points to|was made by root"):
            existing_folders(data_dir, system)
    assert (victim / "precious").read_text() == "years of work"


def test_home_that_only_looks_right_is_refused(data_dir: Path, victim: Path, tmp_path: Path) -> None:
    """A link with a home's name, and a folder with a home's name that was not made as one."""
    clusters = tmp_path / "system" / "clusters"
    clusters.mkdir(parents=True)
    (victim / "made-for").write_text("x")
    (clusters / "0123456789abcdef-01234567").symlink_to(victim)
    (clusters / "0123456789abcdef-89abcdef").mkdir()
    for name in ("0123456789abcdef-01234567", "0123456789abcdef-89abcdef", "0123456789abcdef-00000000"):
        point(data_dir, clusters / name)
        with pytest.raises(ForeignFolderError):
            existing_folders(data_dir, tmp_path / "system")
    assert (victim / "precious").exists()


def test_deleting_takes_only_names_that_were_made(victim: Path, data_dir: Path) -> None:
    point(data_dir, ".")
    (data_dir / "precious").write_text("kept")
    (data_dir / "log").symlink_to(victim)
    delete_home(ServerFolders(data_dir, data_dir))
    assert sorted(entry.name for entry in data_dir.iterdir()) == ["log", "precious"]
    assert (victim / "precious").exists()
    assert (victim / "cluster").is_dir()


def test_deleting_a_home_with_strangers_in_it_stops(victim: Path, data_dir: Path) -> None:
    point(data_dir, victim)
    with pytest.raises(OSError, match="not empty"):
        delete_home(ServerFolders(data_dir, victim))
    assert (victim / "precious").read_text() == "years of work"
