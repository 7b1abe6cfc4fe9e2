"""What every list can do: orders, columns that are kept, the keyboard, short searches, waiting and failing."""

from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import QByteArray, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Standing
from desktop_app.domain.sorting import NEWEST_SAMPLES, SampleField, Sort
from desktop_app.errors import InvalidInputError, UnavailableError
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.models.list_layout import ListLayout, remembered, usual
from desktop_app.ui.models.list_source import Source
from desktop_app.ui.models.paged import PagedTable
from desktop_app.ui.tabs.samples.columns import sample_columns
from desktop_app.ui.widgets.record_list import RecordList
from tests.ui import list_bench
from tests.ui.conftest import MakeContext
from tests.ui.fake_services import Lab, Work
from tests.ui.list_bench import BARCODE, CREATED, LONG, NAME, NAMES, TYPE, UPDATED, Bench
from tests.ui.made_records import sample
from tests.ui.test_models import HeldRunner


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot) -> Bench:
    return list_bench.short(make_context, qtbot)


@pytest.fixture
def long_bench(make_context: MakeContext, qtbot: QtBot) -> Bench:
    return list_bench.long(make_context, qtbot)


class TestOrder:
    def test_a_header_sorts_and_turns_round(self, bench: Bench) -> None:
        header: Any = bench.table.horizontalHeader()
        assert bench.names == NAMES[::-1], "newest first"
        assert header.sorted_section == (CREATED, True)
        bench.click_header(NAME)
        assert bench.names == sorted(NAMES)
        assert header.sorted_section == (NAME, False)
        bench.click_header(NAME)
        assert bench.names == sorted(NAMES, reverse=True)
        bench.click_header(CREATED)
        assert bench.names == NAMES[::-1], "moments begin with the newest"
        bench.click_header(TYPE)
        assert bench.names == NAMES[::-1], "a type is a filter, not an order"
        assert header.sorted_section == (CREATED, True)

    def test_only_what_sorts_looks_as_if_it_did(self, bench: Bench) -> None:
        header: Any = bench.table.horizontalHeader()

        def point_at(section: int) -> int:
            middle = header.sectionViewportPosition(section) + header.sectionSize(section) // 2
            at = QPointF(middle, header.height() / 2)
            none, no_keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
            move = QMouseEvent(QEvent.Type.MouseMove, at, header.viewport().mapToGlobal(at), none, none, no_keys)
            QApplication.sendEvent(header.viewport(), move)
            return int(header.offered_section)

        assert point_at(NAME) == NAME
        assert point_at(TYPE) == -1, "a type is a filter, not an order"
        assert point_at(CREATED) == -1, "it has its arrow"
        point_at(NAME)
        QApplication.sendEvent(header, QEvent(QEvent.Type.Leave))
        assert header.offered_section == -1

    def test_the_keyboard_sorts_by_the_button_of_the_columns(self, bench: Bench) -> None:
        bench.choose_in_menu("Sort by", "Name")
        assert bench.names == sorted(NAMES)
        bench.choose_in_menu("Sort by", "Descending")
        assert bench.names == sorted(NAMES, reverse=True)
        bench.choose_in_menu("Reset columns")
        assert bench.names == NAMES[::-1]

    def test_what_is_chosen_stays_chosen(self, bench: Bench) -> None:
        bench.table.choose_row(1)
        chosen = bench.records.current
        seen = list[Any]()
        bench.records.chosen.connect(seen.append)
        bench.click_header(NAME)
        assert bench.records.current.id == chosen.id
        assert [each.id for each in seen] == [chosen.id]
        bench.tab.reload()
        assert bench.records.current.id == chosen.id

    def test_what_another_order_does_not_show_is_not_chosen_any_more(self, long_bench: Bench) -> None:
        bench = long_bench
        bench.table.choose_row(0)
        bench.key(Qt.Key.Key_PageDown)
        bench.key(Qt.Key.Key_PageDown)
        assert bench.table.verticalScrollBar().value() > 0
        bench.click_header(NAME)
        assert bench.table.verticalScrollBar().value() == 0, "another order begins at its top"
        assert bench.records.current is None
        assert bench.tab.detail.is_empty, "nobody acts on what he does not see"

    def test_each_part_is_of_the_same_order(self, long_bench: Bench) -> None:
        bench = long_bench
        bench.click_header(NAME)
        for first in range(0, LONG, 20):
            bench.records.model.look_at(first, first + 19)
        assert bench.names == [f"S {number:04}" for number in range(LONG)]


