"""Sheets of samples in the window: seen before, in as one, taken back as one; and what is seen goes out."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel
from pytestqt.qtbot import QtBot

from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.progress import Report
from desktop_app.domain.rights import Standing
from desktop_app.errors import UnavailableError
from desktop_app.services.sheets.planned_import import ImportResult
from desktop_app.services.sheets.sample_import import SampleImport
from desktop_app.services.sheets.sheet_file import read_sheet
from desktop_app.ui.dialogs.export_sheet import ExportSheetDialog
from desktop_app.ui.dialogs.import_records import RecordsFromSheet
from desktop_app.ui.dialogs.import_sheet import ImportSheetDialog
from desktop_app.ui.tabs.samples import SamplesTab
from desktop_app.ui.tabs.samples.columns import sample_columns
from desktop_app.ui.tabs.samples.sheets import FIELDS
from desktop_app.ui.widgets.field import Field
from tests.ui.conftest import MakeContext
from tests.ui.fake_services import Lab
from tests.ui.made_records import sample
from tests.ui.tab_bench import Bench
from tools import steps
from tools.driver import Program, click, until

SHEET = "Tube;Name;Type;Mood\nB-1;Serum 1;blood;fine\nN-1;<b>New</b>;blood;\nN-2;New 2;mud;x\n"


def fill(lab: Lab) -> None:
    lab.sample_rows = [sample(at, name=f"Serum {at}", barcode=f"B-{at}", sample_type="blood") for at in range(1, 4)]


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot) -> Bench:
    return Bench(SamplesTab, make_context, qtbot, Standing.USER, fill)


def update_box(dialog: ImportSheetDialog) -> Field:
    assert isinstance(dialog.kind, RecordsFromSheet)
    return dialog.kind.update_box


def opened(bench: Bench, tmp_path: Path, content: str = SHEET) -> ImportSheetDialog:
    file = tmp_path / "tubes.csv"
    file.write_text(content, "utf-8")
    bench.tab.sheets.show_file(file)
    return bench.dialog(ImportSheetDialog)


def tick(field: Field) -> None:
    assert isinstance(field.editor, QCheckBox)
    field.editor.setChecked(True)


def barcodes(bench: Bench) -> list[str]:
    return sorted(row.barcode for row in bench.tab.records.model.rows)


def test_a_sheet_is_seen_as_it_would_come_in(bench: Bench, tmp_path: Path) -> None:
    dialog = opened(bench, tmp_path)
    assert dialog.form.separator.currentText() == "Semicolon (recognised)"
    assert dialog.columns.chosen == ("", "name", "sample_type", "")
    assert dialog.counts.text() == "2 new, 0 changed, 0 unchanged, 1 with problems"
    assert dialog.ignored.text() == "Left out: Tube, Mood"
    dialog.columns.boxes[0].choose("barcode")
    assert dialog.counts.text() == "1 new, 0 changed, 0 unchanged, 2 with problems"
    problems = [(each.row, each.column, each.value) for each in dialog._problems.rows]
    assert problems == [(2, "Tube", "B-1"), (4, "Type", "mud")]
    assert not dialog.verb.isEnabled(), "one row keeps all of them out"
    tick(update_box(dialog))
    assert dialog.counts.text() == "1 new, 0 changed, 1 unchanged, 1 with problems"
    tick(dialog.skip_bad)
    assert dialog.verb.text() == "&Import 1 sample"
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in dialog.findChildren(QLabel) if label.text())
    sheet, planned = dialog._sheet, dialog._planned
    dialog.submit()
    assert barcodes(bench) == ["B-1", "B-2", "B-3", "N-1"]
    assert sheet is not None
    assert (sheet.rows, planned.new, planned.changed) == ([], [], []), "all at once the window would wait for their end"
    said = bench.said.notices[-1]
    assert said.text == "Imported from tubes.csv: 1 new, 0 changed. Rows left out: 1."
    assert said.action == "Undo"


def test_what_was_chosen_is_remembered_for_these_headings(bench: Bench, tmp_path: Path) -> None:
    dialog = opened(bench, tmp_path, "Tube,Name,Type\nN-1,a,blood\n")
    dialog.columns.boxes[0].choose("barcode")
    dialog.submit()
    assert opened(bench, tmp_path, "Tube,Name,Type\nN-2,a,blood\n").columns.chosen[0] == "barcode"
    bench.dialog(ImportSheetDialog).reject()
    other = tmp_path / "other.csv"
    other.write_text("Tube,Name\nN-3,a\n")
    bench.tab.sheets.show_file(other)
    assert [each.columns.chosen for each in bench.tab.findChildren(ImportSheetDialog) if each.isVisible()] == [
        ("", "name")
    ]


def test_what_cannot_be_read_is_said_and_can_be_read_otherwise(bench: Bench, tmp_path: Path) -> None:
    dialog = opened(bench, tmp_path, "Name;Name\na;b\n")
    assert dialog.banner.text == "Two columns have the heading Name."
    assert not dialog.verb.isEnabled()
    dialog.form.separator.choose(",")
    assert dialog.headings == ("Name;Name",)
    dialog.form.separator.choose("")
    dialog.open_file(tmp_path / "gone.csv")
    assert dialog.banner.text.startswith("gone.csv cannot be read")
    dialog.open_file(tmp_path / "tubes.csv")
    (tmp_path / "tubes.csv").write_text("Name,Type,Label\na,blood,b\n")
    dialog.open_file(tmp_path / "tubes.csv")
    dialog.columns.boxes[2].choose("name")
    assert dialog.banner.text == "Two columns are to be Name: choose one."
    dialog.columns.boxes[0].choose("")
    assert (dialog.banner.text, dialog.verb.text()) == ("", "&Import 1 sample")


def test_a_server_that_is_away_loses_nothing(bench: Bench, tmp_path: Path) -> None:
    bench.lab.trouble.next("imports.plan", UnavailableError("Away."))
    dialog = opened(bench, tmp_path, "Barcode,Name,Type\nN-1,a,blood\n")
    assert dialog.banner.text == "Away."
    click(dialog.banner._step)
    bench.lab.trouble.next("imports.apply", UnavailableError("Away again."))
    dialog.submit()
    assert dialog.banner.text == "Away again."
    assert dialog.isVisible()
    assert dialog.other.isEnabled()
    dialog.submit()
    assert "N-1" in barcodes(bench)


def test_an_import_that_is_stopped_changes_nothing(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = opened(bench, tmp_path, "Barcode,Name,Type\nN-1,a,blood\n")
    apply = bench.work.imports.apply

    def stopped(planned: SampleImport, reason: str, *, skip_bad: bool, report: Report) -> ImportResult:
        dialog.cancel.click()
        assert dialog.isVisible()
        return apply(planned, reason, skip_bad=skip_bad, report=report)

    monkeypatch.setattr(bench.work.imports, "apply", stopped)
    dialog.submit()
    assert dialog.banner.text == "Stopped. Nothing came in."
    assert dialog.verb.isEnabled()
    assert "N-1" not in barcodes(bench)


def test_what_is_seen_goes_out(bench: Bench, tmp_path: Path) -> None:
    bench.tab.sheets.export_action.trigger()
    dialog = bench.dialog(ExportSheetDialog)
    dialog.submit()
    assert dialog.fields["file"].problem == "Choose the file to write."
    dialog.fields["file"].set_value(str(tmp_path / "list.pdf"))
    dialog.submit()
    assert dialog.fields["file"].problem == "The name must end with .xlsx or .csv."
    target = tmp_path / "list.csv"
    target.write_text("mine")
    dialog.fields["file"].set_value(str(target))
    dialog.submit()
    assert dialog.fields["file"].problem == "There is a file of this name already. Choose it to replace it."
    dialog.take_target(target)
    dialog.submit()
    assert target.read_text() == "barcode,name,sample_type,status,user_id,created_at"
    assert bench.said.remarks[-1] == f"{target} has 3 samples."


def test_every_column_of_the_list_has_a_name_in_sheets() -> None:
    assert {column.key for column in sample_columns()} == set(FIELDS)


def test_a_viewer_imports_nothing(make_context: MakeContext, qtbot: QtBot) -> None:
    sheets = Bench(SamplesTab, make_context, qtbot, Standing.VIEWER, fill).tab.sheets
    assert (sheets.import_action.isEnabled(), sheets.export_action.isEnabled()) == (False, True)


def test_the_list_goes_out_changed_comes_in_and_is_taken_back(program: Program, tmp_path: Path) -> None:
    work, tab = program.workspace.work, program.workspace.tabs.samples
    assert work is not None
    steps.show(program, tab)
    made = [work.samples.create(SampleDraft(name=f"Sheet {at}", sample_type="blood")) for at in range(3)]
    tab.search_for("Sheet ")
    tab.reload()
    until(lambda: tab.records.model.rowCount() == 3, "the list has them")
    QTest.keyClick(
        tab.records.table, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    export = program.dialog(ExportSheetDialog)
    target = tmp_path / "list.csv"
    export.take_target(target)
    steps.submit(program, export)
    until(target.exists, "it is written")
    assert len(read_sheet(target).rows) == 3
    target.write_text(target.read_text("utf-8-sig").replace("Sheet 1", "Changed 1"), "utf-8")
    tab.sheets.show_file(target)
    dialog = program.dialog(ImportSheetDialog)
    tick(update_box(dialog))
    until(lambda: dialog.verb.text() == "&Import 1 sample", "one is another now")
    assert dialog.counts.text() == "0 new, 1 changed, 2 unchanged, 0 with problems"
    click(dialog.verb)
    until(lambda: work.samples.get(made[1].id).name == "Changed 1", "it is in")
    until(lambda: program.workspace.banner.notice is not None, "it is said")
    click(program.workspace.banner._step)
    until(lambda: work.samples.get(made[1].id).name == "Sheet 1", "it is taken back")
