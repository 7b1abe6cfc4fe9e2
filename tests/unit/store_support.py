"""What the tests of the store share: a store on the disk, and the ways of reaching it."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from desktop_app.storage.folder_store import FolderStore
from desktop_app.storage.marker import MARKER_NAME
from desktop_app.storage.store import Store
from desktop_app.system.folder_handles import CheckedFolder, HeldFolder

SCHEMA = "center_" + "0123456789abcdef" * 2
OTHER = "center_" + "f" * 32
FILE = UUID("ab000000-0000-4000-8000-000000000001")


KILL_BEFORE = """
import os, signal, sys

def kill_before(step):
    # From here on the program dies at once before its call number `step` into C, system calls among them.
    count = 0
    def profile(frame, event, function):
        nonlocal count
        if event == "c_call":
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1
    sys.setprofile(profile)
"""
KILLED_WHILE_REMEMBERING = """
step, sequence = 0, 1
write(1)
moved = set()
while True:
    child = os.fork()
    if child == 0:
        kill_before(step)
        write(sequence + 1)
        sys.setprofile(None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    found = read()  # raises when damaged
    assert found in (sequence, sequence + 1)
    moved.add(found - sequence)
    sequence = found
    if os.WIFEXITED(status):
        assert os.WEXITSTATUS(status) == 0
        break
    step += 1
assert moved == {0, 1}
print(step)
"""
"""Behind KILL_BEFORE and functions ``write(sequence)`` and ``read()``: dies at each step of a write, and reads."""


@pytest.fixture(params=["held", "checked"])
def ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run every test with folder handles and with the checks that Windows gets."""
    kind = HeldFolder if request.param == "held" else CheckedFolder
    monkeypatch.setattr("desktop_app.storage.marker.open_root", kind.root)
    return str(request.param)


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """Yield a folder that another account may enter; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="labkeep-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def installation() -> UUID:
    return uuid4()


@pytest.fixture
def store(tmp_path: Path, installation: UUID) -> FolderStore:
    root = tmp_path / "share"
    root.mkdir()
    FolderStore(root, installation).create_marker()
    return FolderStore(root, installation)


def put(store: Store, content: bytes, file_id: UUID = FILE, schema: str = SCHEMA) -> None:
    with store.writing(schema) as batch:
        with batch.writer(file_id) as pending:
            pending.file.write(content)
            pending.commit()
        batch.settle()


def get(store: Store, file_id: UUID = FILE, schema: str = SCHEMA) -> bytes:
    with store.open(schema, file_id) as file:
        return file.read()


def everything(store: FolderStore) -> set[str]:
    return {str(path.relative_to(store.root)) for path in store.root.rglob("*")} - {MARKER_NAME}


def python(program: str, *arguments: object, wrapper: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[2]
    command = [*wrapper, sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        timeout=120,
        check=False,
    )