class TestColumns:
    def shown(self, bench: Bench) -> tuple[str, ...]:
        return bench.table.list_layout.shown

    def test_columns_come_and_go(self, bench: Bench) -> None:
        before = self.shown(bench)
        assert "updated" not in before
        bench.choose_in_menu("Updated")
        bench.choose_in_menu("Type")
        assert set(self.shown(bench)) == {*before, "updated"} - {"type"}
        bench.choose_in_menu("Reset columns")
        assert self.shown(bench) == before

    def test_the_first_column_stays(self, bench: Bench) -> None:
        menu = bench.table.menu()
        assert not next(each for each in menu.actions() if each.text() == "Barcode").isEnabled()
        assert next(each for each in menu.actions() if each.text() == "Name").isEnabled()
        menu.close()

    def test_each_person_finds_his_own_columns_again(self, make_context: MakeContext, qtbot: QtBot) -> None:
        mine, theirs = UUID(int=1), UUID(int=2)
        rows = [sample(at, name=name) for at, name in enumerate(NAMES)]
        bench = Bench(make_context, qtbot, rows, mine)
        header = bench.table.horizontalHeader()
        bench.choose_in_menu("Updated")
        header.moveSection(header.visualIndex(UPDATED), 1)
        header.resizeSection(BARCODE, 171)
        bench.click_header(NAME)
        kept = bench.table.list_layout
        assert kept.shown[:3] == ("barcode", "updated", "name")
        bench.tab.save_layout()
        again = Bench(make_context, qtbot, rows, mine)
        assert again.table.list_layout == kept
        assert again.table.columnWidth(BARCODE) == 171
        assert again.names == sorted(NAMES)
        assert Bench(make_context, qtbot, rows, theirs).table.list_layout.shown == usual(sample_columns(), None).shown

    def test_many_columns_leave_the_name_readable(self, bench: Bench) -> None:
        for words in ("Updated", "Created by", "Collected", "Place", "Id"):
            bench.choose_in_menu(words)
        assert bench.table.columnWidth(NAME) >= 200
        bench.qtbot.waitUntil(lambda: bench.table.horizontalScrollBar().maximum() > 0)
        bench.choose_in_menu("Reset columns")
        bench.qtbot.waitUntil(lambda: bench.table.horizontalScrollBar().maximum() == 0)


class TestListLayout:
    def test_what_is_kept_is_read_again(self) -> None:
        wanted = ListLayout(("name", "barcode", "id"), {"barcode": 99}, Sort(SampleField.NAME, descending=True))
        read = remembered(wanted.to_bytes(), sample_columns(), NEWEST_SAMPLES)
        assert (read.shown, read.sort) == (wanted.shown, wanted.sort)
        assert read.widths["barcode"] == 99

    @pytest.mark.parametrize(
        "kept",
        [
            b"",
            b"\xff\xfe",
            b"[]",
            b"7",
            b"{}",
            b'{"shown": 3, "widths": {}, "sort": null}',
            b'{"shown": [], "widths": [], "sort": null}',
            b'{"shown": [], "widths": {}, "sort": ["status", false]}',
            b'{"shown": ["gone"], "widths": {"gone": 10, "name": -5, "barcode": 999999}, "sort": "name"}',
        ],
    )
    def test_what_cannot_be_read_is_as_usual(self, kept: bytes) -> None:
        assert remembered(kept, sample_columns(), NEWEST_SAMPLES) == usual(sample_columns(), NEWEST_SAMPLES)

    def test_columns_of_another_version_are_passed_over(self) -> None:
        kept = b'{"shown": ["gone", "name", "name"], "widths": {"gone": 10}, "sort": ["gone", true]}'
        read = remembered(kept, sample_columns(), NEWEST_SAMPLES)
        assert (read.shown, read.sort) == (("name",), NEWEST_SAMPLES)
        assert "gone" not in read.widths

    def test_every_column_of_every_tab_has_a_key_of_its_own(self) -> None:
        keys = [column.key for column in sample_columns()]
        assert all(keys)
        assert len(set(keys)) == len(keys)


