"""The center's own fields in the window: in the form, beside the list, in the search."""

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from desktop_app.domain.fields import MOST_FIELDS, DefinedField, FieldKind
from desktop_app.domain.rights import Standing
from desktop_app.domain.sorting import NEWEST_SAMPLES, OwnField, Sort
from desktop_app.errors import UnavailableError
from desktop_app.ui.dialogs.center_lists import CenterListsDialog
from desktop_app.ui.dialogs.edit_fields import EditFieldsDialog
from desktop_app.ui.dialogs.field_definition import FieldDialog, WordDialog
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.tabs.centers import CentersTab
from desktop_app.ui.tabs.samples import SamplesTab
from desktop_app.ui.widgets.field import ChoiceBox, Field
from tests.ui.conftest import MakeContext
from tests.ui.fake_fields import defined
from tests.ui.fake_services import Lab, Work, as_services
from tests.ui.made_records import sample
from tests.ui.tab_bench import Bench

SAVED = {"volume_ml": "two", "tube": "Glass", "fasting": 1, "box": 7, "old": {"a": 1}}


def fill(lab: Lab) -> None:
    lab.sample_rows = [sample(1, metadata=SAVED), sample(2)]
    lab.defined = [
        defined("volume_ml", FieldKind.NUMBER, unit="ml", required=True),
        defined("tube", FieldKind.CHOICE, choices=("EDTA", "Serum")),
        defined("fasting", FieldKind.YES_NO),
        defined("depth & width", FieldKind.TEXT, sample_types=("tissue",)),
    ]


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot) -> Bench:
    return Bench(SamplesTab, make_context, qtbot, Standing.ADMIN, fill)


def field(dialog: SampleDialog, key: str) -> Field:
    return dialog.fields[f"metadata.{key}"]


def put(dialog: SampleDialog, key: str, value: Any) -> None:
    editor = field(dialog, key).editor
    if isinstance(editor, QLineEdit):
        editor.setText(value)
    else:
        assert isinstance(editor, ChoiceBox)
        assert editor.choose_where(lambda each: each is value or each == value)


def begin(bench: Bench) -> SampleDialog:
    bench.tab.new.click()
    dialog: SampleDialog = bench.dialog(SampleDialog)
    dialog.fields["name"].editor.setText("Cup")  # type: ignore[union-attr]  # a line
    return dialog


def test_a_new_sample_is_asked_for_the_fields_of_its_type(bench: Bench) -> None:
    dialog = begin(bench)
    assert not field(dialog, "volume_ml").isHidden()
    assert field(dialog, "depth & width").isHidden()
    assert field(dialog, "volume_ml").editor.accessibleName() == "volume_ml"
    dialog.submit()
    assert field(dialog, "volume_ml").problem == "volume_ml must be given."
    put(dialog, "volume_ml", "2,5 ml")
    assert field(dialog, "volume_ml").problem == "volume_ml must be a number."
    put(dialog, "volume_ml", "2,5")
    put(dialog, "tube", "Serum")
    put(dialog, "fasting", False)
    dialog.fields["sample_type"].editor.choose("tissue")  # type: ignore[union-attr]  # a choice
    assert not field(dialog, "depth & width").isHidden()
    put(dialog, "depth & width", "<b>3</b>")
    assert dialog.draft().metadata == {"volume_ml": 2.5, "tube": "Serum", "fasting": False, "depth & width": "<b>3</b>"}
    dialog.fields["sample_type"].editor.choose("blood")  # type: ignore[union-attr]  # a choice
    assert "depth & width" not in dialog.draft().metadata
    dialog.submit()
    assert bench.tab.records.current.metadata == {"volume_ml": 2.5, "tube": "Serum", "fasting": False}


def test_what_does_not_fit_is_said_kept_and_hinders_nobody(bench: Bench) -> None:
    bench.tab.records.select(bench.lab.sample_rows[0].id)
    lines = [value.text() for _label, value in bench.tab.sample_detail._metadata._lines]
    assert lines[0] == "two\n⚠ volume_ml must be a number."
    assert lines[-2:] == ["7", "{'a': 1}"]
    bench.tab.edit.click()
    dialog: SampleDialog = bench.dialog(SampleDialog)
    assert field(dialog, "tube").value == "Glass"
    assert not dialog.fields.is_changed
    assert dialog.fields["metadata"].value.replace("\n", "").replace(" ", "") == '{"box":7,"old":{"a":1}}'
    assert dialog.fields["metadata"].isHidden()
    dialog.fields["name"].editor.setText("Renamed")  # type: ignore[union-attr]  # a line
    assert dialog.problems() == {}
    assert dialog.draft().metadata == SAVED
    put(dialog, "volume_ml", "three")
    assert list(dialog.problems()) == ["metadata.volume_ml"]
    put(dialog, "volume_ml", "3")
    put(dialog, "fasting", None)
    assert dialog.draft().metadata == {"volume_ml": 3, "tube": "Glass", "box": 7, "old": {"a": 1}}


