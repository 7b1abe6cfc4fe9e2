"""Work lists in the window: samples are put on one, and ticked scan by scan."""

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.rights import Standing
from desktop_app.errors import NotFoundError
from desktop_app.ui.dialogs.work_list import WorkListDialog
from desktop_app.ui.dialogs.work_list_form import WorkListForm
from desktop_app.ui.tabs.samples import SamplesTab
from desktop_app.ui.tabs.samples.work_lists import PutDialog
from desktop_app.ui.widgets.dialog_size import fit_to_content
from desktop_app.ui.widgets.styling import column
from tests.ui.conftest import MakeContext
from tests.ui.fake_services import Lab
from tests.ui.made_records import sample
from tests.ui.tab_bench import Bench


def fill(lab: Lab) -> None:
    lab.sample_rows = [sample(at, name=f"Serum {at}", barcode=f"B-{at}") for at in range(1, 5)]


def test_samples_are_put_on_a_list_and_ticked_off(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(SamplesTab, make_context, qtbot, Standing.USER, fill)
    lists = bench.work.work_lists
    bench.tab.records.table.choose_row(0)
    bench.tab.work_lists.put(bench.tab.records.model.rows[:3])
    form = bench.dialog(PutDialog)
    assert form.accessibleName() == "Put 3 samples on a work list"
    form.submit()
    assert lists.list() == (), "a list has a name"
    form.fields["name"].set_value("PCR <b>today</b>")
    form.submit()
    [made] = lists.list()
    assert (made.name, made.samples) == ("PCR <b>today</b>", 3)
    assert bench.said.remarks[-1] == "New on PCR <b>today</b>: 3 samples."
    bench.tab.work_lists.put(bench.tab.records.model.rows[:1])
    one = bench.dialog(PutDialog)
    assert one.accessibleName() == "Put 1 sample on a work list"
    one.reject()
    bench.tab.work_lists.open_action.trigger()
    dialog = bench.dialog(WorkListDialog)
    names = [item.barcode for item in lists.items(made.id)]

    def enter(code: str) -> str:
        dialog.scan.setText(code)
        QTest.keyClick(dialog.scan, Qt.Key.Key_Return)
        return str(dialog.banner.text)

    assert enter(names[1]) == f"{names[1]} is done."
    assert enter(names[1]) == f"{names[1]} was done already."
    assert enter("B-unknown") == "No sample has the barcode B-unknown."
    assert dialog.isVisible(), "Enter ends no list"
    dialog.take(names[0])
    assert dialog.progress.value() == 2
    item = lists.items(made.id)[0]
    dialog.items.opened.emit(item)
    assert dialog.progress.value() == 1
    dialog.accept()


def test_who_may_not_edit_ticks_nothing(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(SamplesTab, make_context, qtbot, Standing.VIEWER, fill)
    bench.work.work_lists.create("Seen", [row.id for row in bench.tab.records.model.rows])
    bench.tab.work_lists.open_action.trigger()
    dialog = bench.dialog(WorkListDialog)
    dialog.take("B-1")
    assert "work_lists.tick" not in bench.lab.trouble.calls
    assert not dialog.scan.isEnabled()
    dialog.accept()


def opened_list(bench: Bench, count: int = 4) -> WorkListDialog:
    bench.work.work_lists.create("PCR", [row.id for row in bench.tab.records.model.rows[:count]])
    bench.tab.work_lists.open_action.trigger()
    return bench.dialog(WorkListDialog)


def order(bench: Bench) -> list[str]:
    lists = bench.work.work_lists
    return [item.barcode for item in lists.items(lists.list()[0].id)]


def test_samples_are_moved_and_stay_chosen(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(SamplesTab, make_context, qtbot, Standing.USER, fill)
    dialog = opened_list(bench)
    first, second, third, fourth = order(bench)
    assert not dialog.up.isEnabled()
    assert dialog.up.toolTip() == "Choose a sample first."
    dialog.items.table.choose_row(2)
    dialog.up.click()
    assert order(bench) == [first, third, second, fourth]
    assert dialog.items.table.currentIndex().row() == 1
    dialog.items.table.setFocus()
    for _ in range(2):
        QTest.keyClick(dialog.items.table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert order(bench) == [first, second, fourth, third]
    assert (dialog.down.isEnabled(), dialog.down.toolTip()) == (False, "It is the last one.")
    dialog.move_sample(1)
    assert order(bench) == [first, second, fourth, third], "there is no place after the last"
    dialog.accept()


def test_the_newest_order_arrives_last_however_fast_one_moves(
    make_context: MakeContext, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(SamplesTab, make_context, qtbot, Standing.USER, fill)
    dialog = opened_list(bench)
    before = order(bench)
    waiting: list[Any] = []
    runner = bench.context.jobs._runner
    with monkeypatch.context() as slow:
        slow.setattr(runner, "submit", lambda lane, task: waiting.append((lane, task)))
        dialog.items.table.choose_row(0)
        for _ in range(3):
            dialog.move_sample(1)
        assert len(waiting) == 1, "one at a time"
        # What was read before arrives late.
        dialog._on_items(bench.work.work_lists.items(bench.work.work_lists.list()[0].id))
        assert [item.barcode for item in dialog.items.model.rows] == [*before[1:], before[0]]
    runner.submit(*waiting[0])
    assert order(bench) == [*before[1:], before[0]]
    assert bench.lab.trouble.calls.count("work_lists.arrange") == 2
    dialog.accept()


def test_a_move_that_fails_is_said_and_put_back(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(SamplesTab, make_context, qtbot, Standing.USER, fill)
    dialog = opened_list(bench)
    before = order(bench)
    bench.lab.trouble.next("work_lists.arrange", NotFoundError("There is no such work list."))
    dialog.items.table.choose_row(0)
    dialog.down.click()
    assert dialog.banner.text == "There is no such work list."
    assert [item.barcode for item in dialog.items.model.rows] == before
    dialog.accept()


def test_a_list_is_renamed(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(SamplesTab, make_context, qtbot, Standing.USER, fill)
    dialog = opened_list(bench)
    bench.work.work_lists.create("Other")
    dialog.edit.click()
    form = bench.dialog(WorkListForm)
    assert form.fields["name"].value == "PCR"
    form.fields["name"].set_value(" ")
    form.submit()
    assert form.fields["name"].problem
    form.fields["name"].set_value("PCR of Tuesday")
    form.fields["person"].set_value(bench.work.people.list()[0].id)
    form.submit()
    changed = bench.work.work_lists.list()[0]
    assert (changed.name, changed.user_id) == ("PCR of Tuesday", bench.work.people.list()[0].id)
    assert dialog.lists.currentText() == "PCR of Tuesday", "and it stays the one that is shown"
    assert dialog.items.model.rowCount() == 4
    dialog.accept()


def test_caps_lock_is_said(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(SamplesTab, make_context, qtbot, Standing.USER, fill)
    dialog = opened_list(bench)
    dialog.take("b-1")
    assert dialog.banner.text == "b-1 is done. It was read as B-1: Caps Lock seems to be on."
    dialog.accept()


def test_who_may_not_edit_moves_nothing(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(SamplesTab, make_context, qtbot, Standing.VIEWER, fill)
    dialog = opened_list(bench)
    dialog.items.table.choose_row(1)
    assert not dialog.up.isEnabled()
    assert dialog.up.toolTip().startswith("Only users and administrators")
    dialog.move_sample(-1)
    assert "work_lists.arrange" not in bench.lab.trouble.calls
    assert not dialog.edit.isEnabled()
    dialog.accept()


def drag(dialog: WorkListDialog, row: int, to: QPoint, *, let_go: bool = True) -> None:
    table = dialog.items.table
    viewport, button = table.viewport(), Qt.MouseButton.LeftButton
    start = table.visualRect(table.model().index(row, 1)).center()
    QTest.mousePress(viewport, button, pos=start)
    for step in range(1, 6):
        move = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(start + (to - start) * step / 5),
            QPointF(viewport.mapToGlobal(start + (to - start) * step / 5)),
            Qt.MouseButton.NoButton,
            button,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(viewport, move)
    if let_go:
        QTest.mouseRelease(viewport, button, pos=to)


def test_samples_are_dragged_to_their_place(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(SamplesTab, make_context, qtbot, Standing.USER, fill)
    dialog = opened_list(bench)
    first, second, third, fourth = order(bench)
    table = dialog.items.table
    rows = [table.visualRect(table.model().index(at, 1)) for at in range(4)]
    drag(dialog, 0, rows[2].center() + QPoint(0, 8))
    assert order(bench) == [second, third, first, fourth]
    assert table.currentIndex().row() == 2, "what was moved is chosen"
    drag(dialog, 3, rows[0].topLeft() + QPoint(5, 2))
    assert order(bench) == [fourth, second, third, first]
    drag(dialog, 1, rows[3].bottomLeft() + QPoint(5, 200), let_go=False)
    assert dialog.dragging.line.isVisible()
    QTest.keyClick(table, Qt.Key.Key_Escape)
    QTest.mouseRelease(table.viewport(), Qt.MouseButton.LeftButton, pos=rows[3].center())
    assert dialog.isVisible(), "Escape ends the drag, not the dialog"
    assert not dialog.dragging.line.isVisible()
    assert order(bench) == [fourth, second, third, first]
    before = bench.lab.trouble.calls.count("work_lists.arrange")
    drag(dialog, 1, rows[1].center() + QPoint(30, 3))
    assert bench.lab.trouble.calls.count("work_lists.arrange") == before, "it stayed where it was"
    dialog.accept()


def test_who_may_not_edit_drags_nothing(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(SamplesTab, make_context, qtbot, Standing.VIEWER, fill)
    dialog = opened_list(bench)
    drag(dialog, 0, QPoint(5, 100))
    assert "work_lists.arrange" not in bench.lab.trouble.calls
    dialog.accept()


def test_the_dialog_is_as_high_as_its_list(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(SamplesTab, make_context, qtbot, Standing.USER, fill)
    bench.tab.work_lists.open_action.trigger()
    empty = bench.dialog(WorkListDialog)
    height = empty.height()
    assert height < 240, "there is nothing to be shown"
    empty.reject()
    dialog = opened_list(bench, 1)
    one = dialog.height()
    dialog.reject()
    bench.work.work_lists.add(bench.work.work_lists.list()[0].id, [row.id for row in bench.tab.records.model.rows])
    bench.tab.work_lists.open_action.trigger()
    four = bench.dialog(WorkListDialog)
    assert height < one < four.height() < 640
    four.reject()


def test_a_dialog_that_grows_stays_on_the_screen(qtbot: QtBot) -> None:
    dialog = QDialog()
    qtbot.addWidget(dialog)
    line = column(dialog)
    content = QWidget()
    content.setFixedHeight(60)
    line.addWidget(content)
    fit_to_content(dialog, 300)
    dialog.show()
    screen = dialog.screen().availableGeometry()
    dialog.move(10, screen.bottom() - 100)
    content.setFixedHeight(300)
    fit_to_content(dialog, 300)
    assert dialog.height() >= 300
    assert dialog.frameGeometry().bottom() <= screen.bottom()
    dialog.move(10, screen.top())
    content.setFixedHeight(500)
    fit_to_content(dialog, 300)
    assert dialog.y() == screen.top()
