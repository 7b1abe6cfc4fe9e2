"""How long the window answers nothing while a person works: the longest time between two turns of its event loop."""

import gc
import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.server.launcher import BuiltinServer
from desktop_app.ui.dialogs.export_sheet import ExportSheetDialog
from desktop_app.ui.dialogs.import_sheet import ImportSheetDialog
from desktop_app.ui.foundation.garbage import GarbageCollector
from desktop_app.ui.shell.application import Look
from tests.benchmarks.command_line import ADMIN, installed, run
from tests.benchmarks.harness import Figure
from tests.benchmarks.place import INSERT_SAMPLES
from tests.benchmarks.turns import Silence, Turn
from tools import driver, steps
from tools.driver import Program

BUDGET = "at most 50 ms"
_STARTS = 3
_LONG = 600.0
"""Seconds for what takes as long as there are rows."""
_CENTER = "Istanbul Medical Center"
_BUSY = "100 changes a second by somebody else"
_WANTED = 120
"""Changes a second that are tried, so that a hundred are made where the machine has other work."""


def silences(samples: int, files: int, imported: int) -> list[Figure]:
    """Sign in, look at every tab, scroll a long list, search, import and export, add files, preview."""
    look, silence = Look(driver.make_application()), Silence()
    # A program of its own does so when it has loaded its modules; here the other measurements loaded them.
    gc.collect()
    gc.freeze()
    with closing(GarbageCollector()), driver.temporary_home() as home:
        folder = _made_files(home / "dropped", files)
        sheet = _made_sheet(home / "new.csv", imported)
        with Program(home, look, demo=True) as program:
            _fill(program, samples)
            program.settle()
            with silence.during("sign in"):
                steps.sign_in_by_one_click(program, f"Administrator of {_CENTER}")
            with silence.during("look at every tab"):
                for _ in range(2):
                    for name in ("users", "samples", "activity", "documents"):
                        _go_by_the_bar(program, name)
            with silence.during(f"scroll {samples:,} rows"):
                _scroll(program, samples)
            with silence.during("search"):
                _search(program)
            with silence.during(_BUSY):
                reached = _watch_a_colleague(program, home)
            with silence.during(f"import {imported:,} rows"):
                _import(program, sheet)
            with silence.during(f"export {samples:,} rows"):
                _export(program, home)
            with silence.during(f"add {files} files"):
                steps.drop(program, [folder])
            with silence.during("preview"):
                _preview(program)
    notes = {_BUSY: f"; {reached} changes a second were made"}
    return [_while_loading(), *(_figure(what, gaps, note=notes.get(what, "")) for what, gaps in silence.gaps.items())]


def _while_loading() -> Figure:
    """Behind the sign-in page, in a process of its own: here everything is loaded already."""
    with driver.temporary_home() as home:
        environment = installed(home)
        run([*ADMIN, "demo"], environment)
        found = [_loading(environment) for _ in range(_STARTS + 1)][1:]
    longest = sorted(found, key=max)
    return _figure("load the rest behind the sign-in page", longest[_STARTS // 2], _STARTS)


def _loading(environment: dict[str, str]) -> list[Turn]:
    made = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.loading_window"], env=environment, check=True, capture_output=True
    )
    return [Turn(*gap) for gap in json.loads(made.stdout)]


def _figure(what: str, gaps: list[Turn], rounds: int = 1, note: str = "") -> Figure:
    longest, *others = sorted(gaps, reverse=True)
    said = ", ".join(_milliseconds(each.silence) for each in others[:3])
    busy = f"most processor time of a turn: {_milliseconds(max(each.processor for each in gaps))}"
    words = f"the next ones: {said}; {busy}{note}"
    return Figure(what, "longest silence of the window", longest.silence, 0.0, rounds, None, BUDGET, words)


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _go_by_the_bar(program: Program, name: str) -> None:
    """Click on a tab, which may not be made yet."""
    area = program.workspace.area
    at = list(area.tabs.kinds).index(name)
    QTest.mouseClick(area.bar, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, area.bar.tabRect(at).center())
    driver.until(lambda: isinstance(area.stack.currentWidget(), area.tabs.kinds[name]), f"{name} is in front")
    program.settle()


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


def _watch_a_colleague(program: Program, home: Path) -> int:
    """The list is in front while a process of its own changes its rows; how many of them a second."""
    steps.show(program, program.workspace.tabs.samples)
    command = [sys.executable, "-m", "tests.benchmarks.busy_colleague", _CENTER, str(_WANTED), "10"]
    environment = os.environ | {"LABKEEP_HOME": str(home)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as colleague:
        driver.until(lambda: colleague.poll() is not None, "the colleague is through")
        program.settle()
        if colleague.returncode or colleague.stdout is None:
            raise RuntimeError("the colleague changed nothing")
        return int(colleague.stdout.read())


def _import(program: Program, path: Path) -> None:
    """Read, compared and brought in, as by the dialog."""
    tab = program.workspace.tabs.samples
    steps.show(program, tab)
    tab.sheets.show_file(path)
    dialog = program.dialog(ImportSheetDialog)
    driver.until(dialog.verb.isEnabled, "the sheet is compared")
    driver.click(dialog.verb)
    driver.until(lambda: not program.has_dialog(ImportSheetDialog), "the sheet is in", _LONG)
    program.settle()


def _export(program: Program, folder: Path) -> None:
    """Everything that the list has; a workbook has no room for a million rows."""
    tab, target = program.workspace.tabs.samples, folder / "list.csv"
    tab.sheets.export_action.trigger()
    dialog = program.dialog(ExportSheetDialog)
    dialog.take_target(target)
    driver.click(dialog.verb)
    driver.until(target.exists, "it is written", _LONG)
    program.settle()


def _preview(program: Program) -> None:
    """The oldest documents, which are the demo's: text, tables, pictures and pages."""
    tab = program.workspace.tabs.documents
    last = tab.records.model.rowCount()
    for row in range(last - 6, last):
        tab.records.table.choose_row(row)
        driver.until(lambda: tab.records.current is not None, "the row is read")
        program.settle()


def _made_files(folder: Path, number: int) -> Path:
    folder.mkdir()
    for index in range(number):
        (folder / f"file {index}.bin").write_bytes(os.urandom(10 * 1024))
    return folder


def _made_sheet(path: Path, number: int) -> Path:
    rows = (f"NEW-{at:07},Imported {at},blood,Ward {at % 40}\n" for at in range(number))
    path.write_text("Barcode,Name,Type,Collected place\n" + "".join(rows), "utf-8")
    return path


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
