"""Files that lie in memory: of servers, and of tests in which the disk is not what is tested."""

import shutil
import tempfile
from pathlib import Path

import pytest

_MEMORY = Path("/dev/shm")
_ENOUGH = 2 << 30
_ENOUGH_FOR_ALL = 4 << 30  # with the large files of tests/services
_made: list[Path] = []


def memory_folder(enough: int = _ENOUGH) -> Path | None:
    """Where files lie in memory; None where the system has not so many bytes free there."""
    return _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= enough else None


def base_folders() -> tuple[Path, ...]:
    """Where the temporary folders of this process lie in memory."""
    return tuple(_made)


@pytest.fixture(scope="session", name="tmp_path_factory")
def factory_in_memory(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> pytest.TempPathFactory:
    """pytest's own, in memory: a disk makes wait for every file that is saved, and is as slow to take each away again.

    A folder of tests takes it by importing it into its conftest.py. What is there goes with the session.
    """
    memory = memory_folder(_ENOUGH_FOR_ALL)
    if memory is None:
        return tmp_path_factory
    _made.append(Path(tempfile.mkdtemp(prefix="labkeep-tests-", dir=memory)))
    factory = pytest.TempPathFactory.from_config(pytestconfig, _ispytest=True)
    factory._given_basetemp = _made[-1] / "base"
    return factory


def pytest_unconfigure() -> None:
    """Take the folders away."""
    for folder in _made:
        shutil.rmtree(folder, ignore_errors=True)
