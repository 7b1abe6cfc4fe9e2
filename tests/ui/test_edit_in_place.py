"""Values of the inspector are edited where they stand, and belong to the record that they were opened for."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.domain.fields import FieldKind
from desktop_app.domain.rights import Standing
from desktop_app.errors import UnavailableError
from desktop_app.ui.widgets.field import ChoiceBox
from desktop_app.ui.widgets.value_label import ValueLabel
from tests.ui.conftest import MakeContext
from tests.ui.editors import line, lines
from tests.ui.fake_fields import defined
from tests.ui.in_place_bench import HEAD, InPlace


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot) -> InPlace:
    return InPlace(make_context, qtbot)


def test_the_values_of_a_sample_are_offered_those_without_one_too(bench: InPlace) -> None:
    bench.show("One")
    assert list(bench.labels) == ["Name", *HEAD, "volume_ml", "tube", "Description", "Results"]
    assert bench.labels["tube"].text() == "—"
    assert bench.labels["volume_ml"].text() == "2 ml"
    assert bench.labels["volume_ml"].accessibleName() == "volume_ml: 2 ml"
    assert bench.labels["volume_ml"].toolTip() == "2 ml\nDouble click to edit"
    assert bench.labels["tube"].toolTip() == "Double click to edit"
    assert all(each.focusPolicy() & Qt.FocusPolicy.TabFocus for each in bench.labels.values())
    others = [each for each in bench.tab.detail.findChildren(ValueLabel) if each.fact is None and each.isVisible()]
    assert "kept" in [each.text() for each in others]
    assert not any(each.focusPolicy() & Qt.FocusPolicy.TabFocus for each in others)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2])
def test_a_value_is_edited_and_taken_back_by_the_keyboard_alone(bench: InPlace, key: Qt.Key) -> None:
    bench.show("One")
    bench.labels["volume_ml"].setFocus()
    QTest.keyClick(bench.labels["volume_ml"], key)
    field = bench.field
    assert field is not None
    assert (line(field).text(), line(field).hasFocus(), line(field).accessibleName()) == ("2", True, "volume_ml")
    assert bench.labels["volume_ml"].isHidden()
    QTest.keyClicks(line(field), "2,5")
    bench.press(Qt.Key.Key_Return)
    assert bench.field is None
    assert bench.saved("1").metadata == {"volume_ml": 2.5, "old": "kept"}
    assert bench.labels["volume_ml"].text() == "2.5 ml"
    assert bench.labels["volume_ml"].hasFocus()
    assert bench.undo[-1][0] == "volume_ml of 20261121-0001 is saved."
    bench.undo[-1][1]()
    assert bench.saved("1").metadata == {"volume_ml": 2, "old": "kept"}
    assert bench.labels["volume_ml"].text() == "2 ml"


def test_a_double_click_edits_and_escape_leaves_it_as_it_was(bench: InPlace) -> None:
    bench.show("One")
    QTest.mouseDClick(bench.labels["Name"], Qt.MouseButton.LeftButton)
    field = bench.field
    assert field is not None
    assert line(field).text() == "One"
    line(field).setText("Another")
    bench.press(Qt.Key.Key_Escape)
    assert bench.field is None
    assert bench.saved("1").name == "One"
    assert bench.tab.detail.title.isVisible()
    assert bench.tab.detail.title.hasFocus()
    assert "samples.step" not in bench.lab.trouble.calls


def test_a_field_without_a_value_is_filled_and_emptied(bench: InPlace) -> None:
    bench.show("One")
    field = bench.open("tube")
    assert isinstance(field.editor, ChoiceBox)
    field.editor.choose("Serum")
    bench.press(Qt.Key.Key_Return)
    assert bench.saved("1").metadata == {"volume_ml": 2, "old": "kept", "tube": "Serum"}
    assert bench.labels["tube"].text() == "Serum"
    field = bench.open("tube")
    assert isinstance(field.editor, ChoiceBox)
    field.editor.choose(None)
    bench.press(Qt.Key.Key_Return)
    assert bench.saved("1").metadata == {"volume_ml": 2, "old": "kept"}
    assert bench.labels["tube"].text() == "—"


def test_what_does_not_fit_is_said_below_and_stays(bench: InPlace) -> None:
    bench.show("One")
    field = bench.open("volume_ml")
    line(field).setText("much")
    assert field.problem == "volume_ml must be a number."
    bench.press(Qt.Key.Key_Return)
    assert bench.field is field
    bench.tab.records.table.setFocus()
    assert bench.field is field, "what was typed is not thrown away"
    assert line(field).text() == "much"
    QTest.mouseDClick(bench.labels["Name"], Qt.MouseButton.LeftButton)
    assert bench.field is field, "nor for another value"
    assert line(field).hasFocus()
    line(field).setText("")
    assert field.problem == "volume_ml must be given."
    line(field).setText("3")
    assert field.problem == ""
    bench.press(Qt.Key.Key_Return)
    assert bench.saved("1").metadata["volume_ml"] == 3


@pytest.mark.parametrize(
    ("label", "value", "said"), [("Name", " ", "This must not be empty."), ("Where", "x" * 201, "")]
)
def test_the_rules_of_the_form_are_those_here(bench: InPlace, label: str, value: str, said: str) -> None:
    bench.show("One")
    field = bench.open(label)
    line(field).setText(value)
    assert field.problem == (said or "At most 200 characters; these are 201.")
    bench.press(Qt.Key.Key_Return)
    assert bench.field is field
    bench.press(Qt.Key.Key_Escape)


def test_who_leaves_an_editor_saves_what_was_changed(bench: InPlace) -> None:
    bench.show("One")
    line(bench.open("Where")).setText(" Ward 3 ")
    bench.press(Qt.Key.Key_Tab)
    assert bench.field is None
    assert bench.saved("1").collected_place == "Ward 3"
    bench.open("Where")
    version = bench.saved("1").row_version
    bench.tab.records.table.setFocus()
    assert bench.field is None
    assert bench.saved("1").row_version == version, "nothing was changed"
    assert bench.tab.records.table.hasFocus()


def test_several_lines_are_saved_by_control_and_enter(bench: InPlace) -> None:
    bench.show("One")
    field = bench.open("Description")
    bench.qtbot.wait(1)
    assert lines(field).hasFocus(), "no window of its own took it"
    lines(field).setPlainText("First")
    lines(field).selectAll()
    QTest.keyClicks(lines(field), "One")
    bench.press(Qt.Key.Key_Return)
    assert bench.field is field, "a line more"
    QTest.keyClicks(lines(field), "two")
    bench.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert bench.saved("1").description == "One\ntwo"


def test_the_value_goes_to_the_record_that_it_was_opened_for(bench: InPlace) -> None:
    bench.show("One")
    line(bench.open("Name")).setText("Renamed")
    bench.show("Two")
    assert bench.field is None
    assert bench.saved("1").name == "Renamed"
    assert bench.saved("2").name == "Two"
    assert bench.tab.detail.title.text() == "Two"
    assert bench.tab.detail.title.isVisible()


def test_what_does_not_fit_is_given_up_with_its_record_and_said(bench: InPlace) -> None:
    bench.show("One")
    line(bench.open("volume_ml")).setText("much")
    bench.show("Two")
    assert bench.field is None
    assert [bench.saved(each).metadata.get("volume_ml") for each in "12"] == [2, None]
    assert bench.labels["volume_ml"].text() == "—"
    text = "What was typed as volume_ml is not saved. volume_ml must be a number."
    assert bench.said.notices[-1].text == text
    copy = bench.said.notices[-1].act
    assert copy is not None
    copy()
    assert QGuiApplication.clipboard().text() == "much"


def test_a_list_without_the_record_saves_it_too(bench: InPlace) -> None:
    bench.show("One")
    line(bench.open("Name")).setText("Renamed")
    bench.tab.search_for("Two")
    bench.qtbot.waitUntil(lambda: bench.tab.detail.title.text() == "Two")
    assert bench.field is None
    assert bench.saved("1").name == "Renamed"


def test_what_others_change_does_not_touch_an_open_editor(bench: InPlace) -> None:
    bench.show("One")
    field = bench.open("volume_ml")
    line(field).setText("7")
    rows = bench.work.samples._rows
    rows.change(bench.saved("1"), name="By others", description="By others", metadata={"volume_ml": 2})
    bench.tab.mark_stale()
    assert bench.tab.detail.title.text() == "By others"
    assert bench.field is field
    assert (line(field).text(), line(field).hasFocus()) == ("7", True)
    bench.press(Qt.Key.Key_Return)
    now = bench.saved("1")
    assert (now.name, now.metadata) == ("By others", {"volume_ml": 7}), "what they changed elsewhere stays"


def test_an_editor_goes_with_its_line(bench: InPlace) -> None:
    bench.show("One")
    field = bench.open("tube")
    bench.lab.defined.insert(0, defined("first", FieldKind.TEXT))
    bench.tab.read_lists()
    assert {"first", "volume_ml", "tube"} < set(bench.labels)
    assert bench.field is field
    shown = {name: label.isVisible() for name, label in bench.labels.items()}
    assert shown == dict.fromkeys(shown, True) | {"tube": False}
    bench.qtbot.waitUntil(lambda: field.y() > bench.labels["volume_ml"].y())
    bench.press(Qt.Key.Key_Escape)
    assert bench.labels["tube"].isVisible()


def test_a_value_that_others_changed_is_not_written_over(bench: InPlace) -> None:
    bench.show("One")
    field = bench.open("volume_ml")
    line(field).setText("7")
    bench.work.samples._rows.change(bench.saved("1"), metadata={"volume_ml": 5})
    bench.press(Qt.Key.Key_Return)
    assert bench.field is field
    assert field.problem == "Somebody else changed this meanwhile: Escape shows it."
    assert bench.saved("1").metadata["volume_ml"] == 5
    bench.press(Qt.Key.Key_Escape)


def test_what_could_not_be_saved_stays_in_the_editor(bench: InPlace) -> None:
    bench.show("One")
    field = bench.open("Name")
    line(field).setText("Renamed")
    bench.lab.trouble.next("samples.step", UnavailableError("The server is away"))
    bench.press(Qt.Key.Key_Return)
    assert bench.field is field
    assert field.problem == "The server is away."
    bench.press(Qt.Key.Key_Return)
    assert bench.saved("1").name == "Renamed"


@pytest.mark.parametrize("standing", [Standing.VIEWER, Standing.USER])
def test_who_may_not_edit_gets_no_editor(make_context: MakeContext, qtbot: QtBot, standing: Standing) -> None:
    bench = InPlace(make_context, qtbot, standing)
    bench.show("One" if standing is Standing.VIEWER else "Three")
    assert bench.labels == {}
    title = bench.tab.detail.title
    title.setFocus()
    QTest.keyClick(title, Qt.Key.Key_Return)
    QTest.mouseDClick(title, Qt.MouseButton.LeftButton)
    assert bench.field is None
    assert title.toolTip() == ""
    assert "—" not in [each.text() for each in bench.tab.detail.findChildren(ValueLabel)]


def test_what_is_on_its_way_keeps_nobody_and_is_said_where_it_fails(
    bench: InPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.show("One")
    line(bench.open("Where")).setText("Ward 3")
    held: list[Callable[[], None]] = []
    with monkeypatch.context() as slow:
        slow.setattr(bench.context.jobs._runner, "submit", lambda _lane, task: held.append(task))
        bench.tab.records.table.setFocus()
        assert len(held) == 1, "it is left, and being saved"
        field = bench.open("volume_ml")
        assert line(field).hasFocus()
    line(field).setText("7")
    bench.lab.trouble.next("samples.step", UnavailableError("The server is away"))
    held.pop()()
    lost = bench.said.notices[-1]
    assert lost.text == "What was typed as Where is not saved. The server is away."
    assert lost.action == "Copy what was typed"
    assert lost.act is not None
    lost.act()
    assert QGuiApplication.clipboard().text() == "Ward 3"
    assert (bench.field, line(field).text()) == (field, "7")
    bench.press(Qt.Key.Key_Return)
    assert (bench.saved("1").collected_place, bench.saved("1").metadata["volume_ml"]) == ("", 7)


def test_several_records_have_no_editor(bench: InPlace) -> None:
    bench.show("One")
    line(bench.open("Name")).setText("Renamed")
    bench.tab.records.table.selectAll()
    assert bench.field is None
    assert bench.saved("1").name == "Renamed"
    assert not [each for each in bench.labels.values() if each.isVisible()]


def test_tab_goes_through_the_values_as_they_stand(bench: InPlace) -> None:
    bench.show("One")
    bench.show("Two")
    bench.tab.records.columns.setFocus()
    found: list[Any] = []
    for _ in range(13):
        QTest.keyClick(bench.tab.window().focusWidget(), Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        found.append(now.fact.label if isinstance(now, ValueLabel) and now.fact else getattr(now, "text", str)())
    verbs = ["Start processing", "Edit…", ""]
    assert found == ["Name", *verbs, *HEAD, "volume_ml", "tube", "Description", "Results", "Add files…"]
    before = bench.open("Where")
    QTest.keyClick(before.editor, Qt.Key.Key_Tab)
    assert bench.labels["volume_ml"].hasFocus()
