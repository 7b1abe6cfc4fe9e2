"""A server that is away while files are saved: it is waited for, somebody may stop, and the words are true."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_app.errors import Cancelled, UnavailableError
from desktop_app.services.context import retries
from desktop_app.services.context.retries import RetryPolicy
from desktop_app.services.documents.add_results import AddOutcome, SilentAddReport
from desktop_app.services.documents.upload_items import NOT_SENT
from tests.services.conftest import World
from tests.services.test_interruptions import Files, kill_the_server, listed
from tests.services.wires import Wire, wire

__all__ = ["wire"]


class Away(SilentAddReport):
    """The server goes away while the last file is sealed; hears how long it is still waited for."""

    def __init__(self, files: Files, leave: Callable[[], None], hear: Callable[[float], None]) -> None:
        self._last = files.paths[-1]
        self._leave: Callable[[], None] | None = leave
        self._hear = hear
        self.heard: list[float] = []

    def bytes_done(self, path: Path, done: int) -> None:
        if path == self._last and self._leave is not None:
            leave, self._leave = self._leave, None
            leave()

    def server_away(self, seconds: float) -> None:
        self.heard.append(seconds)
        self._hear(seconds)


def test_it_comes_back_before_the_keys_are_read(wire: Wire, world: World, tmp_path: Path) -> None:
    """Reading the center's keys is part of what is tried again; it was: "not known", of files that were never sent."""
    files = Files.make(tmp_path, world.unused("keys"))

    def leave() -> None:
        wire.work._context.forget()
        wire.proxy.cut()

    def hear(_seconds: float) -> None:
        if len(away.heard) == 3:
            wire.proxy.closed = False

    away = Away(files, leave, hear)
    summary = wire.work.documents.add(files.paths, report=away)
    assert [result.outcome for result in summary.results] == [AddOutcome.SAVED] * 3
    assert listed(wire.work, files) == {path.name: path.read_bytes() for path in files.paths}
    assert away.heard[-1] == 0, "it is said that it answers again"
    assert max(away.heard) > retries.LONGEST - 5


@pytest.mark.parametrize("forgets", [True, False])
def test_what_was_never_sent_is_not_called_unknown(
    wire: Wire, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forgets: bool
) -> None:
    monkeypatch.setattr(retries, "LONGEST", 0.5)
    files = Files.make(tmp_path, world.unused("not sent"))

    def leave() -> None:
        if forgets:
            wire.work._context.forget()
        wire.proxy.cut()

    summary = wire.work.documents.add(files.paths, report=Away(files, leave, lambda _seconds: None))
    assert {result.reason for result in summary.results} == {NOT_SENT}
    wire.proxy.closed = False
    assert listed(wire.work, files) == {}
    assert wire.work.documents.add(files.paths).not_saved == ()


def test_somebody_stops_waiting(wire: Wire, world: World, tmp_path: Path) -> None:
    files = Files.make(tmp_path, world.unused("stopped"))

    def stop(_seconds: float) -> None:
        raise Cancelled

    summary = wire.work.documents.add(files.paths, report=Away(files, wire.proxy.cut, stop))
    assert {result.outcome for result in summary.results} == {AddOutcome.CANCELLED}
    wire.proxy.closed = False
    assert listed(wire.work, files) == {}


def test_a_real_restart_with_recovery(wire: Wire, world: World, tmp_path: Path) -> None:
    """Killed under the open window, and started by somebody else only after a while: nothing is lost, all is saved."""
    files = Files.make(tmp_path, world.unused("restart"))
    data_dir = world.profile.data_dir
    assert data_dir is not None
    starting: list[threading.Thread] = []

    def hear(seconds: float) -> None:
        # Later than the 4.2 seconds that it was waited for once.
        if not starting and 0 < seconds < retries.LONGEST - 6:
            starting.append(threading.Thread(target=world.app.servers.start_builtin, args=(Path(data_dir),)))
            starting[0].start()

    summary = wire.work.documents.add(files.paths, report=Away(files, lambda: kill_the_server(world), hear))
    assert [(result.outcome, result.reason) for result in summary.results] == [(AddOutcome.SAVED, "")] * 3
    assert starting
    starting[0].join(60)
    assert listed(wire.work, files) == {path.name: path.read_bytes() for path in files.paths}


def test_once_spent_it_does_not_wait_again_before_the_server_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(retries, "LONGEST", 0.3)
    monkeypatch.setattr(time, "sleep", slept.append)
    clock = iter(number / 10 for number in range(1000))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    told: list[float] = []
    policy = RetryPolicy(told.append)

    def away() -> None:
        raise UnavailableError("away")

    with pytest.raises(UnavailableError):
        policy.through(away)
    assert slept
    slept.clear()
    for _ in range(3):
        with pytest.raises(UnavailableError):
            policy.through(away)
    assert slept == []
    assert policy.through(lambda: 7) == 7
    with pytest.raises(UnavailableError):
        policy.through(away)
    assert slept, "it answered in between"
    assert told[-1] == 0