def test_json_that_is_none_is_seen_where_it_is_hidden(bench: Bench) -> None:
    dialog = begin(bench)
    put(dialog, "volume_ml", "1")
    dialog.fields["metadata"].set_value("{")
    dialog.submit()
    assert not dialog.fields["metadata"].isHidden()
    assert "JSON" in dialog.fields["metadata"].problem


def test_the_search_takes_filters_and_says_what_is_none(bench: Bench) -> None:
    tab = bench.tab
    tab.search_for("anna tube:EDTA volume_ml>2")
    tab.reload()
    source = tab.source()
    wanted = source.question[1]
    assert (wanted.search, [each.text for each in wanted.conditions]) == ("anna", ["tube:EDTA", "volume_ml>2"])
    tab.search_for(" ".join(["a:b"] * 30) + " c:d")
    tab.reload()
    assert "at most 30" in tab.records.empty.text


@pytest.fixture
def lists(make_context: MakeContext, qtbot: QtBot) -> Bench:
    bench = Bench(CentersTab, make_context, qtbot, Standing.ADMIN, fill)
    bench.choose("istanbul")
    return bench


def test_fields_types_and_reasons_are_edited_in_one_place(lists: Bench, qtbot: QtBot) -> None:
    told: list[object] = []
    lists.context.events.changed.connect(lambda kind, _record: told.append(kind))
    lists.tab.lists.click()
    dialog: CenterListsDialog = lists.dialog(CenterListsDialog)
    dialog.fields.new.click()
    form = next(each for each in dialog.findChildren(FieldDialog) if each.isVisible())
    form.fields["name"].editor.setText("Rack")  # type: ignore[union-attr]  # a line
    form.fields["kind"].editor.choose(FieldKind.CHOICE)  # type: ignore[union-attr]  # a choice
    form.submit()
    assert form.fields["choices"].problem == "A choice needs at least one."
    form.fields["choices"].editor.setPlainText("R1\n\n R2, upper ")  # type: ignore[union-attr]  # a text
    form.fields["type.urine"].editor.setChecked(True)  # type: ignore[union-attr]  # a box
    form.submit()
    made = lists.lab.defined[-1]
    assert (made.name, made.choices, made.sample_types) == ("Rack", ("R1", "R2, upper"), ("urine",))
    assert dialog.fields.model.rows[-1] == made
    dialog.fields.table.choose_row(dialog.fields.model.rowCount() - 1)
    dialog.fields.active.click()
    assert not lists.lab.defined[-1].is_active
    assert dialog.fields.active.text() == "&Restore"
    assert told == [DefinedField, DefinedField]

    dialog.tabs.setCurrentWidget(dialog.types)
    dialog.types.new.click()
    word = next(each for each in dialog.findChildren(WordDialog) if each.isVisible())
    assert word.fields["position"].value == "10", "after the others, whose place is 0"
    word.fields["code"].editor.setText("Bone")  # type: ignore[union-attr]  # a line
    word.fields["name"].editor.setText("Bone")  # type: ignore[union-attr]  # a line
    word.submit()
    assert word.fields["code"].problem.startswith("Lower-case letters")
    word.fields["code"].editor.setText("bone")  # type: ignore[union-attr]  # a line
    word.submit()
    assert dialog.types.model.rows[-1].code == "bone"
    dialog.tabs.setCurrentWidget(dialog.reasons)
    dialog.reasons.active.click()
    assert not dialog.reasons.model.rows[0].is_active


