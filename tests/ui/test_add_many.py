"""Many new samples in a table: typed and pasted as in a spreadsheet, checked as an import, undone as one."""

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from desktop_app.domain.change_plan import PlanAction
from desktop_app.domain.progress import Report
from desktop_app.domain.rights import Standing
from desktop_app.errors import UnavailableError
from desktop_app.services.sheets.planned_import import ImportResult
from desktop_app.services.sheets.sample_import import SampleImport
from desktop_app.ui.dialogs.add_many import AddManyDialog
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.models.cell_grid import CellGrid
from desktop_app.ui.tabs.samples import SamplesTab
from desktop_app.ui.widgets.cell_line import CellLine
from tests.ui.conftest import MakeContext
from tests.ui.made_records import sample
from tests.ui.scanner_keyboard import Keyboard, enter, settle
from tests.ui.tab_bench import Bench
from tests.ui.table_bench import (
    BARCODE,
    CONTROL,
    NAME,
    SHIFT,
    TYPE,
    VOLUME,
    editor,
    fill,
    paste,
    place,
    press,
    type_words,
)
from tests.ui.window_fixture import WindowDriver
from tools import steps
from tools.driver import Program, click, until


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(SamplesTab, make_context, qtbot, Standing.USER, fill)
    yield made
    for dialog in made.tab.findChildren(AddManyDialog):
        if dialog.isVisible():
            dialog._on_discarded()


@pytest.fixture
def dialog(bench: Bench) -> AddManyDialog:
    bench.tab.sheets.add_many.trigger()
    return bench.dialog(AddManyDialog)


def checked(dialog: AddManyDialog, qtbot: QtBot) -> list[tuple[int, str, str]]:
    qtbot.waitUntil(lambda: not dialog._timer.isActive())
    return [(each.row, each.column, str(each.problem)) for each in dialog.problems.rows]


def barcodes(bench: Bench) -> set[str]:
    return {row.barcode for row in bench.tab.records.model.rows}


def test_it_begins_with_what_nearly_every_sample_has(dialog: AddManyDialog) -> None:
    assert dialog.grid.headings[:4] == ("Barcode", "Type", "Name", "Volume")
    assert place(dialog) == (0, 0)
    assert (dialog.verb.isEnabled(), dialog.verb.toolTip()) == (False, "No row has anything yet.")


def test_typing_goes_on_as_in_a_spreadsheet(dialog: AddManyDialog, bench: Bench, qtbot: QtBot) -> None:
    type_words(dialog, "0012")
    press(dialog, Qt.Key.Key_Tab)
    type_words(dialog, "blood")
    press(dialog, Qt.Key.Key_Tab)
    type_words(dialog, "Serum")
    press(dialog, Qt.Key.Key_Return)
    assert place(dialog) == (1, BARCODE), "Enter goes to where the run of Tabs began"
    assert dialog.grid.rows == (("0012", "blood", "Serum", *[""] * 6),)
    press(dialog, Qt.Key.Key_Return, modifiers=SHIFT)
    assert place(dialog) == (0, BARCODE)
    press(dialog, Qt.Key.Key_Backtab)
    assert place(dialog) == (0, BARCODE), "there is none before the first"
    press(dialog, Qt.Key.Key_End, Qt.Key.Key_Tab)
    assert place(dialog) == (1, BARCODE), "after the last comes the next row's first"
    assert checked(dialog, qtbot) == []
    assert dialog.state.text() == "Everything is in order."
    assert dialog.verb.text() == "&Create 1 sample"
    type_words(dialog, "0013")
    press(dialog, Qt.Key.Key_Tab)
    type_words(dialog, "blood")
    press(dialog, Qt.Key.Key_Right)
    press(dialog, Qt.Key.Key_Return, modifiers=CONTROL)
    assert checked(dialog, qtbot) == [(2, "Name", "This must not be empty.")], (
        "Ctrl+Enter checks what is typed last, too"
    )
    assert dialog.isVisible()
    assert place(dialog) == (1, NAME)
    type_words(dialog, "Plasma")
    click(dialog.verb)
    assert not dialog.isVisible()
    assert barcodes(bench) == {"B-1", "0012", "0013"}
    said = bench.said.notices[-1]
    assert (said.text, said.action) == ("Created: 2 samples.", "Undo")


def test_a_paste_with_headings_goes_to_its_columns(dialog: AddManyDialog, bench: Bench, qtbot: QtBot) -> None:
    paste(dialog, "Name\tMood\tbarcode\tsample type\tVolume\r\n'=1+1\tfine\t007\tblood\t1,5\r\n", row=0, column=3)
    assert dialog.grid.rows[0][:4] == ("007", "blood", "=1+1", "1,5")
    assert dialog.note.text() == "Not pasted, because the table has no such column: Mood"
    assert checked(dialog, qtbot) == []
    dialog.submit()
    made = next(row for row in bench.tab.records.model.rows if row.barcode == "007")
    assert (made.name, made.metadata) == ("=1+1", {"Volume": 1.5})


