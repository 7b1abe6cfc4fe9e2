"""Built-in servers that leave nothing behind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_app.server.launcher import BuiltinServer
from desktop_app.server.running_server import RunningServer
from desktop_app.system.locks import FileLock
from tests.server.ordinary_user import OrdinaryUser, ordinary_user
from tests.server.programs_under_test import places

MakeServer = Callable[..., BuiltinServer]
GRACE_SECONDS = 0.5


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[MakeServer]:
    """Make servers with a short grace; at the end each is removed and its watcher is waited for."""
    made: list[BuiltinServer] = []

    def make(data_dir: Path | None = None, grace_seconds: float = GRACE_SECONDS) -> BuiltinServer:
        made.append(BuiltinServer(data_dir or tmp_path / "server", grace_seconds=grace_seconds))
        return made[-1]

    yield make
    for server in made:
        discard(server)


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltinServer]:
    """One server for the tests that only look."""
    made = BuiltinServer(tmp_path_factory.mktemp("shared") / "server", grace_seconds=GRACE_SECONDS)
    yield made
    discard(made)


@pytest.fixture(scope="package")
def running(server: BuiltinServer) -> Iterator[RunningServer]:
    """The shared server, running."""
    with server.start() as started:
        yield started


@pytest.fixture
def user() -> Iterator[OrdinaryUser]:
    """An ordinary user, also when root runs the tests."""
    with ordinary_user() as somebody:
        yield somebody


def discard(server: BuiltinServer) -> None:
    """Remove a server, and return when its watcher has ended."""
    if not server.data_dir.is_dir() or not any(server.data_dir.iterdir()):
        return  # never started, or moved away by the test
    folders = places(server)
    watcher = FileLock(folders.lock("watcher"))
    try:
        server.remove()
        watcher.take_exclusive(30)
    finally:
        watcher.close()
