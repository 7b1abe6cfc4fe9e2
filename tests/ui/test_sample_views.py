"""The list of samples: pasted barcodes, narrowed by person and time, kept as views."""

from dataclasses import replace
from datetime import timedelta

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.rights import Standing
from desktop_app.domain.sorting import SampleField, Sort
from desktop_app.ui.tabs.samples import SamplesTab
from desktop_app.ui.tabs.samples.views import NarrowDialog, ViewDialog
from tests.ui.conftest import MakeContext
from tests.ui.fake_services import Lab
from tests.ui.made_records import START, sample
from tests.ui.tab_bench import Bench

PASTE = (Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


def fill(lab: Lab) -> None:
    lab.sample_rows = [sample(at, name=f"Serum {at}", barcode=f"B-{at}", created_at=START) for at in range(1, 5)]
    late = START + timedelta(days=3)
    lab.sample_rows.append(sample(5, name="Late", barcode="B-5", status=SampleStatus.COMPLETED, created_at=late))


def barcodes(bench: Bench) -> list[str]:
    return sorted(row.barcode for row in bench.tab.records.model.rows)


def test_pasted_barcodes_are_exactly_what_is_shown(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(SamplesTab, make_context, qtbot, Standing.USER, fill)
    QGuiApplication.clipboard().setText("B-1\tSerum\n\n B-3\n<b>no</b>\n")
    QTest.keyClick(bench.tab.records.search, *PASTE)
    assert barcodes(bench) == ["B-1", "B-3"]
    assert bench.tab.records.search.text() == ""
    assert bench.tab.views.barcodes.text() == "3 barcodes"
    assert bench.said.notices[-1].text == "1 of 3 barcodes are no sample's: <b>no</b>"
    bench.tab.views.barcodes.click()
    assert len(barcodes(bench)) == 5
    QGuiApplication.clipboard().setText("B-4")
    QTest.keyClick(bench.tab.records.search, *PASTE)
    assert bench.tab.records.search.text() == "B-4", "one line is a word as ever"


def test_the_list_is_narrowed_by_days(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(SamplesTab, make_context, qtbot, Standing.USER, fill)
    bench.tab.views.narrow.trigger()
    dialog = bench.dialog(NarrowDialog)
    dialog.fields["since"].set_value("yesterday")
    dialog.submit()
    assert dialog.isVisible()
    dialog.fields["since"].set_value((START + timedelta(days=2)).strftime("%Y-%m-%d"))
    dialog.submit()
    assert barcodes(bench) == ["B-5"]


def test_a_view_is_kept_and_shown_again(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(SamplesTab, make_context, qtbot, Standing.USER, fill)
    tab, kept = bench.tab, bench.work.views
    tab._status.choose(SampleStatus.COMPLETED)
    tab.records.table.set_sort(Sort(SampleField.NAME))
    tab.views.keep(None)
    dialog = bench.dialog(ViewDialog)
    dialog.submit()
    assert kept.kept == {}, "a view has a name"
    dialog.fields["name"].set_value("Done & gone")
    dialog.submit()
    [view] = kept.list()
    assert view.content.filter.status is SampleStatus.COMPLETED
    tab.take_filters_off()
    tab.records.table.set_sort(Sort(SampleField.BARCODE))
    tab.reload()
    assert len(barcodes(bench)) == 5
    first = tab.views.menu(kept.list()).actions()[0]
    assert first.text() == "Done && gone"
    first.trigger()
    assert barcodes(bench) == ["B-5"]
    assert tab.records.sort == Sort(SampleField.NAME)
    tab.views.show_view(replace(view, text="{}"))
    assert bench.said.notices[-1].text == "This view cannot be read."
    assert barcodes(bench) == ["B-5"]