def test_a_paste_without_headings_begins_at_the_current_cell(dialog: AddManyDialog) -> None:
    paste(dialog, 'blood\t"two\nlines"\n\tb', row=150, column=TYPE)
    assert dialog.grid.rows[150][:3] == ("", "blood", "two\nlines")
    assert dialog.grid.rows[151][:3] == ("", "", "b")
    selection = dialog.table.selectionModel().selection()
    box = selection.at(0)
    assert (box.top(), box.left(), box.bottom(), box.right()) == (150, TYPE, 151, NAME)
    paste(dialog, "a\tb\tc", column=len(dialog.grid.headings) - 1)
    assert dialog.banner.text.startswith("The copied rows are 3 columns wide, and there are 1 from this cell on")
    assert len(dialog.grid.rows) == 152
    paste(dialog, "x", row=3)
    assert dialog.banner.text == ""


def test_cells_are_copied_cut_and_emptied(dialog: AddManyDialog) -> None:
    paste(dialog, 'B-2\tblood\tx\nB-3\turine\t"\'=1\ty"\n')
    dialog.table.choose(0, TYPE, 1, NAME)
    press(dialog, Qt.Key.Key_C, modifiers=CONTROL)
    assert QGuiApplication.clipboard().text() == 'blood\tx\nurine\t"\'=1\ty"'
    press(dialog, Qt.Key.Key_X, modifiers=CONTROL)
    assert [row[:3] for row in dialog.grid.rows] == [("B-2", "", ""), ("B-3", "", "")]
    press(dialog, Qt.Key.Key_V, modifiers=CONTROL)
    assert [row[:3] for row in dialog.grid.rows] == [("B-2", "blood", "x"), ("B-3", "urine", "=1\ty")]
    press(dialog, Qt.Key.Key_A, modifiers=CONTROL)
    press(dialog, Qt.Key.Key_Delete)
    assert dialog.grid.is_empty


def test_a_table_that_is_pasted_while_a_cell_is_edited_goes_into_cells(dialog: AddManyDialog) -> None:
    type_words(dialog, "B")
    QGuiApplication.clipboard().setText("one")
    press(dialog, Qt.Key.Key_V, modifiers=CONTROL)
    line = editor(dialog)
    assert line is not None
    assert line.text() == "Bone"
    QGuiApplication.clipboard().setText("B-2\tblood\nB-3\tblood\n")
    press(dialog, Qt.Key.Key_V, modifiers=CONTROL)
    assert editor(dialog) is None
    assert [row[:2] for row in dialog.grid.rows] == [("B-2", "blood"), ("B-3", "blood")]


def test_what_a_column_takes_is_offered_while_one_types(dialog: AddManyDialog) -> None:
    dialog.table.go_to(0, TYPE)
    type_words(dialog, "loo")
    line = editor(dialog)
    assert isinstance(line, CellLine)
    assert line.list.isVisible()
    assert [line.list.model().index(row, 0).data() for row in range(line.list.model().rowCount())] == ["Blood"]
    QTest.keyClick(line.list, Qt.Key.Key_Down)
    QTest.keyClick(line.list, Qt.Key.Key_Tab)
    assert (dialog.grid.text(0, TYPE), place(dialog)) == ("Blood", (0, NAME))
    dialog.table.go_to(1, TYPE)
    type_words(dialog, "blo")
    line = editor(dialog)
    assert isinstance(line, CellLine)
    assert line.list.isVisible()
    QTest.keyClick(line.list, Qt.Key.Key_Return)
    assert (dialog.grid.text(1, TYPE), place(dialog)) == ("blo", (2, TYPE)), "nothing was chosen of the list"
    assert not line.list.isVisible()
    dialog.table.go_to(0, NAME)
    type_words(dialog, "blo")
    line = editor(dialog)
    assert isinstance(line, CellLine)
    assert not line.list.isVisible()


def test_a_line_end_in_a_cell_stays_when_the_cell_is_edited(dialog: AddManyDialog) -> None:
    paste(dialog, '"two\nlines"\tx')
    press(dialog, Qt.Key.Key_F2, Qt.Key.Key_End)
    type_words(dialog, "!")
    press(dialog, Qt.Key.Key_Return)
    assert dialog.grid.text(0, 0) == "two\nlines!"


