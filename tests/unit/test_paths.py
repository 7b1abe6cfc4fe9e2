"""Local folders: moved by one variable, private where made here, untouched where not."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.paths import HomePaths, ResourcesMissingError, resources_dir
from desktop_app.system.folders import PrivateFolderError, make_private_folder, sync_folder

ROOT = Path(__file__).parents[2]


def all_of(paths: HomePaths) -> list[Path]:
    return [getattr(paths, name) for name in HomePaths.__dataclass_fields__]


def test_one_variable_moves_everything(tmp_path: Path) -> None:
    paths = HomePaths.from_environment({"LABKEEP_HOME": str(tmp_path / "a b")})
    assert all(path.is_relative_to(tmp_path / "a b") for path in all_of(paths))
    assert len(set(all_of(paths))) == len(all_of(paths))
    assert paths.settings_file.parent == paths.config_dir
    assert list(tmp_path.iterdir()) == [], "naming folders makes none"


def test_a_relative_home_and_a_tilde_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert HomePaths.from_environment({"LABKEEP_HOME": "here"}).data_dir == tmp_path / "here" / "data"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert HomePaths.from_environment({"LABKEEP_HOME": "~/lab"}).data_dir == tmp_path / "lab" / "data"


def test_without_the_variable_the_systems_folders_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/somewhere/config")
    for env in ({}, {"LABKEEP_HOME": ""}):
        paths = HomePaths.from_environment(env)
        assert all(path.is_absolute() for path in all_of(paths))
        assert len(set(all_of(paths))) == len(all_of(paths))
        if sys.platform == "linux":
            assert paths.profiles_dir == Path("/somewhere/config/labkeep/profiles")


def test_new_folders_are_private_and_old_ones_stay_as_they_are(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    old.chmod(0o755)
    umask = os.umask(0)
    try:
        made = make_private_folder(old / "new" / "newer")
    finally:
        os.umask(umask)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (old, old / "new", made)] == [0o755, 0o700, 0o700]
    assert make_private_folder(old) == old
    assert stat.S_IMODE(old.stat().st_mode) == 0o755


def test_a_file_in_the_way_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(PrivateFolderError, match=r"folder.*\."):
            make_private_folder(folder)
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing")
    with pytest.raises(PrivateFolderError):
        make_private_folder(tmp_path / "nowhere")


def resources_as_seen_from(package: Path) -> str:
    """Return what ``resources_dir`` gives when the program lies in ``package``."""
    package.mkdir(parents=True, exist_ok=True)
    for name in ("__init__.py", "errors.py", "message.py", "paths.py"):
        shutil.copy(ROOT / "desktop_app" / name, package / name)
    shutil.copytree(ROOT / "desktop_app" / "system", package / "system", dirs_exist_ok=True)
    program = "from desktop_app.paths import resources_dir; print(resources_dir())"
    environment = os.environ | {"PYTHONPATH": str(package.parent)}
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=package, env=environment
    )
    return run.stdout.strip() or run.stderr.strip().splitlines()[-1]


def test_resources_are_found_installed_and_in_a_checkout(tmp_path: Path) -> None:
    site = tmp_path / "site-packages"
    (site / "resources").mkdir(parents=True)  # another project's
    assert resources_as_seen_from(site / "desktop_app").endswith("please install it again.")
    (site / "desktop_app" / "resources").mkdir()
    assert resources_as_seen_from(site / "desktop_app") == str(site / "desktop_app" / "resources")

    checkout = tmp_path / "check out"
    (checkout / "resources").mkdir(parents=True)
    (checkout / "pyproject.toml").touch()
    assert resources_as_seen_from(checkout / "desktop_app") == str(checkout / "resources")


def test_resources_are_found_in_a_frozen_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.paths.__file__", str(tmp_path / "desktop_app" / "paths.pyc"))
    with pytest.raises(ResourcesMissingError):
        resources_dir()
    (tmp_path / "resources").mkdir()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resources_dir() == tmp_path / "resources"


def test_a_file_system_that_cannot_sync_folders_is_no_error() -> None:
    descriptor = os.open("/proc", os.O_RDONLY)
    with pytest.raises(OSError, match="Invalid argument"):
        os.fsync(descriptor)  # so it is, there and on some network shares
    os.close(descriptor)
    sync_folder(Path("/proc"))
    with pytest.raises(OSError):
        sync_folder(Path("/proc/none"))
