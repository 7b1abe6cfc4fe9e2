"""What others did to a list: tinted, announced, and nothing moves under the pointer."""

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.paging import Count
from desktop_app.domain.rights import Standing
from desktop_app.ui.tabs.samples import SamplesTab
from desktop_app.ui.text import formatting
from desktop_app.ui.widgets import list_news
from desktop_app.ui.widgets.list_news import ListNews
from tests.ui.conftest import MakeContext
from tests.ui.fake_services import Lab
from tests.ui.made_records import sample
from tests.ui.tab_bench import Bench

ROWS = 80


def fill(lab: Lab) -> None:
    lab.sample_rows = [sample(at, status=SampleStatus.PENDING, name=f"Old {at}") for at in range(1, ROWS + 1)]


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(list_news, "TINT_MS", 60_000)
    bench = Bench(SamplesTab, make_context, qtbot, Standing.USER, fill)
    bench.tab.resize(1100, 600)
    return bench


def news(bench: Bench) -> ListNews:
    found: ListNews = bench.tab.news
    return found


def add(bench: Bench, *numbers: int) -> None:
    rows = bench.work.samples._rows.rows
    for number in numbers:
        made = sample(number, status=SampleStatus.PENDING, name=f"New {number}")
        rows[made.id] = made


def name_at_top(bench: Bench) -> str:
    table = bench.tab.records.table
    return str(bench.tab.records.model.record(bench.tab.records.model.index(table.rowAt(1), 0)).name)


def test_a_changed_row_is_tinted_and_fades(bench: Bench) -> None:
    rows, model = bench.work.samples._rows.rows, bench.tab.records.model
    changed = model.rows[2]
    rows[changed.id] = replace(changed, name="Changed elsewhere", row_version=2)
    bench.tab.others_moved(True)
    assert model.rows[2].name == "Changed elsewhere"
    assert model.tinted == {2}
    news(bench)._fade()
    assert model.tinted == frozenset()


def test_own_work_is_not(bench: Bench) -> None:
    rows, model = bench.work.samples._rows.rows, bench.tab.records.model
    changed = model.rows[2]
    rows[changed.id] = replace(changed, name="Changed here", row_version=2)
    add(bench, ROWS + 1)
    bench.tab.others_moved(False)
    assert model.tinted == frozenset()
    assert news(bench).show_new.isHidden()


def test_new_rows_are_announced_and_nothing_moves(bench: Bench) -> None:
    before = name_at_top(bench)
    add(bench, ROWS + 1, ROWS + 2, ROWS + 3)
    bench.tab.others_moved(True)
    assert news(bench).show_new.text() == "3 new · Show"
    assert news(bench).show_new.isVisible()
    assert name_at_top(bench) == before
    add(bench, ROWS + 4)
    bench.tab.others_moved(True)
    assert news(bench).show_new.text() == "4 new · Show"
    assert name_at_top(bench) == before
    news(bench).show_new.click()
    assert name_at_top(bench) == f"New {ROWS + 4}"
    assert bench.tab.records.model.tinted == {0, 1, 2, 3}
    assert news(bench).show_new.isHidden()


def test_nothing_moves_in_lower_rows_either(bench: Bench) -> None:
    bench.tab.records.table.set_compact(compact=True)
    before = name_at_top(bench)
    add(bench, *range(ROWS + 1, ROWS + 8))
    bench.tab.others_moved(True)
    assert name_at_top(bench) == before


def test_of_more_than_is_counted_it_says_so_many_and_more(bench: Bench) -> None:
    shown = news(bench)
    shown.expect()
    shown._above = 3
    shown._on_counted(Count(10_000, capped=True))
    assert shown.show_new.text() == "3 new · Show", "of these all are known"
    shown._say(0)
    shown.expect()
    shown._above = 9_983
    shown._on_counted(Count(10_000, capped=True))
    assert shown.show_new.text() == f"{formatting.number(9_983)}+ new · Show"
    shown.expect()
    shown._above = 2
    shown._on_counted(Count(10_000, capped=True))
    assert shown.show_new.text() == f"{formatting.number(9_985)}+ new · Show"


def test_who_scrolls_up_has_seen_them(bench: Bench) -> None:
    add(bench, ROWS + 1)
    bench.tab.others_moved(True)
    bench.tab.records.table.verticalScrollBar().setValue(0)
    assert news(bench).show_new.isHidden()


def test_a_row_that_went_goes(bench: Bench) -> None:
    rows, model = bench.work.samples._rows.rows, bench.tab.records.model
    gone = model.rows[1]
    del rows[gone.id]
    bench.tab.others_moved(True)
    assert model.row_of(gone.id) == -1
    assert news(bench).show_new.isHidden()


def test_the_foot_says_how_fresh_it_is(bench: Bench) -> None:
    news(bench).lose()
    assert news(bench).fresh.text() == "", "nothing was read yet"
    news(bench).confirm()
    assert news(bench).fresh.text() == "Updated just now"
    news(bench).lose()
    assert news(bench).fresh.text().startswith("As of ")
    assert news(bench).fresh.text().endswith(", server away")
