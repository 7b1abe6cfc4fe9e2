"""Start-up of the window against a bare one."""

from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.command_line import ADMIN, installed, run
from tests.benchmarks.harness import Figure, compare
from tools import driver

_HERE = Path(__file__).parent


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
