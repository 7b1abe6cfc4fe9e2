"""The store full, read-only and silent while files are under way: each file's fate is true, and work goes on after."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from psycopg2 import sql

from desktop_app.domain.filters import DocumentFilter
from desktop_app.errors import Cancelled
from desktop_app.services.documents.add_results import AddOutcome, AddResult, AddSummary, SilentAddReport
from desktop_app.services.session.center_services import CenterServices
from desktop_app.storage.folder_batch import FolderBatch
from desktop_app.storage.folder_store import FolderStore
from tests.servers import wait_until
from tests.services.conftest import World
from tests.services.mounts import (
    MAY_FREEZE,
    MAY_MOUNT,
    ROOM,
    HeldThread,
    Place,
    frozen_disk,
    full_by_limit,
    full_disk,
    read_only_disk,
)

Disk = Callable[[Path], AbstractContextManager[Place]]
FULL = "The store {store} is full, or your quota there is used up. Nothing was saved."
READ_ONLY = "The store {store} cannot be written from this computer. Nothing was saved."
TROUBLES: list[tuple[Disk, str]] = [
    (full_by_limit, FULL),
    *([(full_disk, FULL), (read_only_disk, READ_ONLY)] if MAY_MOUNT else []),
]


@dataclass(frozen=True)
class Workstation:
    """A person at work whose store lies on a disk of the test's own."""

    work: CenterServices
    store: FolderStore
    place: Place

    def stored(self) -> int:
        """Files of every kind below the center's folder."""
        folder = self.store.root / self.work.center.schema_name
        return sum(len(names) for _, _, names in os.walk(folder))


@contextmanager
def workstation_on(
    disk: Disk, world: World, tmp_path: Path, kind: type[FolderStore] = FolderStore
) -> Iterator[Workstation]:
    folder = tmp_path / "share"
    folder.mkdir()
    with disk(folder) as place, world.sign_in("a.user") as lab:
        FolderStore(folder, world.profile.installation_id).create_marker()
        lab._context.store = store = kind(folder, world.profile.installation_id)
        yield Workstation(lab.center("alpha"), store, place)


def make(folder: Path, world: World, *sizes: int) -> list[Path]:
    stem = world.unused("trouble")
    paths = [folder / f"{stem} {number}.bin" for number in range(len(sizes))]
    for path, size in zip(paths, sizes, strict=True):
        path.write_bytes(os.urandom(size))
    return paths


def check(work: CenterServices, paths: list[Path], summary: AddSummary) -> None:
    """What was reported saved opens bit for bit, and nothing else is listed."""
    for result in summary.results:
        rows = work.documents.list(DocumentFilter(search=result.name)).rows
        assert [row.id for row in rows] == ([result.id] if result.outcome is AddOutcome.SAVED else [])
        for row in rows:
            assert work.documents.content(row) == result.path.read_bytes()
    assert [result.path for result in summary.results] == paths


@pytest.mark.parametrize(("disk", "sentence"), TROUBLES)
def test_full_or_read_only_in_the_middle(world: World, tmp_path: Path, disk: Disk, sentence: str) -> None:
    paths = make(tmp_path, world, 50_000, ROOM + 1, 0)

    class Beginning(SilentAddReport):
        def file_started(self, path: Path, size: int) -> None:
            if path == paths[1]:
                workstation.place.begin()

    with workstation_on(disk, world, tmp_path) as workstation:
        summary = workstation.work.documents.add(paths, report=Beginning())
        outcomes = [result.outcome for result in summary.results]
        assert outcomes[1] is AddOutcome.FAILED
        assert summary.results[1].reason.startswith(sentence.format(store=workstation.store.root))
        workstation.place.end()
        check(workstation.work, paths, summary)
        again = workstation.work.documents.add([result.path for result in summary.not_saved])
        assert again.not_saved == ()
        check(workstation.work, [result.path for result in again.results], again)
        if disk is not read_only_disk:
            # What failed was taken away again; on a read-only disk nobody can, and doctor does later.
            assert workstation.stored() == 3


class HeldStore(FolderStore):
    """A store whose share lets one wait."""

    hold = HeldThread()

    @contextmanager
    def writing(self, schema_name: str) -> Iterator[FolderBatch]:
        self.hold.passed()
        with super().writing(schema_name) as batch:
            yield batch


