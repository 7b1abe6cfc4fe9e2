"""What the inspector shows: a record of the list, and nothing else."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.lifecycle import SampleStatus, Step
from desktop_app.domain.paging import Count
from desktop_app.ui.tabs.tab_context import Target
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.widgets.actions import Action, ActionAppearance, Allowed, LiveAction
from desktop_app.ui.widgets.table import ROW_HEIGHT
from tests.ui import list_bench
from tests.ui.conftest import MakeContext
from tests.ui.list_bench import LONG, Bench, sample_times
from tests.ui.made_records import sample


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot) -> Bench:
    return list_bench.short(make_context, qtbot)


@pytest.fixture
def long_bench(make_context: MakeContext, qtbot: QtBot) -> Bench:
    return list_bench.long(make_context, qtbot)


class TestChosen:
    """The inspector never shows or acts on a record that is not in the list."""

    def test_a_search_that_excludes_it_empties_the_inspector(self, bench: Bench) -> None:
        bench.table.choose_row(0)
        assert bench.shown.name == "Zygote"
        bench.tab.search_for("Aorta")
        bench.qtbot.waitUntil(lambda: bench.names == ["Aorta"])
        assert bench.records.current.name == "Aorta", "what is there alone is chosen"
        assert bench.shown.name == "Aorta"

    def test_a_record_is_told_of_once_however_it_is_chosen(self, bench: Bench) -> None:
        """Each time is read again from the server: document, seals, history and preview."""
        told: list[str] = []
        bench.records.chosen.connect(lambda record: told.append("" if record is None else record.name))
        names = bench.names
        bench.table.choose_row(0)
        at = bench.table.visualRect(bench.records.model.index(2, 1)).center()
        bench.qtbot.mouseClick(bench.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
        bench.qtbot.keyClick(bench.table, Qt.Key.Key_Down)
        assert told == [names[0], names[2], names[3]]
        bench.tab.search_for("nothing of this name")
        bench.qtbot.waitUntil(lambda: bench.names == [])
        assert set(told[3:]) == {""}
        told.clear()
        bench.tab.search_for(names[3])
        bench.qtbot.waitUntil(lambda: bench.names == [names[3]])
        assert told == [names[3]], "the only one there is chosen again"

    def test_one_of_several_is_not_chosen_for_the_person(self, bench: Bench) -> None:
        bench.table.choose_row(0)
        bench.tab.search_for("a")
        bench.qtbot.waitUntil(lambda: bench.names == ["Aorta", "Plasma"])
        assert bench.records.current is None
        assert bench.tab.detail.is_empty

    def test_a_step_that_takes_it_out_of_the_filter_lets_it_go(self, bench: Bench) -> None:
        bench.tab._status.setCurrentIndex(1 + list(SampleStatus).index(SampleStatus.PENDING))
        bench.table.choose_row(1)
        gone = bench.records.current
        bench.tab.steps[Step.PROCESS].click()
        assert gone.name not in bench.names
        assert bench.tab.detail.is_empty

    def test_what_others_took_away_is_let_go_and_what_they_changed_is_shown(self, bench: Bench) -> None:
        bench.table.choose_row(1)
        chosen, rows = bench.records.current, bench.work.samples._rows
        rows.change(chosen, description="Changed by a colleague")
        bench.tab.mark_stale()
        assert bench.shown.description == "Changed by a colleague"
        del rows.rows[chosen.id]
        bench.tab.mark_stale()
        assert bench.tab.detail.is_empty

    def test_another_record_is_shown_from_its_top_and_the_same_one_stays_where_it_was(self, bench: Bench) -> None:
        rows = bench.work.samples._rows
        for each in list(rows.rows.values()):
            rows.change(each, description="A line of a long description.\n" * 80)
        bench.tab.mark_stale()
        bar = bench.tab.detail._scroll.verticalScrollBar()
        bench.table.choose_row(1)
        bench.qtbot.waitUntil(lambda: bar.maximum() > 300)
        bar.setValue(200)
        rows.change(bench.records.current, collected_place="Ward 3")
        bench.tab.mark_stale()
        assert bench.shown.collected_place == "Ward 3"
        assert bar.value() == 200, "who reads on is not taken away"
        bench.table.choose_row(2)
        assert bar.value() == 0
        bar.setValue(200)
        bench.table.selectAll()
        bench.table.choose_row(2)
        bench.qtbot.waitUntil(lambda: bar.maximum() > 300)
        assert bar.value() == 0

    def test_what_others_add_moves_nothing_from_under_the_eyes(self, long_bench: Bench) -> None:
        bench = long_bench
        bench.table.choose_row(0)
        for _ in range(3):
            bench.key(Qt.Key.Key_PageDown)
        bar, chosen = bench.table.verticalScrollBar(), bench.records.current
        before, top = bar.value(), bench.records.model.identity_at(bench.table.rowAt(1))
        for number in range(LONG, LONG + 4):
            bench.work.samples._rows.put(sample(number, **sample_times(number)))
        bench.tab.mark_stale()
        assert bench.records.model.identity_at(bench.table.rowAt(1)) == top
        assert bar.value() == before + 4 * ROW_HEIGHT
        assert bench.records.current.id == chosen.id

    def test_what_is_asked_for_elsewhere_is_in_the_list(self, long_bench: Bench) -> None:
        bench = long_bench
        oldest = next(row for row in bench.work.samples._rows.rows.values() if row.name == "S 0000")
        bench.tab.search_for("S 0249")
        bench.qtbot.waitUntil(lambda: bench.names == ["S 0249"])
        bench.tab.go_to(Target(record=oldest.id))
        assert bench.records.search.text() == ""
        assert bench.records.current.id == oldest.id
        assert bench.names[:2] == ["S 0000", "S 0249"], "it stands above the list"
        assert bench.shown.id == oldest.id
        bench.tab.search_for("S 0249")
        bench.qtbot.waitUntil(lambda: bench.names == ["S 0249"])


class TestChosenAll:
    """All that fit the filter, and not only those that were looked at."""

    def test_every_row_is_read_before_anything_is_done_with_all(self, long_bench: Bench) -> None:
        bench = long_bench
        barred: list[bool] = []
        bench.tab.action("process").changed.connect(lambda: barred.append(not bench.tab.detail.isEnabled()))
        bench.table.setFocus()
        bench.table.selectAll()
        assert len(bench.records.selected) == LONG == bench.records.model.rowCount()
        assert bench.tab.detail.title.text() == f"{LONG} samples"
        assert True in barred, "what is done with some of them alone is not what was meant"
        assert bench.tab.detail.isEnabled()
        bench.tab.mark_stale()
        assert bench.tab.detail.title.text() == f"{LONG} samples"
        assert len(bench.records.selected) == LONG

    def test_who_asks_for_the_list_anew_meanwhile_gets_all_of_it_too(
        self, long_bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bench, held = long_bench, list[Callable[[], None]]()
        monkeypatch.setattr(bench.context.jobs._runner, "submit", lambda _lane, task: held.append(task))
        bench.table.selectAll()
        assert len(held) == 1, "all of the list is read"
        bench.tab.mark_stale()
        held.pop(1)()  # the list read again comes before it
        while held:
            held.pop(0)()
        assert bench.tab.detail.isEnabled()
        assert bench.tab.detail.title.text() == f"{LONG} samples"

    def test_of_a_list_that_nobody_counts_to_its_end_nothing_is_done_with_all(
        self, long_bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bench = long_bench
        monkeypatch.setattr(bench.work.samples, "count", lambda *_args: Count(150, True))
        bench.tab.search_for("a")
        bench.tab.search_for("")
        bench.qtbot.waitUntil(lambda: bench.records.model.rowCount() == 151)
        noticed: list[Notice] = []
        bench.context.messages.noticed.connect(noticed.append)
        bench.table.selectAll()
        assert not bench.tab.detail.isEnabled()
        (notice,) = noticed
        assert notice.text.endswith("fit. Narrow the list before all of them are chosen.")
        bench.table.choose_row(0)
        assert bench.tab.detail.isEnabled()

    def test_of_many_one_that_may_is_enough_to_know_that_something_may_be_done(self, qtbot: QtBot) -> None:
        asked: list[int] = []

        def allowed(thing: int) -> Allowed:
            asked.append(thing)
            return thing >= 3, "Not this one."

        owner = QWidget()
        qtbot.addWidget(owner)
        action = Action[int](
            "test", ActionAppearance("Test"), lambda _one: None, allowed, do_for_many=lambda _all: None
        )
        live: LiveAction[int] = LiveAction(action, owner)
        live.show_for(range(1000))
        assert live.isEnabled()
        assert asked == [0, 1, 2, 3]
        live.show_for((0, 1))
        assert live.standing == (False, "Not this one.")
