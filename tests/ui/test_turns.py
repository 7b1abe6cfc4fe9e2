"""Work that is done in turns of its own leaves every other timer and event its turn."""

import time
from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from desktop_app.ui.foundation.turns import one_per_turn
from tools.driver import until


def test_other_timers_come_between_two_steps(qapp: QApplication) -> None:
    done: list[str] = []
    clock = QTimer(interval=1)
    clock.timeout.connect(lambda: done.append("clock"))

    def work() -> None:
        # Longer than the clock's pause: it is due by the time that the next step is.
        end = time.perf_counter() + 0.005
        while time.perf_counter() < end:
            pass
        done.append("step")

    owner, steps = QObject(), 8
    clock.start()
    timer = one_per_turn(owner, [work] * steps)
    until(lambda: not timer.isActive(), "the steps are done")
    clock.stop()
    at = [place for place, what in enumerate(done) if what == "step"]
    assert len(at) == steps
    assert all(after - before > 1 for before, after in pairwise(at)), done


def test_rest_is_dropped_by_stopping(qapp: QApplication) -> None:
    owner, done = QObject(), list[int]()

    def step(number: int) -> Callable[[], None]:
        def do() -> None:
            done.append(number)
            if number == 1:
                timer.stop()

        return do

    timer = one_per_turn(owner, map(step, range(4)))
    until(lambda: not timer.isActive(), "it is stopped")
    qapp.processEvents()
    assert done == [0, 1]
