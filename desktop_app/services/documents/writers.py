"""Several files on their way to the store at once: as many as the disk, and not the interpreter, makes wait.

On a fast disk a third writer still helps, and a fourth only takes turns with the others (measured: eight took a third
more time than three). On a share that answers after milliseconds eight are waiting most of the time.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar

from desktop_app.crypto.sealed_stream import BufferPool

FEWEST, MOST = 3, 8
_LOOK_AFTER = 4
"""Files of one writer, before what it waited is looked at."""
_WAITS = 2.0
"""Times what it computed and what the other writers take of its time: then it is the disk that it waits for."""
Item = TypeVar("Item")
Result = TypeVar("Result")


class Writers(Generic[Item, Result]):
    """Does *work* with each item and the memory of the thread that does it; whoever is free takes the next one."""

    def __init__(self, work: Callable[[Item, BufferPool], Result], buffers: Sequence[BufferPool]) -> None:
        self._work = work
        self._buffers = buffers
        self._running = 0
        self._lock = Lock()
        self._under_way: list[Future[list[Result]]] = []

    def run(self, items: Sequence[Item]) -> list[Result]:
        """The result of each, in no order; raises what *work* raises."""
        most = min(MOST, len(items), len(self._buffers))
        waiting = iter(items)
        if most == 1:
            return [self._work(item, self._buffers[0]) for item in waiting]
        with ThreadPoolExecutor(most, "labkeep-seal") as threads:
            for _ in range(min(FEWEST, most)):
                self._begin(threads, waiting, most)
            found: list[Result] = []
            while self._under_way:  # one that is under way may begin another
                found += self._under_way.pop().result()
        return found

    def _begin(self, threads: ThreadPoolExecutor, waiting: Iterable[Item], most: int) -> None:
        with self._lock:
            if self._running < most:
                buffers = self._buffers[self._running]
                self._running += 1
                self._under_way.append(threads.submit(self._write, threads, waiting, buffers, most))

    def _write(
        self, threads: ThreadPoolExecutor, waiting: Iterable[Item], buffers: BufferPool, most: int
    ) -> list[Result]:
        found: list[Result] = []
        began, computed = time.perf_counter(), time.thread_time()
        for item in waiting:
            found.append(self._work(item, buffers))
            if len(found) == _LOOK_AFTER:
                waited, busy = time.perf_counter() - began, time.thread_time() - computed
                if waited > _WAITS * self._running * busy:
                    self._begin(threads, waiting, most)
        return found
