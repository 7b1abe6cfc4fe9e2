"""Which process of the tests takes which file: one that has made what a folder's files share takes the next of them.

Each process for itself makes the servers, the demo, the first day of the window and the kept installations; where files
are handed out in their order to whoever is free, every process makes all of it.
"""

from collections import Counter

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController


class ByRoom(LoadFileScheduling):  # type: ignore[misc]  # pytest-xdist has no types
    """Whole files, as ``--dist loadfile`` hands them out, but room by room: ``tests/db``, ``tests/ui``, …"""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        self._at: dict[WorkerController, str] = {}

    def _assign_work_unit(self, node: WorkerController) -> None:
        self._at[node] = next_room(list(self.workqueue), self._at.get(node), set(self._at.values()))
        first = next(file for file in self.workqueue if room_of(file) == self._at[node])
        self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)


def room_of(file: str) -> str:
    """The folder within tests; of a file that lies in tests itself, the file."""
    return "/".join(file.split("/")[:2])


def next_room(waiting: list[str], here: str | None, taken: set[str]) -> str:
    """Where one who is *here* goes on: here, else in the first room in which nobody is, else where most files wait."""
    rooms = Counter(map(room_of, waiting))
    if here is not None and here in rooms:
        return here
    free = [room for room in rooms if room not in taken]
    return free[0] if free else rooms.most_common(1)[0][0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByRoom | None:
    """In place of ``--dist loadfile``, which the Makefile asks for; who asks for another gets that."""
    return ByRoom(config, log) if config.getoption("dist") == "loadfile" else None
