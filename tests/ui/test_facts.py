"""Labels and values of a record stand on one line, the first where one of them has several."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_app.ui.widgets.detail import FIRST_COLUMN, Facts
from tests.ui.test_look import drawn, shown

LONG = "HHHHHHHH HHHHHHHH HHHHHHHH"


@pytest.mark.parametrize(("label", "value"), [("HHH", "HHH"), (LONG, "HHH"), ("HHH", f"{LONG} {LONG} {LONG}")])
def test_a_label_and_its_value_begin_on_one_line(qtbot: QtBot, label: str, value: str) -> None:
    page = QWidget()
    page.setFixedSize(340, 120)
    facts = Facts(page)
    facts.setFixedWidth(340)
    facts.set([(label, value)])
    facts.resize(340, 120)
    image = shown(page, qtbot)
    at = facts.geometry()
    left = drawn(image, QRect(0, at.top(), FIRST_COLUMN, at.height()))
    right = drawn(image, QRect(facts._lines[0][1].x(), at.top(), 180, at.height()))
    assert left.top() == right.top()
