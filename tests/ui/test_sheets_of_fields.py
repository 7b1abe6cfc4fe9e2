"""Fields of a center from a spreadsheet and into one, in the window: seen before, one change, one undo."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot

from desktop_app.domain.fields import DefinedField, FieldKind
from desktop_app.domain.rights import Standing
from desktop_app.errors import UnavailableError
from desktop_app.policy import Policy
from desktop_app.services.sheets.sheet_file import read_sheet
from desktop_app.ui.dialogs.center_lists import CenterListsDialog
from desktop_app.ui.dialogs.export_sheet import ExportSheetDialog
from desktop_app.ui.dialogs.field_definition import FieldDialog
from desktop_app.ui.dialogs.import_sheet import ImportSheetDialog
from desktop_app.ui.tabs.centers import CentersTab
from tests.ui.conftest import MakeContext
from tests.ui.fake_fields import defined
from tests.ui.fake_services import Lab
from tests.ui.tab_bench import Bench
from tools import steps
from tools.driver import Program, until

SHEET = 'Field,Kind,Unit,Choices,Order,Note\nVolume,number,ml,,,x\nTube,choice,,"A, B",5,x\nOdd,colour,,,,x\n'


def fill(lab: Lab) -> None:
    lab.defined = [defined("Freezer", FieldKind.TEXT, position=30)]


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot) -> Bench:
    bench = Bench(CentersTab, make_context, qtbot, Standing.ADMIN, fill)
    bench.choose("istanbul")
    return bench


def lists(bench: Bench) -> CenterListsDialog:
    bench.tab.lists.click()
    return bench.dialog(CenterListsDialog)


def importing(dialog: CenterListsDialog, folder: Path, content: str = SHEET) -> ImportSheetDialog:
    file = folder / "fields.csv"
    file.write_text(content, "utf-8")
    dialog.sheets.show_file(file)
    return next(each for each in dialog.findChildren(ImportSheetDialog) if each.isVisible())


def tick(box: object) -> None:
    assert isinstance(box, QCheckBox)
    box.setChecked(True)


def test_fields_are_seen_before_they_come_in(bench: Bench, tmp_path: Path) -> None:
    told: list[object] = []
    bench.context.events.changed.connect(lambda kind, _record: told.append(kind))
    dialog = lists(bench)
    sheet = importing(dialog, tmp_path)
    assert sheet.counts.text() == "2 new, 0 changed, 0 unchanged, 1 with problems"
    assert sheet.ignored.text() == "Left out: Note"
    assert [(each.row, each.column, each.value) for each in sheet._problems.rows] == [(4, "Kind", "colour")]
    assert not sheet.verb.isEnabled(), "one row keeps all of them out"
    tick(sheet.skip_bad.editor)
    assert sheet.verb.text() == "&Import 2 fields"
    sheet.submit()
    assert [(each.name, each.position) for each in bench.lab.defined] == [("Freezer", 30), ("Volume", 40), ("Tube", 5)]
    assert dialog.banner.text == "Imported from fields.csv: 2 new, 0 changed. Rows left out: 1."
    assert dialog.fields.model.rowCount() == 3
    assert told == [DefinedField]


def test_what_is_there_changes_where_it_is_ticked(bench: Bench, tmp_path: Path) -> None:
    dialog = lists(bench)
    sheet = importing(dialog, tmp_path, "Name,Kind\nfreezer,date\n")
    assert sheet.counts.text().endswith("1 with problems")
    kind = sheet.kind
    tick(kind.boxes[0].editor)
    assert sheet.counts.text() == "0 new, 1 changed, 0 unchanged, 0 with problems"
    bench.lab.trouble.next("field_imports.apply", UnavailableError("Away."))
    sheet.submit()
    assert sheet.banner.text == "Away."
    sheet.submit()
    assert [(each.name, each.kind) for each in bench.lab.defined] == [("freezer", FieldKind.DATE)]
    assert dialog.banner.text == "Imported from fields.csv: 0 new, 1 changed."


def test_they_go_into_a_file(bench: Bench, tmp_path: Path) -> None:
    dialog = lists(bench)
    dialog.sheets.write_out.click()
    export = next(each for each in dialog.findChildren(ExportSheetDialog) if each.isVisible())
    export.fields["file"].set_value(str(tmp_path / "out.csv"))
    export.submit()
    assert dialog.banner.text == f"{tmp_path / 'out.csv'} has 1 field."
    assert (tmp_path / "out.csv").read_text("utf-8") == "Freezer"
    bench.lab.trouble.next("field_exports.write", UnavailableError("Away."))
    dialog.sheets.write_out.click()
    export = next(each for each in dialog.findChildren(ExportSheetDialog) if each.isVisible())
    export.fields["file"].set_value(str(tmp_path / "more.csv"))
    export.submit()
    assert dialog.banner.text == "Away."


def test_who_may_not_change_fields_brings_none_in(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(CentersTab, make_context, qtbot, Standing.USER, fill)
    bench.choose("istanbul")
    dialog = lists(bench)
    assert not dialog.sheets.bring_in.isEnabled()
    assert "dministrator" in dialog.sheets.bring_in.toolTip()
    assert dialog.sheets.write_out.isEnabled()


def test_the_policy_keeps_the_file_from_being_written(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.lab, "policy", Policy(export=False))
    dialog = lists(bench)
    assert not dialog.sheets.write_out.isEnabled()
    assert "policy" in dialog.sheets.write_out.toolTip()


def test_a_new_field_is_offered_the_place_after_the_last_one(bench: Bench) -> None:
    dialog = lists(bench)
    dialog.fields.new.click()
    form = next(each for each in dialog.findChildren(FieldDialog) if each.isVisible())
    assert form.fields["position"].value == "40"
    form.fields["name"].set_value("Rack")
    form.fields["position"].set_value("")
    form.submit()
    assert [(each.name, each.position) for each in bench.lab.defined] == [("Freezer", 30), ("Rack", 40)]


def test_a_real_center_takes_them_gives_them_back_and_writes_them(program: Program, tmp_path: Path) -> None:
    tab = program.workspace.tabs.centers
    steps.show(program, tab)
    assert tab.work is not None
    fields = tab.work.fields
    before = fields.list(include_inactive=True)
    tab._on_lists(tab.work.center)
    dialog = tab.findChild(CenterListsDialog)
    assert isinstance(dialog, CenterListsDialog)
    sheet = importing(dialog, tmp_path, 'Name,Kind,Choices\nTube,choice,"A, B"\nVolume,number,\n')
    until(sheet.verb.isEnabled, "the file compared")
    sheet.submit()
    until(lambda: dialog.fields.model.rowCount() == len(before) + 2, "two fields")
    target = tmp_path / "fields.xlsx"
    dialog.sheets.write_out.click()
    export = next(each for each in dialog.findChildren(ExportSheetDialog) if each.isVisible())
    export.fields["file"].set_value(str(target))
    undo = dialog.banner.notice
    export.submit()
    until(lambda: dialog.banner.text.startswith(str(target)), "the file")
    written = {row[0] for row in read_sheet(target).rows}
    assert written == {"Tube", "Volume", *(each.name for each in before)}
    assert undo is not None
    assert undo.action == "Undo"
    assert undo.act is not None
    undo.act()
    until(lambda: dialog.banner.text == "Undone: 2 fields.", "the undo")
    until(lambda: dialog.fields.model.rowCount() == len(before), "no field of the file")
    assert fields.list(include_inactive=True) == before
    dialog.accept()
