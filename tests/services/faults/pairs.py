"""Two workstations at once in one center: each does its work, and both are told the truth."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

from desktop_app.domain.rights import Role
from desktop_app.errors import LabkeepError, RefusedError
from desktop_app.system.locks import LockBusyError
from tests.services.conftest import World
from tests.services.faults.operations import OPERATIONS, BackingUp, Operation, Told
from tests.services.faults.scene import Scene, opened_scene
from tests.services.faults.work import WORK

AT_ONCE = ("rotate", "add", "leave", "delete", "back up")
PAIRS = list(combinations_with_replacement(AT_ONCE, 2))
GIVES_KEYS = {"rotate", "leave"}


@dataclass
class Side:
    """What one of the two does in a round, and what it was told."""

    operation: Operation
    other: str
    call: dict[str, Any] = field(default_factory=dict)
    told: Told = field(default_factory=list)
    error: BaseException | None = None

    @property
    def name(self) -> str:
        """Which work."""
        return self.operation.name

    def work(self, together: threading.Barrier) -> None:
        """In a thread of its own."""
        together.wait()
        try:
            WORK[self.name](self.operation.scene.station, self.call, self.told.append)
        except BaseException as error:
            self.error = error

    def lost_fairly(self) -> bool:
        """Whether it was refused because the other one was first, and said so."""
        if isinstance(self.error, LockBusyError):
            return self.name == self.other == "back up"
        return isinstance(self.error, RefusedError) and self.name == "rotate" and self.other in GIVES_KEYS


@contextmanager
def two_stations(world: World, folder: Path) -> Iterator[tuple[Scene, Scene]]:
    """One center, as the one and as the other sees it; they share what is expected, and not the person who leaves."""
    with opened_scene(world, folder) as one:
        other = copy(one)
        other.home, other.files = folder / "other home", folder / "other files"
        other.files.mkdir()
        other.admin = world.lasting(Role.ADMIN, None, 2)
        other.leaver = world.person(Role.USER, one.center.name)
        other.station = other.opened_station()
        try:
            yield one, other
        finally:
            other.close()


def round_of(one: Scene, other: Scene, pair: tuple[str, str]) -> None:
    """Both at once; then everything that was reported is true, and nothing else is there."""
    sides = [Side(OPERATIONS[pair[0]](one), pair[1]), Side(OPERATIONS[pair[1]](other), pair[0])]
    for side in sides:
        side.call = side.operation.prepare()
    before, had = one.key, set(BackingUp(one).names()) if one.backups.exists() else set()
    together = threading.Barrier(2)
    threads = [threading.Thread(target=side.work, args=(together,)) for side in sides]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        for side in sides:
            assert side.told if side.error is None else side.lost_fairly(), repr(side.error)
            assert side.error is None or isinstance(side.error, LabkeepError)
        _keys_are_as_told(one, sides, before)
        _documents_are_as_told(one, sides)
        _backups_are_as_told(one, sides, had)
        one.check()
    except BaseException as failed:
        failed.add_note(str([(side.name, side.told, repr(side.error)) for side in sides]))
        raise


def _keys_are_as_told(scene: Scene, sides: list[Side], before: int) -> None:
    """Each key that was put in force was reported by one of them; whoever left is out, and none is due."""
    numbers = [said["number"] for side in sides if side.name == "rotate" for said in side.told]
    numbers += [number for side in sides if side.name == "leave" for said in side.told for number in said["keys"]]
    assert sorted(numbers) == list(range(before + 1, scene.key + 1))
    for side in sides:
        if side.name == "leave":
            assert not scene.root.users.get(side.call["username"]).is_active
    made = scene.root.due_keys.rotate({scene.center.id})
    assert [key for key in made if key.problem] == []
    assert any(side.name == "leave" for side in sides) or made == ()


def _documents_are_as_told(scene: Scene, sides: list[Side]) -> None:
    saved = []
    for side in sides:
        if side.name == "add":
            paths = {Path(path).name: Path(path) for path in side.call["paths"]}
            assert all(said["saved"] for said in side.told)
            saved += [(said["version"], paths[said["name"]].name, paths[said["name"]]) for said in side.told]
        if side.name == "delete":
            for title in side.call["titles"]:
                scene.expected.drop(title)
    for _version, title, path in sorted(saved):
        scene.expected.put(title, path.read_bytes())


def _backups_are_as_told(scene: Scene, sides: list[Side], had: set[str]) -> None:
    made = [said for side in sides if side.name == "back up" for said in side.told]
    assert all(said["problems"] == 0 for said in made)
    if made:
        backing_up = BackingUp(scene)
        names = backing_up.names()
        assert {said["name"] for said in made} == set(names) - had
        for name in names:
            backing_up.has_its_files(name)
        backing_up.is_whole(names[0])
