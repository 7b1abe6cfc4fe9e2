"""Models under Qt's own tester, and the paging that a view drives."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from desktop_app.domain.paging import COUNT_CAP, Count, Part
from desktop_app.errors import UnavailableError
from desktop_app.services.documents.add_results import AddOutcome, AddResult
from desktop_app.ui.foundation.jobs import Jobs, Lane
from desktop_app.ui.models import paged
from desktop_app.ui.models.columns import Column
from desktop_app.ui.models.list_source import Source
from desktop_app.ui.models.paged import PagedTable, State
from desktop_app.ui.models.transfer_rows import Stage, Transfer, TransferTable
from desktop_app.ui.widgets.table import RecordTable
from desktop_app.ui.widgets.visible_rows import VisibleRows
from tests.ui.in_memory import capped, part_of


class HeldRunner:
    """Keeps tasks until they are let go, so that a test sees what is asked for meanwhile."""

    def __init__(self) -> None:
        self.tasks: list[Any] = []

    def submit(self, lane: Lane, task: Any) -> None:
        del lane
        self.tasks.append(task)

    def release(self) -> None:
        tasks, self.tasks = self.tasks, []
        for task in tasks:
            task()

    def close(self, seconds: float) -> bool:
        del seconds
        return True


def table(jobs: Jobs) -> PagedTable[int]:
    return PagedTable(jobs, [Column("Number", str, 80), Column("Twice", lambda row: str(2 * row), 0)], lambda row: row)


class Numbers:
    """A list of numbers, and what was asked of it."""

    def __init__(self, total: int, step: int = 1) -> None:
        self.rows = list(range(0, total * step, step))
        self.asked: list[Part] = []

    def source(self, question: object = None, **more: Any) -> Source[int]:
        def part(wanted: Part) -> tuple[int, ...]:
            self.asked.append(wanted)
            return part_of(self.rows, wanted)

        return Source(question, part, lambda cap: capped(len(self.rows), cap), **more)


def lost(_part: Part) -> tuple[int, ...]:
    raise UnavailableError("The server does not answer.")


def test_paged_table_keeps_the_rules_of_models(
    jobs: Jobs, qtmodeltester: ModelTester, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Qt asks for every row again at every change: a tenth of the rows, and the list is capped all the same.
    monkeypatch.setattr(paged, "COUNT_CAP", 1_000)
    model, numbers = table(jobs), Numbers(200)
    qtmodeltester.check(model)
    model.show(numbers.source())
    qtmodeltester.check(model)
    model.look_at(190, 199)
    model.upsert(7_777)
    model.upsert(2)
    model.remove(1)
    qtmodeltester.check(model)
    numbers.rows = list(range(20_000))
    model.reload()
    qtmodeltester.check(model)
    assert model.rowCount() == 1_001, "both ends, and a row for what lies between them"
    model.look_at(490, 510)
    qtmodeltester.check(model)
    assert model.rowCount() > 1_001
    numbers.rows = []
    model.reload()
    model.reload()
    qtmodeltester.check(model)
    model.show(None)
    qtmodeltester.check(model)


def test_there_is_a_row_for_every_record_and_what_is_looked_at_is_read(jobs: Jobs) -> None:
    model, numbers = table(jobs), Numbers(1_000)
    model.show(numbers.source())
    assert (model.rowCount(), len(model.rows)) == (1_000, 100)
    assert model.data(model.index(500, 0)) is None
    model.look_at(500, 510)
    assert model.data(model.index(505, 0)) == "505"
    model.look_at(990, 999)
    assert model.data(model.index(999, 0)) == "999"
    assert numbers.asked[-1] == Part(0, 100, from_end=True), "the end is read from the end"


def test_every_row_stands_in_its_place_whichever_end_it_is_read_from(jobs: Jobs) -> None:
    for total in (99, 100, 101, 250, 9_999, 10_000):
        model = table(jobs)
        model.show(Numbers(total).source())
        for first in range(0, total, 40):
            model.look_at(first, min(first + 39, total - 1))
        assert model.rows == tuple(range(total)), total


def test_a_capped_list_has_both_ends_and_grows_where_one_looks_between_them(jobs: Jobs) -> None:
    model, numbers, counts = table(jobs), Numbers(1_000_000), list[Count]()
    model.counted.connect(counts.append)
    model.show(numbers.source())
    assert counts == [Count(COUNT_CAP, capped=True)]
    assert model.rowCount() == COUNT_CAP + 1, "so many and the gap"
    model.look_at(COUNT_CAP - 10, COUNT_CAP)
    assert model.data(model.index(COUNT_CAP, 0)) == "999999"
    assert max(part.skip for part in numbers.asked) == 0, "what is skipped costs time"
    model.look_at(COUNT_CAP // 2 - 5, COUNT_CAP // 2 + 5)
    assert counts[-1] == Count(2 * COUNT_CAP, capped=True)
    assert model.data(model.index(2 * COUNT_CAP, 0)) == "999999"
    assert model.data(model.index(COUNT_CAP // 2 - 5, 0)) == str(COUNT_CAP // 2 - 5)


def test_a_list_that_is_capped_a_little_closes_its_gap(jobs: Jobs) -> None:
    model = table(jobs)
    total = COUNT_CAP + 57
    model.show(Numbers(total).source())
    for first in range(0, model.rowCount(), 40):
        model.look_at(first, min(first + 39, model.rowCount() - 1))
    for first in range(0, total, 40):
        model.look_at(first, min(first + 39, total - 1))
    assert model.rows == tuple(range(total))


def test_another_list_begins_anew_and_the_same_one_is_read_in_its_place(jobs: Jobs) -> None:
    model, numbers, renewed = table(jobs), Numbers(300), list[bool]()
    model.modelReset.connect(lambda: renewed.append(model.is_renewed))
    model.show(numbers.source("up"))
    model.look_at(150, 160)
    numbers.rows = [-1, *numbers.rows]
    model.show(numbers.source("up"))
    assert renewed == [True, False]
    assert model.data(model.index(151, 0)) == "150"
    numbers.rows.reverse()
    model.show(numbers.source("down"))
    assert renewed == [True, False, True]
    assert model.rows[:2] == (299, 298)


def test_nothing_moves_where_nothing_changed(jobs: Jobs) -> None:
    model, numbers, moved = table(jobs), Numbers(300), list[Any]()
    model.show(numbers.source())
    for signal in (model.modelReset, model.dataChanged, model.rowsInserted, model.rowsRemoved):
        signal.connect(lambda *_more: moved.append(_more))
    model.reload()
    assert not moved


def test_after_a_failed_order_the_old_one_goes_on(jobs: Jobs) -> None:
    model, numbers = table(jobs), Numbers(300)
    model.show(numbers.source("up"))
    model.show(Source("down", lost))
    model.look_at(150, 160)
    assert model.data(model.index(155, 0)) == "155"
    model.show(Numbers(3, step=2).source("down"))
    assert model.rows == (0, 2, 4)


def test_reading_is_told_of_while_it_lasts(qtbot: QtBot) -> None:
    runner, told = HeldRunner(), list[bool]()
    model = table(Jobs(runner))
    model.fetching_changed.connect(told.append)
    model.show(Numbers(10).source())
    model.reload()
    runner.release()
    model.reload()
    assert told == [True, False, True]
    model.show(None)
    assert told == [True, False, True, False]
    runner.release()
    assert model.rowCount() == 0


def test_a_part_is_asked_for_once_however_often_the_view_asks(qtbot: QtBot) -> None:
    runner, numbers = HeldRunner(), Numbers(1_000)
    model = table(Jobs(runner))
    model.show(numbers.source())
    runner.release()
    runner.release()
    for _ in range(5):
        model.look_at(440, 460)
    assert len(runner.tasks) == 1
    runner.release()
    assert model.data(model.index(450, 0)) == "450"


def test_another_list_overtakes_a_part_that_is_still_coming(qtbot: QtBot) -> None:
    runner = HeldRunner()
    model = table(Jobs(runner))
    model.show(Numbers(1_000).source("long"))
    runner.release()
    runner.release()
    model.look_at(440, 460)
    model.show(Numbers(2).source("short"))
    runner.release()
    assert model.rows == (0, 1)
    assert model.rowCount() == 2


def test_a_list_that_became_shorter_is_counted_again(jobs: Jobs) -> None:
    model, numbers = table(jobs), Numbers(1_000)
    model.show(numbers.source())
    del numbers.rows[150:]
    model.look_at(150, 160)
    assert model.rowCount() == 150


def test_what_was_asked_for_stands_above_until_it_is_in_the_list(jobs: Jobs) -> None:
    model, numbers = table(jobs), Numbers(1_000)
    model.show(numbers.source(again=lambda number: number))
    model.upsert(700)
    assert model.rows[0] == 700
    assert model.rowCount() == 1_001
    model.set_chosen(700)
    model.look_at(0, 10)
    model.reload()
    assert model.rows[0] == 700
    model.look_at(695, 705)
    model.reload()
    assert model.rowCount() == 1_000, "it is not shown twice"
    model.upsert(-5)
    model.show(Numbers(3).source("another list"))
    assert model.rows == (0, 1, 2)


def test_what_alone_stands_above_an_empty_list_is_read_again(jobs: Jobs) -> None:
    model, changed = table(jobs), list[tuple[int, int]]()
    model.dataChanged.connect(lambda first, last: changed.append((first.row(), last.row())))
    model.show(Numbers(0).source(again=lambda number: number))
    model.upsert(7)
    model.reload()
    assert model.rows == (7,)
    assert changed
    assert set(changed) == {(0, 0)}


def test_states_say_what_to_show(jobs: Jobs) -> None:
    model, states = table(jobs), list[State]()
    model.state_changed.connect(states.append)
    model.show(Numbers(0).source(1))
    model.show(Source(2, lost))
    model.show(Numbers(2).source(3))
    model.show(Source(4, lost))
    assert states == [State.LOADING, State.EMPTY, State.LOADING, State.FAILED, State.LOADING, State.READY, State.READY]
    assert model.rows == (0, 1), "a failed reload must not take away what is shown"


def test_after_a_failed_part_the_view_may_ask_again(jobs: Jobs) -> None:
    model, numbers, failed = table(jobs), Numbers(300), list[Any]()
    model.failed.connect(failed.append)
    source = numbers.source()
    answers: list[Any] = [None, UnavailableError("Gone.")]

    def part(wanted: Part) -> Any:
        answer = answers.pop(0) if answers else None
        if answer is not None:
            raise answer
        return source.part(wanted)

    model.show(Source(1, part, source.count))
    model.look_at(150, 160)
    assert len(failed) == 1
    model.look_at(150, 160)
    assert model.data(model.index(155, 0)) == "155"


def test_a_view_reads_what_it_shows(jobs: Jobs, qtbot: QtBot) -> None:
    model, numbers = table(jobs), Numbers(1_000)
    view = RecordTable(model, "Numbers")
    VisibleRows(view, model)
    qtbot.addWidget(view)
    view.resize(300, 400)
    view.show()
    model.show(numbers.source())
    qtbot.keyClick(view, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: view.currentIndex().data() == "999")
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    qtbot.waitUntil(lambda: model.index(view.rowAt(200), 0).data() is not None)
    assert len(model.rows) <= 400


def test_transfer_table_keeps_the_rules_of_models(qtmodeltester: ModelTester, tmp_path: Path) -> None:
    model = TransferTable()
    qtmodeltester.check(model)
    rows = [Transfer(1, tmp_path / f"{number}.txt", f"{number}.txt", "Istanbul", size=10) for number in range(5)]
    model.append(rows)
    qtmodeltester.check(model)
    rows[0].stage, rows[0].done = Stage.SEALING, 5
    model.touch(rows[0])
    model.settle(1, AddResult(tmp_path / "9.txt", "9.txt", AddOutcome.FAILED, reason="It is gone."))
    model.drop(rows[1:3])
    qtmodeltester.check(model)
    assert [row.name for row in model.rows] == ["0.txt", "3.txt", "4.txt", "9.txt"]
    assert model.find(1, tmp_path / "4.txt") is rows[4]
    assert model.find(2, tmp_path / "4.txt") is None
