"""Who opens a dialog for the first time does not wait for its modules: they are loaded behind the sign-in page."""

import json
import os
import subprocess
import sys
from pathlib import Path

from desktop_app.domain import rights
from desktop_app.ui.foundation import icons
from desktop_app.ui.shell.workstation_scan import prepare
from tests.ui.first_openings import PAGE
from tests.ui.journey_fixture import ADMIN, CLINIC, Day
from tools.driver import Program

ROOT = Path(__file__).parents[2]
OPENED = {"centers.new", "users.import_sheet", "samples.import_sheet", "samples.add_many", "samples.export_sheet"}
OPENED |= {"samples.edit", "samples.worklists", "documents.edit", "activity.export_record", "window.settings"}
COUNT_CLASSES = """
from desktop_app.ui.foundation import qt_classes
steps, before, made = list(qt_classes.steps()), len(qt_classes.left()), []
for step in steps:
    step()
    made.append(before - len(qt_classes.left()))
    before -= made[-1]
print(len(steps), len(qt_classes.left()), max(made))
"""


def test_opening_for_the_first_time_loads_nothing(day: Day) -> None:
    command = ["-m", "tests.ui.first_openings", str(day.home), ADMIN.username, ADMIN.password, CLINIC]
    made = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )
    loaded: dict[str, list[str]] = json.loads(made.stdout)
    behind_the_page = loaded.pop(PAGE)
    assert "desktop_app.ui.dialogs.import_sheet" in behind_the_page, "otherwise nothing is proved here"
    assert set(loaded) >= OPENED
    assert {name: modules for name, modules in loaded.items() if modules} == {}


def test_rights_and_icons_are_read_behind_the_page(program: Program) -> None:
    rights.table.cache_clear()
    icons._source.cache_clear()
    prepare(program.app)
    assert rights.table.cache_info().currsize == 1
    assert icons._source.cache_info().currsize == len(list((ROOT / "resources" / "icons").glob("*.svg"))) > 50


def test_no_more_than_a_few_classes_of_qt_are_made_in_a_turn() -> None:
    names = subprocess.run(
        [sys.executable, "-c", COUNT_CLASSES], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout.split()
    steps, left, most = map(int, names)
    assert steps > 50
    assert left == 0
    assert most <= 30, "a class brings those that it is made of"
