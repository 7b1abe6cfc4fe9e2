"""Files that lie in memory: of servers, and of tests in which the disk is not what is tested."""

import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ENOUGH = 2 << 30
ENOUGH_FOR_ALL = 4 << 30  # with the large files of tests/services
_made: list[Path] = []


def memory_folder(enough: int = _ENOUGH) -> Path | None:
    """Where files lie in memory; None where the system has not so many bytes free there."""
    return _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= enough else None


def base_folders() -> tuple[Path, ...]:
    """Where the temporary folders of this process lie in memory."""
    return tuple(_made)


def make_folder(enough: int = ENOUGH_FOR_ALL) -> Path | None:
    """A folder in memory, taken away when the tests end; None where there is not enough room."""
    memory = memory_folder(enough)
    if memory is None:
        return None
    _made.append(Path(tempfile.mkdtemp(prefix="labkeep-tests-", dir=memory)))
    return _made[-1]


def pytest_unconfigure() -> None:
    """Take the folders away."""
    for folder in _made:
        shutil.rmtree(folder, ignore_errors=True)