class TestKeys:
    def test_home_end_and_pages(self, long_bench: Bench) -> None:
        bench = long_bench
        assert bench.key(Qt.Key.Key_Home) == 0
        assert bench.key(Qt.Key.Key_End) == LONG - 1, "one press, however many there are"
        bench.qtbot.waitUntil(lambda: bench.records.current is not None)
        assert bench.records.current.name == "S 0000"
        assert bench.shown.name == "S 0000"
        assert bench.key(Qt.Key.Key_Home) == 0
        row = 0
        while row < LONG - 1:
            assert bench.key(Qt.Key.Key_PageDown) > row
            row = bench.table.currentIndex().row()
        assert bench.key(Qt.Key.Key_Home) == 0
        assert bench.key(Qt.Key.Key_Down) == 1

    def test_enter_enters(self, bench: Bench) -> None:
        bench.key(Qt.Key.Key_Home)
        with bench.qtbot.waitSignal(bench.records.entered):
            bench.key(Qt.Key.Key_Return)
        for dialog in bench.tab.findChildren(QMenu):
            dialog.close()


class TestSearch:
    def test_few_letters_wait_for_enter(self, bench: Bench) -> None:
        bench.qtbot.keyClicks(bench.records.search, "ao")
        assert bench.records.words == ""
        assert bench.records.count_text == "Press Enter to search for fewer than 3 letters."
        bench.qtbot.keyClick(bench.records.search, Qt.Key.Key_Return)
        assert (bench.records.words, bench.names) == ("ao", ["Aorta"])
        assert bench.records.count_text == "1 sample"

    def test_three_letters_do_not(self, bench: Bench) -> None:
        bench.qtbot.keyClicks(bench.records.search, "aor")
        bench.qtbot.waitUntil(lambda: bench.names == ["Aorta"])
        bench.records.search.clear()
        bench.qtbot.waitUntil(lambda: len(bench.names) == len(NAMES))

    def test_what_was_asked_for_in_the_header_is_never_too_short(self, bench: Bench) -> None:
        bench.tab.search_for("ky")
        bench.qtbot.waitUntil(lambda: bench.names == [])
        assert bench.records.empty.title == "Nothing found"