def test_who_may_only_read_sees_them_and_why_nothing_changes(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(CentersTab, make_context, qtbot, Standing.VIEWER, fill)
    bench.choose("istanbul")
    bench.tab.lists.click()
    dialog: CenterListsDialog = bench.dialog(CenterListsDialog)
    assert dialog.fields.model.rowCount() == 4
    assert not dialog.fields.new.isEnabled()
    assert "dministrator" in dialog.fields.new.toolTip()


def test_several_samples_are_given_values(jobs: Jobs, qtbot: QtBot) -> None:
    dialog = EditFieldsDialog(jobs, "2 samples", [defined("ml", FieldKind.NUMBER)], ["blood"])
    dialog.show()
    editor = dialog.fields["metadata.ml"].editor
    assert isinstance(editor, QLineEdit)
    editor.setText("much")
    dialog.submit()
    assert dialog.fields["metadata.ml"].problem == "ml must be a number."
    editor.setText("3")
    with qtbot.waitSignal(dialog.saved) as saved:
        dialog.submit()
    assert saved.args == [{"ml": 3}]


def removal(dialog: EditFieldsDialog, key: str) -> QCheckBox:
    [box] = dialog.fields[f"metadata.{key}"].findChildren(QCheckBox)
    return box


def test_values_are_taken_away_from_several_samples(jobs: Jobs, qtbot: QtBot) -> None:
    fields = [
        defined("ml", FieldKind.NUMBER),
        defined("tube", FieldKind.CHOICE, choices=("A", "B")),
        defined("fasting", FieldKind.YES_NO),
        defined("note", FieldKind.TEXT),
        defined("lot", FieldKind.TEXT, required=True),
        defined("rack", FieldKind.CHOICE, choices=("1",), required=True),
    ]
    dialog = EditFieldsDialog(jobs, "2 samples", fields, ["blood"])
    dialog.show()
    for key in ("tube", "fasting"):
        editor = dialog.fields[f"metadata.{key}"].editor
        assert isinstance(editor, ChoiceBox)
        assert [editor.itemText(at) for at in (0, 1)] == ["As it is", "No value"]
        editor.setCurrentIndex(1)
    number = dialog.fields["metadata.ml"].editor
    assert isinstance(number, QLineEdit)
    assert number.placeholderText() == "As it is"
    number.setText("much")
    box = removal(dialog, "ml")
    assert (box.text(), box.accessibleName()) == ("No value", "ml: No value")
    box.click()
    assert (number.text(), number.isEnabled(), number.placeholderText()) == ("", False, "No value")
    assert not dialog.fields["metadata.lot"].findChildren(QCheckBox), "nobody goes without it"
    rack = dialog.fields["metadata.rack"].editor
    assert isinstance(rack, ChoiceBox)
    assert rack.findText("No value") < 0
    with qtbot.waitSignal(dialog.saved) as saved:
        dialog.submit()
    assert saved.args == [{"ml": None, "tube": None, "fasting": None}], "the note stays as it is"


def test_no_value_can_be_unsaid(jobs: Jobs, qtbot: QtBot) -> None:
    dialog = EditFieldsDialog(jobs, "2 samples", [defined("ml", FieldKind.NUMBER)], ["blood"])
    dialog.show()
    number = dialog.fields["metadata.ml"].editor
    assert isinstance(number, QLineEdit)
    box = removal(dialog, "ml")
    box.click()
    box.click()
    assert (number.isEnabled(), number.placeholderText()) == (True, "As it is")
    number.setText("4")
    with qtbot.waitSignal(dialog.saved) as saved:
        dialog.submit()
    assert saved.args == [{"ml": 4}]


def test_nothing_given_is_said(jobs: Jobs, qapp: QApplication) -> None:
    del qapp
    dialog = EditFieldsDialog(jobs, "2 samples", [defined("ml", FieldKind.NUMBER)], ["blood"])
    dialog.show()
    dialog.submit()
    assert dialog.isVisible()
    assert dialog.banner.text == "Nothing would change: give a value, or take one away."
    dialog.reject()


def test_fields_are_columns_to_choose_and_come_back_with_the_center(bench: Bench) -> None:
    table = bench.tab.records.table
    titles = [column.title for column in table.columns]
    assert titles[-4:] == ["volume_ml (ml)", "tube", "fasting", "depth & width"]
    at = titles.index("volume_ml (ml)")
    assert table.isColumnHidden(at)
    layout = table.list_layout
    table.arrange(replace(layout, shown=(*layout.shown, "field.volume_ml")))
    assert not table.isColumnHidden(at)
    rows = bench.tab.records.model.rows
    assert {table.columns[at].text(row) for row in rows} == {"⚠ two", ""}
    kept = table.list_layout
    bench.lab.defined.clear()
    bench.context.events.changed.emit(DefinedField, None)
    assert len(table.columns) == len(titles) - 4
    assert table.list_layout.shown == kept.shown, "it is not forgotten where the center has no such field"
    assert bench.tab.records.model.rows == rows
    bench.lab.defined.append(defined("volume_ml", FieldKind.TEXT))
    bench.context.events.changed.emit(DefinedField, None)
    assert not table.isColumnHidden(len(table.columns) - 1)


def sorted_bench(make_context: MakeContext, qtbot: QtBot) -> Bench:
    def fill_sorted(lab: Lab) -> None:
        lab.sample_rows = [sample(at, metadata={"ml": value}) for at, value in enumerate((3, 1, 2), start=1)]
        lab.sample_rows.append(sample(9))
        lab.defined = [defined("ml", FieldKind.NUMBER), defined("thawed", FieldKind.DATE)]

    return Bench(SamplesTab, make_context, qtbot, Standing.ADMIN, fill_sorted)


def volumes(bench: Bench) -> list[Any]:
    return [row.metadata.get("ml") for row in bench.tab.records.model.rows]


def click_header(bench: Bench, key: str) -> None:
    table = bench.tab.records.table
    table._on_section_clicked([column.key for column in table.columns].index(key))


def test_the_list_is_sorted_by_a_field(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = sorted_bench(make_context, qtbot)
    table = bench.tab.records.table
    click_header(bench, "field.ml")
    assert volumes(bench) == [1, 2, 3, None]
    click_header(bench, "field.ml")
    assert volumes(bench) == [3, 2, 1, None], "what has none stays last"
    at = [column.key for column in table.columns].index("field.ml")
    assert table._header.sorted_section == (at, True)
    click_header(bench, "field.thawed")
    assert bench.tab.records.sort == Sort(OwnField.of("thawed"), descending=True), "days begin with the newest"
    assert "ml" in below(table.menu(), "Sort by")


def opened_at(menu: QMenu, words: str) -> QMenu:
    """The menu that opens at one of these words."""
    below = next(action.menu() for action in menu.actions() if action.text() == words)
    assert isinstance(below, QMenu)
    return below


def below(menu: QMenu, words: str) -> list[str]:
    return [action.text() for action in opened_at(menu, words).actions() if not action.isSeparator()]


def test_the_menu_of_the_columns_stays_on_the_screen_however_many_fields_there_are(
    make_context: MakeContext, qtbot: QtBot
) -> None:
    def fill_many(lab: Lab) -> None:
        lab.sample_rows = [sample(1)]
        lab.defined = [defined(f"field & {number}", FieldKind.TEXT) for number in range(MOST_FIELDS)]

    bench = Bench(SamplesTab, make_context, qtbot, Standing.ADMIN, fill_many)
    menu = bench.tab.records.table.menu()
    assert menu.sizeHint().height() <= 768 - 80
    assert len(below(menu, "Fields of the center")) == MOST_FIELDS
    for words in ("Sort by", "Fields of the center"):
        opened = opened_at(menu, words)
        opened.popup(QPoint(0, 0))
        room = opened.screen().availableGeometry()
        assert opened.height() <= room.height(), words
        assert opened.sizeHint().width() <= room.width(), "it goes on in no columns beyond the side of the screen"
        opened.close()
    opened.actions()[-1].trigger()
    shown = bench.tab.records.table.list_layout.shown
    assert shown[-1] == f"field.field & {MOST_FIELDS - 1}"
    menu.close()


def test_an_order_by_a_field_waits_for_the_field(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = sorted_bench(make_context, qtbot)
    click_header(bench, "field.ml")
    bench.tab.save_layout()
    again = SamplesTab(bench.context)
    qtbot.addWidget(again)
    assert again.records.sort == NEWEST_SAMPLES, "the fields are not known yet"
    again.show()
    again.set_center(as_services(bench.work))
    again.refresh_if_stale()
    assert [row.metadata.get("ml") for row in again.records.model.rows] == [1, 2, 3, None]
    bench.lab.trouble.next("fields.list", UnavailableError("The server is away."))
    again.set_center(as_services(Work(bench.lab.ankara, Standing.ADMIN, bench.lab)))
    assert again.records.sort == NEWEST_SAMPLES, "nobody knows what fields another center has"
    assert len(again.records.model.rows) == 4
    assert again.records.table.list_layout.sort == Sort(OwnField.of("ml")), "it is not forgotten"
