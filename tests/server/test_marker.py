"""The marker is only a file: whatever it says, nothing outside what this package made is used or deleted.

Every target here is a folder of the test itself. A removal under test runs with the rights of whoever runs the tests.
"""

import json
import os
from pathlib import Path

import pytest

from desktop_app.server.account import running_as_root
from desktop_app.server.errors import ForeignFolderError
from desktop_app.server.folders import MARKER_NAME, existing_folders

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


@pytest.mark.parametrize("content", ["a link", "a pipe", "another's", "writable by all"])
def test_marker_that_others_may_have_written_is_refused(data_dir: Path, tmp_path: Path, content: str) -> None:
    marker = data_dir / MARKER_NAME
    text = json.dumps({**MARKER, "home": "."})
    if content == "a link":
        (tmp_path / "elsewhere").write_text(text)
        marker.symlink_to(tmp_path / "elsewhere")
    elif content == "a pipe":
        os.mkfifo(marker)
    else:
        marker.write_text(text)
        if not running_as_root():
            return  # only root can give a file away, and only root's marker leads out of its own folder
        if content == "another's":
            os.chown(marker, 65534, 65534)
        else:
            marker.chmod(0o666)
    with pytest.raises((ForeignFolderError, PermissionError)):
        existing_folders(data_dir, tmp_path / "system")