@contextmanager
def held_share(folder: Path) -> Iterator[Place]:
    class Held(Place):
        def begin(self) -> None:
            HeldStore.hold.close()

        def end(self) -> None:
            HeldStore.hold.open()

    place = Held(folder)
    try:
        yield place
    finally:
        place.end()


SILENT: list[tuple[Disk, type[FolderStore]]] = [
    (held_share, HeldStore),
    *([(frozen_disk, FolderStore)] if MAY_FREEZE else []),
]


@pytest.mark.parametrize("seconds", [1, pytest.param(60, marks=pytest.mark.full)])
@pytest.mark.parametrize(("disk", "kind"), SILENT)
def test_a_share_that_is_silent_for_a_while(
    world: World, tmp_path: Path, disk: Disk, kind: type[FolderStore], seconds: float
) -> None:
    """Nothing is said until it answers, and then all is saved."""
    paths = make(tmp_path, world, 50_000, ROOM, 0)
    told: list[Path] = []

    class Telling(SilentAddReport):
        def file_finished(self, result: AddResult) -> None:
            told.append(result.path)

    with workstation_on(disk, world, tmp_path, kind) as workstation:
        with adding(workstation, paths, Telling()) as summaries:
            assert not summaries.ended.wait(seconds)
            assert told == []
        assert summaries.all[0].not_saved == ()
        check(workstation.work, paths, summaries.all[0])


@pytest.mark.parametrize(("disk", "kind"), SILENT)
def test_cancelled_while_it_is_silent(world: World, tmp_path: Path, disk: Disk, kind: type[FolderStore]) -> None:
    paths = make(tmp_path, world, 50_000, ROOM)

    class Cancelling(SilentAddReport):
        def bytes_done(self, path: Path, done: int) -> None:
            raise Cancelled

    with workstation_on(disk, world, tmp_path, kind) as workstation:
        with adding(workstation, paths, Cancelling()) as summaries:
            assert not summaries.ended.wait(0.2)
        assert {result.outcome for result in summaries.all[0].results} == {AddOutcome.CANCELLED}
        check(workstation.work, paths, summaries.all[0])
        assert workstation.stored() == 0


@pytest.mark.parametrize(("disk", "kind"), SILENT)
def test_silent_for_longer_than_the_lease(world: World, tmp_path: Path, disk: Disk, kind: type[FolderStore]) -> None:
    """Its place was given up by the doctor: that is said, and nothing is called saved."""
    paths = make(tmp_path, world, 50_000)
    with workstation_on(disk, world, tmp_path, kind) as workstation:
        give_up_reservations(world, workstation)  # what programs that were killed in other tests hold
        with adding(workstation, paths, SilentAddReport()) as summaries:
            wait_until(lambda: give_up_reservations(world, workstation) == 1)
        (result,) = summaries.all[0].results
        assert result.reason == "The upload took too long and its place was given up; nothing was saved."
        check(workstation.work, paths, summaries.all[0])


def give_up_reservations(world: World, workstation: Workstation) -> int:
    """What doctor does with expired ones; how many there were."""
    table = sql.Identifier(workstation.work.center.schema_name, "document_uploads")
    update = "UPDATE {} SET state = 'abandoned' WHERE state = 'reserved' AND created_by = %s"
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL(update).format(table), (world.lab("a.user").login,))
        return int(cursor.rowcount)


@dataclass
class Summaries:
    """What adding in another thread came to."""

    all: list[AddSummary]
    ended: threading.Event


@contextmanager
def adding(workstation: Workstation, paths: list[Path], report: SilentAddReport) -> Iterator[Summaries]:
    """Files are added while there is trouble; it ends with the block, and then the adding is awaited."""
    summaries = Summaries([], threading.Event())

    def add() -> None:
        try:
            summaries.all.append(workstation.work.documents.add(paths, report=report))
        finally:
            summaries.ended.set()

    workstation.place.begin()
    thread = threading.Thread(target=add)
    thread.start()
    try:
        yield summaries
    finally:
        workstation.place.end()
        thread.join(120)
        assert not thread.is_alive()
