"""Start-up of the window against a bare one, and how long the window is silent under work."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer

from desktop_app.ui.shell.application import Look
from tests.benchmarks.command_line import ADMIN, installed, run
from tests.benchmarks.harness import Figure, compare
from tools import driver, steps

TICK = 5  # milliseconds
_HERE = Path(__file__).parent


def silence(number: int) -> list[Figure]:
    """The longest time that the GUI thread answers nothing while so many files are dropped and sealed."""
    look = Look(driver.make_application())
    with driver.temporary_home() as home:
        folder = home / "dropped"
        folder.mkdir()
        for index in range(number):
            (folder / f"file {index}.bin").write_bytes(os.urandom(10 * 1024))
        with driver.Program(home, look, demo=True) as program:
            steps.sign_in_by_one_click(program, "Administrator of Istanbul Medical Center")
            start = time.perf_counter()
            gaps = _gaps_during(lambda: steps.drop(program, [folder]))
            took = time.perf_counter() - start
    longest = Figure(
        f"drop {number:,} files", "longest silence of the GUI thread", gaps[-1], 0.0, 1, None, "under 100 ms",
        note=f"the next ones: {', '.join(f'{gap * 1000:.0f} ms' for gap in gaps[-2:-5:-1])}; all took {took:.1f} s",
    )  # fmt: skip
    return [longest]


def start_up(rounds: int) -> list[Figure]:
    """From nothing to a painted sign-in page that takes input."""
    with driver.temporary_home() as home:
        environment = installed(home)
        run([*ADMIN, "demo"], environment)
        window: dict[str, Callable[[], object]] = {
            "Labkeep": lambda: run(["-m", "tests.benchmarks.started_window"], environment),
            "bare PySide6 window": lambda: run([str(_HERE / "bare" / "window.py")], environment),
        }
        for work in window.values():
            work()
        return compare(
            "start to a painted sign-in page", "Labkeep", window, rounds, {"bare PySide6 window": "at most 2"}
        )


def _gaps_during(work: Callable[[], object]) -> list[float]:
    """Sorted times between two ticks of a timer in the GUI thread while *work* lets it live."""
    gaps: list[float] = []
    last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        gaps.append(now - last)
        last = now

    timer = QTimer()
    timer.timeout.connect(tick)
    timer.start(TICK)
    work()
    timer.stop()
    return sorted(gaps)
