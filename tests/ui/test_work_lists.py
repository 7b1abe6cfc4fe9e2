"""Work lists in the window: samples are put on one, and ticked scan by scan."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.rights import Standing
from desktop_app.ui.dialogs.work_list import WorkListDialog
from desktop_app.ui.tabs.samples import SamplesTab
from desktop_app.ui.tabs.samples.work_lists import PutDialog
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
    form.submit()
    assert lists.list() == (), "a list has a name"
    form.fields["name"].set_value("PCR <b>today</b>")
    form.submit()
    [made] = lists.list()
    assert (made.name, made.samples) == ("PCR <b>today</b>", 3)
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
