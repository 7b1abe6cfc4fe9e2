"""Killed, cut off, restarted at every step of saving: what was reported saved opens, and the next file is saved."""

import json
import os
import signal
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from desktop_app.domain.filters import DocumentFilter
from desktop_app.services.context import retries
from desktop_app.services.documents.add_results import AddOutcome, AddSummary, SilentAddReport
from desktop_app.services.documents.title_conflicts import OnConflict
from desktop_app.services.documents.upload_items import UNKNOWN
from desktop_app.services.session.center_services import CenterServices
from desktop_app.storage.errors import StoreMissingError
from tests.servers import wait_until
from tests.services.conftest import PASSWORDS, World
from tests.services.database_state import Reachable
from tests.services.killed_child import killed, sign_in_keys
from tests.services.wires import Wire, wire

__all__ = ["wire"]

At = Callable[[str, str], CenterServices]
MIB = 1024 * 1024
AFTER_COMMIT = {"saved and committed", "file finished"}
SHORT = [
    ("reserved and committed", 1),
    ("bytes done", 2),
    ("file renamed", 2),
    ("names are durable", 1),
    ("saved, not committed", 1),
    ("saved and committed", 1),
    ("file finished", 2),
]
ALL = [
    *[(name, 1) for name in ("before reserved", "reserved, not committed", "reserved and committed")],
    *[
        (name, time)
        for name in ("file started", "bytes done", "before the file is made", "file made", "file renamed")
        for time in (1, 2, 3)
    ],
    *[("before it is read back", time) for time in (1, 2, 3)],
    *[(name, 1) for name in ("before names are durable", "names are durable")],
    *[(name, 1) for name in ("before saved", "saved, not committed", "saved and committed")],
    *[("file finished", time) for time in (1, 2, 3)],
]


@dataclass(frozen=True)
class Files:
    """Three files of one drop: an empty one, a small one, and one of several segments."""

    paths: tuple[Path, ...]

    @classmethod
    def make(cls, folder: Path, stem: str) -> "Files":
        paths = tuple(folder / f"{stem} {number}.bin" for number in range(3))
        for path, size in zip(paths, (0, 70_000, 2 * MIB + 9), strict=True):
            path.write_bytes(os.urandom(size))
        return cls(paths)

    def content(self, name: str) -> bytes:
        return next(path.read_bytes() for path in self.paths if path.name == name)


def listed(work: CenterServices, files: Files) -> dict[str, bytes]:
    """What of these files is in the list, opened; a title stands there once."""
    found: dict[str, bytes] = {}
    for path in files.paths:
        rows = [row for row in work.documents.list(DocumentFilter(search=path.name)).rows if row.title == path.name]
        assert len(rows) <= 1
        for row in rows:
            found[row.title] = work.documents.content(row)
    return found


def killed_at(world: World, files: Files, home: Path, point: str, time: int) -> list[dict[str, Any]]:
    """Run the child until it dies at that point; what it reported until then."""
    keys = sign_in_keys(world.profile, "a.user", PASSWORDS["a.user"])
    paths = [str(path) for path in files.paths]
    told = killed("adding_child", world.profile, home, point, time=time, keys=keys, paths=paths)
    return [json.loads(line) for line in told]


def check_killed(world: World, work: CenterServices, tmp_path: Path, point: str, time: int) -> None:
    world.lab("a.user")  # his first sign-in is done: the child only adds
    files = Files.make(tmp_path, world.unused("killed"))
    reported = killed_at(world, files, tmp_path / "home", point, time)
    there = listed(work, files)
    for told in reported:
        assert told["state"] == "live"
        assert there[told["name"]] == files.content(told["name"])
    # Between commit and report lies nothing that could be asked; before it, nobody sees anything.
    assert set(there) == ({path.name for path in files.paths} if point in AFTER_COMMIT else set())
    for name, content in there.items():
        assert content == files.content(name)
    again = work.documents.add(files.paths, on_conflict=OnConflict.VERSION)
    assert [result.outcome for result in again.results] == [AddOutcome.SAVED] * 3
    for name, content in listed(work, files).items():
        assert content == files.content(name)
    for result in again.results:
        assert result.id is not None
        assert result.version == (2 if point in AFTER_COMMIT else 1)


@pytest.mark.parametrize(("point", "time"), SHORT)
def test_the_program_is_killed(world: World, at: At, tmp_path: Path, point: str, time: int) -> None:
    check_killed(world, at("a.admin", "alpha"), tmp_path, point, time)


@pytest.mark.full
@pytest.mark.parametrize(("point", "time"), ALL)
def test_the_program_is_killed_everywhere(world: World, at: At, tmp_path: Path, point: str, time: int) -> None:
    check_killed(world, at("a.admin", "alpha"), tmp_path, point, time)


class At_(SilentAddReport):  # noqa: N801
    """Does something once, at one of the callbacks."""

    def __init__(self, point: str, act: Callable[[], None]) -> None:
        self._point = point
        self._act: Callable[[], None] | None = act

    def file_started(self, path: Path, size: int) -> None:
        self._pass("file started")

    def bytes_done(self, path: Path, done: int) -> None:
        if done >= MIB:
            self._pass("bytes done")

    def file_finished(self, result: object) -> None:
        self._pass("file finished")

    def _pass(self, point: str) -> None:
        if point == self._point and self._act is not None:
            act, self._act = self._act, None
            act()


def truthful(work: CenterServices, files: Files, summary: AddSummary) -> None:
    """Saved is saved, not saved is not there, and one more try brings in what is missing."""
    there = listed(work, files)
    assert set(there) == {result.name for result in summary.saved}
    again = work.documents.add([result.path for result in summary.not_saved])
    assert again.not_saved == ()
    for name, content in listed(work, files).items():
        assert content == files.content(name)
    assert work.documents.add(files.paths[:1], on_conflict=OnConflict.VERSION).saved


