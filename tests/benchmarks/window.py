"""The window: start-up against a bare PySide6 window with the same imports, and how long it is silent under work."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer

from desktop_app.server.launcher import BuiltinServer
from desktop_app.ui.shell.application import Look
from tests.benchmarks.harness import Figure, compare
from tools import driver, steps

TICK = 5  # milliseconds
_BARE = """
import sys
import desktop_app.__main__
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
window = QLabel("bare")
window.resize(1280, 800)
window.show()
QTimer.singleShot(0, app.quit)
app.exec()
"""
_OURS = """
import os
from pathlib import Path
from tools import driver
from desktop_app.ui.shell.application import Look
look = Look(driver.make_application())
program = driver.Program(Path(os.environ["LABKEEP_HOME"]), look, demo=True)
driver.until(program.window.sign_in.isVisible, "the sign-in page is shown")
os._exit(0)
"""


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
    """From nothing to a usable sign-in page, the built-in server running already."""
    with driver.temporary_home() as home:
        environment = os.environ | {"LABKEEP_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
        admin = [sys.executable, "-m", "desktop_app.cli.main"]
        subprocess.run([*admin, "demo"], env=environment, check=True, capture_output=True)
        with BuiltinServer(home / "data" / "demo" / "server").start():
            subjects: dict[str, Callable[[], object]] = {
                "Labkeep": lambda: _run(_OURS, environment),
                "bare window, same imports": lambda: _run(_BARE, environment),
            }
            budgets = {"bare window, same imports": "at most 2"}
            return compare("start to a usable window", "Labkeep", subjects, rounds, budgets)


def _run(program: str, environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=Path(__file__).parents[2], check=True, capture_output=True
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