def test_each_bad_cell_is_marked_named_and_led_to(dialog: AddManyDialog, qtbot: QtBot) -> None:
    paste(dialog, "B-1\tblood\ta\t\nB-2\tmud\tb\tmuch\nB-3\tblood\tc\t1\nB-3\tblood\td\t\n")
    assert checked(dialog, qtbot) == [
        (1, "Barcode", "A sample of the center has this barcode already."),
        (2, "Type", "This is no sample type of the center that is in use."),
        (2, "Volume", "Volume must be a number."),
        (3, "Barcode", "Row 4 has this barcode, too."),
        (4, "Barcode", "Row 3 has this barcode, too."),
    ]
    assert dialog.state.text() == "5 problems: correct the marked cells."
    dialog.table.go_to(40, 0)
    click(dialog.verb)
    assert place(dialog) == (0, BARCODE)
    bad = dialog.grid.index(1, TYPE)
    assert dialog.grid.data(bad, Qt.ItemDataRole.ToolTipRole).startswith("This is no sample type")
    assert dialog.grid.data(bad, Qt.ItemDataRole.AccessibleTextRole).startswith("mud This is no sample type")
    rows = dialog.problems.table
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, rows.rowViewportPosition(2) + 5))
    assert place(dialog) == (1, VOLUME)
    type_words(dialog, "2")
    press(dialog, Qt.Key.Key_Return)
    assert len(checked(dialog, qtbot)) == 4
    assert dialog.grid.problem(1, VOLUME) == ""


def test_nothing_typed_is_lost_while_the_server_is_away(bench: Bench, dialog: AddManyDialog, qtbot: QtBot) -> None:
    bench.lab.trouble.next("imports.plan", UnavailableError("Away."))
    paste(dialog, "N-1\tblood\ta\n")
    checked(dialog, qtbot)
    assert dialog.banner.text == "Away. What you typed is still here."
    click(dialog.banner._step)
    assert dialog.banner.text == ""
    bench.lab.trouble.next("imports.apply", UnavailableError("Away again."))
    dialog.submit()
    assert dialog.banner.text == "Away again. What you typed is still here."
    assert dialog.table.isEnabled()
    assert dialog.grid.rows[0][:3] == ("N-1", "blood", "a")
    dialog.submit()
    assert "N-1" in barcodes(bench)


def test_fields_that_cannot_be_read_are_asked_for_again(bench: Bench) -> None:
    bench.lab.trouble.next("fields.list", UnavailableError("Away."))
    bench.tab.sheets.add_many.trigger()
    dialog = bench.dialog(AddManyDialog)
    assert (dialog.banner.text, dialog.table.isEnabled()) == ("Away.", False)
    click(dialog.banner._step)
    assert (dialog.banner.text, dialog.table.isEnabled()) == ("", True)