def add_while(world: World, work: CenterServices, tmp_path: Path, point: str, act: Callable[[], None]) -> AddSummary:
    files = Files.make(tmp_path, world.unused("cut"))
    if point in {"reserving", "saving"}:
        with during(work, {"reserving": "document_uploads", "saving": "save_versions"}[point], act):
            summary = work.documents.add(files.paths)
    else:
        summary = work.documents.add(files.paths, report=At_(point, act))
    truthful(work, files, summary)
    return summary


class during:  # noqa: N801 - used like a function, in a with statement
    """Does something once, in the middle of the transaction that says *word*."""

    def __init__(self, work: CenterServices, word: str, act: Callable[[], None]) -> None:
        self._engine = work._context._sessions.engine
        self._word = word
        self._act: Callable[[], None] | None = act

    def __enter__(self) -> None:
        event.listen(self._engine, "after_cursor_execute", self._after)

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "after_cursor_execute", self._after)

    def _after(self, _connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if self._word in statement and self._act is not None:
            act, self._act = self._act, None
            act()


POINTS = ["reserving", "file started", "bytes done", "saving", "file finished"]


@pytest.mark.parametrize("point", POINTS)
def test_every_connection_is_ended(world: World, at: At, tmp_path: Path, point: str) -> None:
    work = at("a.user", "alpha")

    def cut() -> None:
        with closing(world.superuser()) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = %s",
                (world.lab("a.user").login,),
            )

    summary = add_while(world, work, tmp_path, point, cut)
    if point != "reserving":
        assert summary.not_saved == (), "a lost connection is opened again"


def kill_the_server(reachable: Reachable) -> None:
    """SIGKILL for the postmaster that this test session started; its children follow by themselves, and are awaited."""
    with closing(reachable.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        (folder,) = cursor.fetchone()
        cursor.execute("SELECT pid FROM pg_stat_activity")
        children = [Path(f"/proc/{pid}") for (pid,) in cursor.fetchall()]
    os.kill(int((Path(folder) / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    wait_until(lambda: not any(child.exists() for child in children))


@pytest.mark.parametrize(
    "point", [pytest.param(point, marks=[] if point == "saving" else [pytest.mark.full]) for point in POINTS]
)
def test_the_built_in_server_is_killed(world: World, at: At, tmp_path: Path, point: str) -> None:
    """It is started again under the open window, and saving goes on."""
    summary = add_while(world, at("a.user", "alpha"), tmp_path, point, lambda: kill_the_server(world))
    if point != "reserving":
        assert summary.not_saved == ()


@pytest.mark.parametrize("lost", [1, pytest.param(3, marks=pytest.mark.full), 4])
def test_the_answer_to_the_last_step_is_lost(wire: Wire, world: World, tmp_path: Path, lost: int) -> None:
    """Once, or each time it is said again: it was done, it is found out, and it was done once."""
    files = Files.make(tmp_path, world.unused("lost"))
    wire.proxy.answers_to_lose = lost
    summary = wire.work.documents.add(files.paths)
    assert wire.proxy.answers_to_lose == 0
    assert [(result.outcome, result.version) for result in summary.results] == [(AddOutcome.SAVED, 1)] * 3
    assert listed(wire.work, files) == {path.name: path.read_bytes() for path in files.paths}


def test_no_answer_at_all_is_called_unknown(
    wire: Wire, world: World, at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither "saved" nor "not saved" is said, and nothing of it is deleted."""
    monkeypatch.setattr(retries, "LONGEST", 0.5)
    files = Files.make(tmp_path, world.unused("unknown"))
    wire.proxy.answers_to_lose = 1

    def cut() -> None:
        wire.proxy.closed = True

    with during(wire.work, "save_versions", cut):
        summary = wire.work.documents.add(files.paths)
    assert [result.reason for result in summary.results] == [UNKNOWN] * 3
    assert set(listed(at("a.admin", "alpha"), files)) == {path.name for path in files.paths}
    wire.proxy.closed = False
    assert wire.work.documents.add(files.paths[:1], on_conflict=OnConflict.VERSION).results[0].version == 2


def test_a_share_that_goes_away_and_comes_back(world: World, at: At, tmp_path: Path) -> None:
    """Its folder is gone from its place under the open window (an unmounted share looks like this).

    The batch that is under way goes on in the very folder it began in; nothing is written where that folder was.
    """
    work = at("a.user", "alpha")
    away = world.store.with_name("away")

    class Unmounting(SilentAddReport):
        def file_started(self, path: Path, size: int) -> None:
            if path == files.paths[1]:
                world.store.rename(away)
                world.store.mkdir()

    files = Files.make(tmp_path, world.unused("share"))
    try:
        summary = work.documents.add(files.paths, report=Unmounting())
    finally:
        assert list(world.store.iterdir()) == [], "nothing was written where the share was"
        world.store.rmdir()
        away.rename(world.store)
    truthful(work, files, summary)
    assert {result.outcome for result in summary.results} == {AddOutcome.SAVED}


def test_a_share_that_is_away_is_not_begun_with(world: World, at: At, tmp_path: Path) -> None:
    work = at("a.user", "alpha")
    away = world.store.with_name("away")
    files = Files.make(tmp_path, world.unused("gone"))
    world.store.rename(away)
    world.store.mkdir()
    try:
        with pytest.raises(StoreMissingError):
            work.documents.add(files.paths)
    finally:
        assert list(world.store.iterdir()) == []
        world.store.rmdir()
        away.rename(world.store)
    assert listed(work, files) == {}
