"""What goes wrong while something is painted is said, and the window lives on."""

import re
import subprocess
import sys

import pytest

from tests.source_tree import ROOT

# In a program of its own: a painter that outlives its paint event ends the whole program, tests and all.
PROGRAM = """
import sys
from PySide6.QtWidgets import QStyledItemDelegate
from desktop_app.ui.models.columns import Column, RecordModel
from desktop_app.ui.shell.application import make_application
from desktop_app.ui.text.badges import Badge
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.widgets import pill, spinner, table

application = make_application(["labkeep"])
kept = []
sys.excepthook = lambda *error: kept.append(error)  # with its frames, as the details of an error keep them


def fails(*_arguments, **_named):
    raise RuntimeError("painted badly")


def a_table():
    model = RecordModel([Column("Name", fails)], id)
    model._rows = [1, 2, 3]
    return table.RecordTable(model, "Names")


def a_pill():
    pill.paint_pill = fails
    return pill.Pill(Badge("Pending", "clock", Tone.INFO))


def a_spinner():
    spinner.paint_spinner = fails
    return spinner.Spinner(24)


widget = {widget}()
widget.resize(200, 120)
widget.show()
for _ in range(3):
    widget.update()
    application.processEvents()
kept.clear()
print("lives")
"""


@pytest.mark.parametrize("widget", ["a_table", "a_pill", "a_spinner"])
def test_a_failing_paint_does_not_end_the_program(widget: str) -> None:
    program = PROGRAM.replace("{widget}", widget)
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout.strip()) == (0, "lives")
    assert "active painter" not in ran.stderr


def test_every_painter_ends_with_its_event() -> None:
    sources = [path for path in (ROOT / "desktop_app" / "ui").rglob("*.py") if "QPainter(" in path.read_text()]
    assert sources
    for path in sources:
        assert not re.search(r"^(?!\s*with ).*\bQPainter\(", path.read_text(), re.M), path.name
