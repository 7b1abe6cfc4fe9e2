"""Type, responsible person and time of collection of a sample are edited where they stand in the inspector."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.errors import UnavailableError
from tests.ui.conftest import MakeContext
from tests.ui.editors import choice, line
from tests.ui.in_place_bench import InPlace


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot) -> InPlace:
    return InPlace(make_context, qtbot)


def test_the_type_is_chosen_among_those_in_use(bench: InPlace) -> None:
    bench.show("One")
    field = bench.open("Type")
    offered = [choice(field).itemText(at) for at in range(choice(field).count())]
    assert offered == ["Blood", "Urine", "Tissue", "Saliva", "Other"], "in the center's order"
    assert choice(field).currentText() == "Blood"
    choice(field).choose("tissue")
    bench.press(Qt.Key.Key_Return)
    assert bench.field is None
    assert bench.saved("1").sample_type == "tissue"
    assert bench.labels["Type"].text() == "Tissue"
    bench.undo[-1][1]()
    assert bench.saved("1").sample_type == "blood"


def test_the_responsible_person_is_chosen_among_the_centers_people(bench: InPlace) -> None:
    bench.show("One")
    before = bench.saved("1").user_id
    field = bench.open("Responsible")
    assert choice(field).value == before
    other = next(each for each in bench.work.people.list() if each.id != before)
    choice(field).choose(other.id)
    bench.press(Qt.Key.Key_Return)
    assert bench.field is None
    assert bench.saved("1").user_id == other.id
    bench.undo[-1][1]()
    assert bench.saved("1").user_id == before


def test_when_it_was_collected_is_typed_to_the_minute(bench: InPlace) -> None:
    bench.show("One")
    field = bench.open("Collected")
    line(field).setText("yesterday")
    bench.press(Qt.Key.Key_Return)
    assert bench.field is field
    assert field.problem == "This is not a date and time, such as 2026-11-21 09:30."
    line(field).setText("2026-11-21 09:30")
    bench.press(Qt.Key.Key_Return)
    assert bench.field is None
    collected = bench.saved("1").collected_at
    assert collected is not None
    assert collected.astimezone().strftime("%Y-%m-%d %H:%M") == "2026-11-21 09:30"
    version = bench.saved("1").row_version
    bench.open("Collected")
    bench.press(Qt.Key.Key_Return)
    assert bench.saved("1").row_version == version, "nothing was changed"
    line(bench.open("Collected")).setText("")
    bench.press(Qt.Key.Key_Return)
    assert bench.saved("1").collected_at is None
    assert bench.labels["Collected"].text() == "—"


def test_a_choice_that_could_not_be_saved_is_said_with_nothing_to_copy(bench: InPlace) -> None:
    bench.show("One")
    choice(bench.open("Type")).choose("tissue")
    bench.lab.trouble.next("samples.step", UnavailableError("The server is away"))
    bench.show("Two")
    lost = bench.said.notices[-1]
    assert lost.text == "What was typed as Type is not saved. The server is away."
    assert (lost.action, lost.holds) == ("", False)
    assert bench.saved("1").sample_type == "blood"


def test_a_choice_is_picked_from_its_list_which_the_mouse_opens(bench: InPlace) -> None:
    bench.show("One")
    box = choice(bench.open("Type"))
    QTest.mouseClick(box, Qt.MouseButton.LeftButton)
    view = box.view()
    bench.qtbot.waitUntil(view.isVisible)
    assert bench.field is not None, "its list has the focus, and the editor is not left by that"
    view.setCurrentIndex(view.model().index(box.findText("Tissue"), 0))
    QTest.keyClick(view, Qt.Key.Key_Return)
    bench.qtbot.waitUntil(lambda: not view.isVisible())
    assert box.value == "tissue"
    assert bench.field is not None
    bench.tab.records.table.setFocus()
    assert bench.field is None
    assert bench.saved("1").sample_type == "tissue"
