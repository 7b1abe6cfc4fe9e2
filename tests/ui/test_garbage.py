"""Garbage of every thread is ended in the window's own: a widget that ends elsewhere takes the program with it."""

import gc
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.ui.foundation import garbage
from desktop_app.ui.foundation.garbage import MANY, GarbageCollector

OBJECTS = 3_000  # several times what Python's own collector waits for


class Knot:
    """Only the collector ends it; it says in which thread."""

    def __init__(self, ended: list[int]) -> None:
        self.itself, self.ended = self, ended

    def __del__(self) -> None:
        self.ended.append(threading.get_ident())


@pytest.fixture
def usual() -> Iterator[None]:
    """As often as Python itself looks; tests look less often."""
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("usual")
def test_what_a_worker_leaves_is_ended_in_the_window_s_thread(qtbot: QtBot) -> None:
    collector = GarbageCollector()
    ended: list[int] = []
    try:
        worker = threading.Thread(target=lambda: [Knot(ended) for _ in range(OBJECTS)])
        worker.start()
        worker.join()
        assert ended == [], "nothing is looked for in the worker"
        qtbot.waitUntil(lambda: len(ended) == OBJECTS, timeout=5_000)
    finally:
        collector.close()
    assert set(ended) == {threading.get_ident()}
    assert gc.isenabled()


@pytest.mark.usefixtures("usual")
def test_what_a_long_work_holds_is_not_looked_at_until_it_is_done(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage, "RESTS", 0.1)
    looked: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            looked.append(info["generation"])

    collector = GarbageCollector()
    ended: list[int] = []
    gc.callbacks.append(note)
    try:
        held = [[number] for number in range(2 * MANY)]
        lost = [Knot(ended) for _ in range(OBJECTS)]
        for _ in range(200):  # the oldest generation is due after 121 looks
            held.extend([number] for number in range(1_000))
            collector.look()
        assert set(looked) == {0}, "only what is new is looked at"
        lost.clear()
        held.clear()
        qtbot.waitUntil(lambda: len(ended) == OBJECTS, timeout=10_000)
        assert max(looked) > 0
    finally:
        gc.callbacks.remove(note)
        collector.close()


@pytest.mark.usefixtures("usual")
def test_what_stays_as_large_is_looked_at_in_the_end(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "RESTS", 0.1)
    monkeypatch.setattr(garbage, "LATEST", 0.5)
    collector = GarbageCollector()
    ended: list[int] = []
    held = [[number] for number in range(2 * MANY)]
    try:
        lost = [Knot(ended) for _ in range(OBJECTS)]
        collector.look()
        lost.clear()

        def work() -> bool:
            held.extend([number] for number in range(1_000))
            collector.look()
            return len(ended) == OBJECTS

        qtbot.waitUntil(work, timeout=10_000)
    finally:
        collector.close()


PROGRAM = """
import gc, threading
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
from desktop_app.ui.foundation.garbage import GarbageCollector
app = QApplication([])
{collector}
for number in range(300):
    widget = QWidget()
    widget.itself, widget.timer = widget, QTimer()
    widget.timer.start(1000)
    widget.winId()
del widget
def work():
    for number in range(200_000):
        knot = []
        knot.append(knot)
threads = [threading.Thread(target=work) for _ in range(3)]
[each.start() for each in threads]
QTimer.singleShot(1500, app.quit)
app.exec()
[each.join() for each in threads]
print("ended", flush=True)
"""


def test_widgets_among_the_garbage_of_workers_do_not_end_the_program() -> None:
    program = PROGRAM.format(collector="collector = GarbageCollector(app)")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "ended\n"), done.stderr
    assert "another thread" not in done.stderr
