"""Files beyond four gigabytes: streamed with flat memory, counted to the byte, opened and checked to their end."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_app.services.documents.add_results import AddOutcome, SilentAddReport
from desktop_app.services.session.center_services import CenterServices
from tests.services.conftest import World

At = Callable[[str, str], CenterServices]
MIB = 1024 * 1024
MOST_MEMORY = 150 * MIB
"""Above the start, at any size: DESIGN 10."""
EDGES = {0: b"begins", 2**32 - 3: b"crosses four gigabytes"}


def peak_memory() -> int:
    """Bytes of memory that the process had at most since it was last reset."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024


def reset_peak_memory() -> int:
    """Forget the peak; the memory that is used now."""
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): resets the peak resident set size
    return peak_memory()


def sparse(path: Path, size: int) -> bytes:
    """A file that takes no room on the disk but where something stands; its SHA-256."""
    with path.open("wb") as file:
        file.truncate(size)
        for at, words in EDGES.items():
            if at + len(words) < size:
                file.seek(at)
                file.write(words)
        file.seek(size - 3)
        file.write(b"end")
    return digest(path)


def digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


@pytest.fixture
def made(world: World) -> Iterator[list[Path]]:
    """Files that are not left until pytest forgets the folders of this run."""
    paths: list[Path] = []
    yield paths
    for path in paths:
        path.unlink(missing_ok=True)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("size", [400 * MIB + 17, pytest.param(5 * 1024 * MIB + 17, marks=pytest.mark.full)])
def test_a_large_file(world: World, at: At, tmp_path: Path, made: list[Path], size: int) -> None:
    work = at("a.user", "alpha")
    source, target = tmp_path / f"large {size}.bin", tmp_path / "again.bin"
    made += [source, target]
    wanted = sparse(source, size)
    told: list[int] = []

    class Telling(SilentAddReport):
        def bytes_done(self, path: Path, done: int) -> None:
            told.append(done)

    before = reset_peak_memory()
    (result,) = work.documents.add([source], report=Telling()).results
    assert (result.outcome, result.size) == (AddOutcome.SAVED, size)
    assert max(told) == size
    assert result.id is not None
    document = work.documents.get(result.id)
    (version,) = work.documents.versions(document)
    made.append(world.store / work.center.schema_name / version.file_id.hex[:2] / str(version.file_id))
    assert document.size == size
    assert [verdict.problem for verdict in work.documents.verify([document])] == [None]
    assert work.documents.save_as(document, target) == target
    assert peak_memory() - before < MOST_MEMORY
    assert target.stat().st_size == size
    assert digest(target) == wanted
