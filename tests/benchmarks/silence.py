"""How long the window answers nothing while a person works: the longest time between two turns of its event loop."""

import gc
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from PySide6.QtCore import Qt, QTimer

from desktop_app.server.launcher import BuiltinServer
from desktop_app.ui.shell.application import Look
from tests.benchmarks.harness import Figure
from tests.benchmarks.place import INSERT_SAMPLES
from tools import driver, steps
from tools.driver import Program

BUDGET = "at most 50 ms"
_TICK = 1  # milliseconds
_CENTER = "Istanbul Medical Center"


class Silence:
    """The gaps between two ticks of a timer in the GUI thread, by what was done meanwhile."""

    def __init__(self) -> None:
        self.gaps: dict[str, list[float]] = {}
        self._now: list[float] = []
        self._last = 0.0
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)

    @contextmanager
    def during(self, what: str) -> Iterator[None]:
        """Look at the clock while this is done."""
        self._now = self.gaps.setdefault(what, [])
        self._last = time.perf_counter()
        self._timer.start(_TICK)
        yield
        self._tick()
        self._timer.stop()

    def figures(self) -> list[Figure]:
        """One for each thing that was done."""
        return [_figure(what, sorted(gaps, reverse=True)) for what, gaps in self.gaps.items()]

    def _tick(self) -> None:
        now = time.perf_counter()
        self._now.append(now - self._last)
        self._last = now


def silences(samples: int, files: int) -> list[Figure]:
    """Sign in, look at every tab, scroll a long list, add files, preview, search."""
    look, silence = Look(driver.make_application()), Silence()
    # A program of its own does so when it has loaded its modules; here the other measurements loaded them.
    gc.collect()
    gc.freeze()
    with driver.temporary_home() as home:
        folder = _made_files(home / "dropped", files)
        with Program(home, look, demo=True) as program:
            _fill(program, samples)
            program.settle()
            with silence.during("sign in"):
                steps.sign_in_by_one_click(program, f"Administrator of {_CENTER}")
            tabs = program.workspace.tabs
            with silence.during("look at every tab"):
                for _ in range(2):
                    for tab in (tabs.users, tabs.samples, tabs.activity, tabs.documents):
                        steps.show(program, tab)
            with silence.during(f"scroll {samples:,} rows"):
                _scroll(program, samples)
            with silence.during("search"):
                _search(program)
            with silence.during(f"add {files} files"):
                steps.drop(program, [folder])
            with silence.during("preview"):
                for title in steps.titles(tabs.documents)[-6:]:
                    steps.preview(program, title)
    return silence.figures()


def _figure(what: str, gaps: list[float]) -> Figure:
    others = ", ".join(f"{gap * 1000:.0f} ms" for gap in gaps[1:4])
    return Figure(what, "longest silence of the window", gaps[0], 0.0, 1, None, BUDGET, f"the next ones: {others}")


def _scroll(program: Program, samples: int) -> None:
    """To the end page by page as a wheel does, and back in leaps as the bar does."""
    tab = program.workspace.tabs.samples
    steps.show(program, tab)
    table = tab.records.table
    bar = table.verticalScrollBar()
    driver.until(lambda: table.model().rowCount() >= min(samples, 100), "the list is there")
    for part in (*range(1, 41), *range(35, -1, -5)):
        bar.setValue(bar.maximum() * part // 40)
        program.settle()


def _search(program: Program) -> None:
    tab = program.workspace.tabs.samples
    for text in ("S", "Sa", "Sample 77", "B-00012", ""):
        driver.write(tab.records.search, text)
        program.settle()
        driver.press(tab.records.search, Qt.Key.Key_Return)
        program.settle()


def _made_files(folder: Path, number: int) -> Path:
    folder.mkdir()
    for index in range(number):
        (folder / f"file {index}.bin").write_bytes(os.urandom(10 * 1024))
    return folder


def _fill(program: Program, number: int) -> None:
    """Samples as an import leaves them: without triggers."""
    profile = program.app.profiles.list()[0]
    with BuiltinServer(Path(profile.data_dir or "")).start() as running:
        dsn = running.admin_dsn(profile.database)
        with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
            cursor.execute("select schema_name from public.centers where name = %s", (_CENTER,))
            (schema,) = cursor.fetchone() or ("",)
            cursor.execute(f"set local search_path = {schema}, public")
            cursor.execute("set local session_replication_role = replica")
            cursor.execute(INSERT_SAMPLES, (number,))
