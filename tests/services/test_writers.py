"""How many files are on their way at once: few where the work keeps the interpreter busy, many where the disk waits."""

import threading
import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from desktop_app.crypto.sealed_stream import BufferPool
from desktop_app.errors import UnavailableError
from desktop_app.services.documents import writers
from desktop_app.services.documents.writers import FEWEST, MOST, Writers

MANY = 200


def busy() -> None:
    until = time.thread_time() + 0.0005
    while time.thread_time() < until:
        pass


def waits() -> None:
    time.sleep(0.005)


@pytest.mark.parametrize(("work", "most"), [(busy, False), (waits, True)], ids=["busy", "waiting"])
def test_more_come_where_the_disk_makes_wait(
    work: Callable[[], None], most: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if work is busy:  # whatever else this machine computes meanwhile: what passes is what was computed
        clocks = SimpleNamespace(perf_counter=time.perf_counter, thread_time=time.perf_counter)
        monkeypatch.setattr(writers, "time", clocks)
    threads: set[int] = set()
    memories: dict[int, set[int]] = {}

    def write(item: int, buffers: BufferPool) -> int:
        threads.add(threading.get_ident())
        memories.setdefault(id(buffers), set()).add(threading.get_ident())
        work()
        return item

    found = Writers(write, [BufferPool() for _ in range(MOST)]).run(range(MANY))
    assert sorted(found) == list(range(MANY))
    assert len(threads) == MOST if most else len(threads) <= FEWEST
    assert all(len(users) == 1 for users in memories.values()), "no two threads share their memory"


def test_one_file_needs_no_thread() -> None:
    def write(item: str, _buffers: BufferPool) -> tuple[str, int]:
        return item, threading.get_ident()

    assert Writers(write, [BufferPool()]).run(["a"]) == [("a", threading.get_ident())]


def test_what_the_work_raises_is_raised_and_nothing_hangs() -> None:
    def write(item: int, _buffers: BufferPool) -> int:
        waits()
        if item == 7:
            raise UnavailableError("The share is away.")
        return item

    with pytest.raises(UnavailableError):
        Writers(write, [BufferPool() for _ in range(MOST)]).run(range(20))