def test_others_who_were_faster_are_named(
    bench: Bench, dialog: AddManyDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    paste(dialog, "N-1\tblood\ta\n")
    checked(dialog, qtbot)
    bench.work.samples._rows.put(sample(7, barcode="N-1"))
    taken = bench.work.imports.plan(dialog._columns.sheet(dialog.grid.rows), dialog._columns.mapping).problems

    def lost(planned: SampleImport, reason: str = "", *, action: PlanAction, report: Report) -> ImportResult:
        del reason, action, report
        return ImportResult(None, 0, 0, planned.unchanged, taken)

    monkeypatch.setattr(bench.work.imports, "apply", lost)
    dialog.submit()
    assert dialog.banner.text == "Nothing was created: others took barcodes of this table meanwhile."
    assert dialog.grid.problem(0, BARCODE) == "A sample of the center has this barcode already."


def test_creating_that_is_stopped_creates_nothing(
    bench: Bench, dialog: AddManyDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    paste(dialog, "N-1\tblood\ta\n")
    checked(dialog, qtbot)
    apply = bench.work.imports.apply

    def stopped(planned: SampleImport, reason: str, *, action: PlanAction, report: Report) -> ImportResult:
        dialog.cancel.click()
        assert dialog.isVisible()
        return apply(planned, reason, action=action, report=report)

    monkeypatch.setattr(bench.work.imports, "apply", stopped)
    dialog.submit()
    assert dialog.banner.text == "Stopped. Nothing was created."
    assert dialog.verb.isEnabled()
    assert "N-1" not in barcodes(bench)


def test_leaving_with_something_typed_asks(dialog: AddManyDialog, qtbot: QtBot) -> None:
    type_words(dialog, "B")
    dialog.reject()
    question = next(each for each in dialog.findChildren(Confirm) if each.isVisible())
    question.reject()
    assert dialog.isVisible()
    assert dialog.is_changed
    dialog.grid.empty([(0, 0)])
    dialog.reject()
    assert not dialog.isVisible()


def test_a_viewer_adds_none_and_hears_why(make_context: MakeContext, qtbot: QtBot) -> None:
    action = Bench(SamplesTab, make_context, qtbot, Standing.VIEWER, fill).tab.sheets.add_many
    assert not action.isEnabled()
    assert action.toolTip() == action.allowed[1] != ""


def test_thousands_of_rows_are_quick(dialog: AddManyDialog, qtbot: QtBot) -> None:
    text = "Barcode\tType\tName\tDescription\n" + "".join(f"T-{at:05}\tblood\tTube {at}\ttext\n" for at in range(5_000))
    began = time.monotonic()
    paste(dialog, text)
    assert time.monotonic() - began < 1
    assert len(dialog.grid.rows) == 5_000
    assert checked(dialog, qtbot) == []
    assert dialog.verb.text() == "&Create 5000 samples"


def test_to_draw_many_chosen_rows_asks_for_few_of_them(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    flags = CellGrid.flags

    def counted(grid: CellGrid, index: QModelIndex) -> Qt.ItemFlag:
        asked.append(index.row())
        return flags(grid, index)

    monkeypatch.setattr(CellGrid, "flags", counted)
    bench.tab.sheets.add_many.trigger()
    dialog = bench.dialog(AddManyDialog)
    paste(dialog, "x\ty\n" * 2_000)
    dialog.table.grab()
    assert 0 < len(asked) < 2_000


def test_what_is_shown_is_never_markup(dialog: AddManyDialog, qtbot: QtBot) -> None:
    paste(dialog, "N-1\tblood\t<img src=x>\nN-2\t<b>Mood\tx\n")
    assert [row for row, _column, _problem in checked(dialog, qtbot)] == [2]
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in dialog.findChildren(QLabel) if label.text())
    assert "&lt;img" in dialog.grid.data(dialog.grid.index(0, NAME), Qt.ItemDataRole.ToolTipRole)


def test_scans_fill_one_row_after_the_other(driver: WindowDriver) -> None:
    keyboard = Keyboard(driver)
    workspace = enter(driver)
    workspace.tabs.samples.sheets.add_many.trigger()
    driver.qtbot.waitUntil(lambda: bool(workspace.tabs.samples.findChildren(AddManyDialog)))
    dialog = driver.dialog(AddManyDialog)
    dialog.table.go_to(0, NAME)
    for code in ("NEW-0001", "NEW-0002"):
        keyboard.scan(code)
        settle(driver)
    dialog.reason.setFocus()
    keyboard.scan("NEW-0003")
    settle(driver)
    assert [row[BARCODE] for row in dialog.grid.rows] == ["NEW-0001", "NEW-0002", "NEW-0003"]
    assert dialog.reason.text() == ""
    window = driver.window
    assert window is not None
    window.lock()
    assert window.locking.hides_unsaved_text
    window.locking.leave()
    dialog._on_discarded()


def test_tab_leaves_the_table_with_ctrl(driver: WindowDriver) -> None:
    workspace = enter(driver)
    workspace.tabs.samples.sheets.add_many.trigger()
    driver.qtbot.waitUntil(lambda: bool(workspace.tabs.samples.findChildren(AddManyDialog)))
    dialog = driver.dialog(AddManyDialog)
    driver.qtbot.waitUntil(dialog.table.hasFocus)
    QTest.keyClick(dialog.table, Qt.Key.Key_Tab, CONTROL)
    assert QApplication.focusWidget() is dialog.reason
    dialog.reject()


def test_pasted_samples_are_created_and_taken_back_on_a_server(program: Program) -> None:
    work, tab = program.workspace.work, program.workspace.tabs.samples
    assert work is not None
    steps.show(program, tab)
    QTest.keyClick(tab.records.table, Qt.Key.Key_N, CONTROL | SHIFT)
    dialog = program.dialog(AddManyDialog)
    until(dialog.table.isEnabled, "the fields are read")
    paste(dialog, "Barcode\tName\tType\n00901\tMany 1\tblood\n\tMany 2\turine\n")
    dialog.submit()
    until(lambda: not work.samples.unknown(["00901"]), "they are created")
    assert work.samples.get("00901").name == "Many 1"
    assert work.plans.list(limit=1)[0].action is PlanAction.CREATE, "what was typed came from no file"
    until(lambda: program.workspace.page.records.model.rowCount() > 0, "the list has them")
    until(lambda: tab.bulk._back is not None, "there is a way back")
    tab.bulk._on_undo()
    until(lambda: bool(work.samples.unknown(["00901"])), "they are gone")
