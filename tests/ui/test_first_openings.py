"""Who opens a dialog for the first time does not wait for its modules: they are loaded behind the sign-in page."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.domain import rights
from desktop_app.ui.shell.workstation_scan import prepare
from tests.ui.first_openings import PAGE
from tests.ui.journey_fixture import ADMIN, CLINIC, Day
from tools.driver import Program

ROOT = Path(__file__).parents[2]
OPENED = {"centers.new", "users.import_sheet", "samples.import_sheet", "samples.add_many", "samples.export_sheet"}
OPENED |= {"samples.edit", "samples.worklists", "documents.edit", "activity.export_record", "window.settings"}


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


def test_rights_are_read_behind_the_page(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    rights.table.cache_clear()
    prepare(program.app)
    assert rights.table.cache_info().currsize == 1