class TestStates:
    def test_a_list_that_cannot_be_read_says_so_and_tries_again(self, make_context: MakeContext, qtbot: QtBot) -> None:
        bench = Bench(make_context, qtbot, [])
        bench.lab.trouble.next("samples.list", UnavailableError("The server does not answer"))
        bench.tab.reload()
        assert bench.records.trouble.isVisible()
        assert bench.records.trouble.text == "The server does not answer."
        assert not bench.records.empty.isVisible(), "nobody knows that there are no samples"
        bench.records.trouble.button.click()
        assert bench.records.empty.isVisible()
        assert bench.records.empty.title == "No samples yet"

    def test_rows_stay_where_another_order_cannot_be_read(self, bench: Bench) -> None:
        bench.lab.trouble.next("samples.list", UnavailableError("The server does not answer"))
        bench.click_header(NAME)
        assert bench.names == NAMES[::-1]
        assert bench.records.banner.text == "The server does not answer."
        assert bench.records.count_text == "5 samples"
        bench.records.banner._step.click()
        assert bench.names == sorted(NAMES)
        assert bench.records.banner.text == ""

    def test_one_failure_is_said_in_one_place(self, bench: Bench) -> None:
        for _ in range(2):
            bench.lab.trouble.next("samples.list", UnavailableError("The server does not answer"))
        bench.tab.reload()
        assert bench.records.banner.isVisible()
        bench.tab.center_changed()
        bench.tab.reload()
        assert bench.records.trouble.isVisible()
        assert not bench.records.banner.isVisible()
        assert not bench.records._count.isVisible(), "a number of rows that nobody sees"

    def test_a_filter_that_is_refused_shows_nothing_and_says_why(self, bench: Bench) -> None:
        why = "The center has no field “nofield”, and no sample has “x” under that name."
        bench.lab.trouble.next("samples.list", InvalidInputError({"filter": why}))
        bench.qtbot.keyClicks(bench.records.search, "no")
        assert "Press Enter" in bench.records.count_text
        bench.qtbot.keyClicks(bench.records.search, "field>x")
        bench.qtbot.waitUntil(lambda: bench.records.empty.isVisible())
        assert (bench.records.empty.title, bench.records.empty.text) == ("Nothing was looked for", why)
        assert bench.names == [], "the former list is none that fits"
        assert not bench.records._count.isVisible()
        assert not bench.records.banner.isVisible()
        assert bench.records.current is None
        bench.records.empty.button.click()
        assert bench.names == NAMES[::-1]
        assert bench.records.search.text() == ""
        assert bench.records.count_text == "5 samples"

    def test_an_order_that_is_refused_leaves_the_list(self, bench: Bench) -> None:
        bench.lab.trouble.next("samples.list", InvalidInputError({"sort": "The center has no field “x” to sort by."}))
        bench.click_header(NAME)
        assert bench.names == NAMES[::-1]
        assert bench.records.banner.text == "The center has no field “x” to sort by."

    def test_the_foot_counts_again_once_the_words_are_long_enough(self, bench: Bench) -> None:
        bench.lab.trouble.next("samples.list", UnavailableError("The server does not answer"))
        bench.qtbot.keyClicks(bench.records.search, "pl")
        assert "Press Enter" in bench.records.count_text
        bench.qtbot.keyClicks(bench.records.search, "as")
        assert bench.records.count_text == "5 samples", "what is shown until the answer comes"
        bench.qtbot.waitUntil(lambda: bench.records.banner.isVisible())
        assert bench.records.count_text == "5 samples"

    def test_words_that_are_no_search_leave_no_count(self, bench: Bench) -> None:
        bench.tab.search_for(" ".join(["a:b"] * 31))
        bench.tab.reload()
        assert bench.records.empty.isVisible()
        assert not bench.records._count.isVisible()

    def test_only_a_long_wait_is_seen(self, qtbot: QtBot) -> None:
        runner = HeldRunner()
        jobs = Jobs(runner)
        model: PagedTable[Sample] = PagedTable(jobs, sample_columns(), lambda row: row.id)
        records: RecordList[Sample] = RecordList(jobs, model, "Samples", "", sort=NEWEST_SAMPLES)
        model.setParent(records)
        qtbot.addWidget(records)
        records.show()
        work = Work(Lab().istanbul, Standing.USER, Lab())
        work.samples._rows.put(sample(1))
        model.show(Source(1, lambda part: work.samples.part(SampleFilter(), part, NEWEST_SAMPLES)))
        assert not records._spinner.isVisible()
        qtbot.waitUntil(records._spinner.isVisible)
        runner.release()
        assert not records._spinner.isVisible()
        assert not records._reading.isVisible()
        model.reload()
        assert records.table.isVisible(), "what is there stays in sight"
        qtbot.waitUntil(records._reading.isVisible)
        runner.release()
        assert not records._reading.isVisible()
        assert records.table.isVisible()
        jobs.close()


def test_a_remembered_layout_of_bytes_that_are_not_ours_harms_nothing(bench: Bench) -> None:
    before = bench.table.list_layout
    bench.table.remember(QByteArray(b"\x00\x00\x00\xff\x00"))
    assert bench.table.list_layout == before
