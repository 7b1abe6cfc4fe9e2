"""Models under Qt's own tester, and the paging that a view drives."""

from pathlib import Path
from typing import Any

from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from desktop_app.domain.paging import Page
from desktop_app.errors import UnavailableError
from desktop_app.services.adding import AddOutcome, AddResult
from desktop_app.ui.jobs import Jobs, Lane
from desktop_app.ui.models.columns import Column
from desktop_app.ui.models.paged import PagedTable, State
from desktop_app.ui.models.transfers import Stage, Transfer, TransferTable
from desktop_app.ui.widgets.table import RecordTable


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


def pages(size: int, total: int) -> Any:
    def fetch(after: int | None) -> Page[int]:
        first = 0 if after is None else after
        rows = tuple(range(first, min(first + size, total)))
        following: Any = first + size if first + size < total else None
        return Page(rows, following)

    return fetch


def test_paged_table_keeps_the_rules_of_models(jobs: Jobs, qtmodeltester: ModelTester) -> None:
    model = table(jobs)
    qtmodeltester.check(model)
    model.show(pages(3, 10))
    qtmodeltester.check(model)
    model.fetchMore()
    model.upsert(77)
    model.upsert(2)
    model.remove(1)
    qtmodeltester.check(model)
    model.show(None)
    qtmodeltester.check(model)


def test_another_order_keeps_the_rules_of_models(jobs: Jobs, qtmodeltester: ModelTester) -> None:
    model = table(jobs)
    model.show(pages(3, 10))
    model.fetchMore()
    qtmodeltester.check(model)
    model.show(lambda after: Page(tuple(range(9, -1, -1)), None))
    model.upsert(4)
    qtmodeltester.check(model)
    assert model.rows == tuple(range(9, -1, -1))


def test_after_a_failed_order_the_old_one_goes_on(jobs: Jobs) -> None:
    model, asked = table(jobs), list[Any]()
    model.show(pages(3, 10))

    def lost(after: Any) -> Page[int]:
        asked.append(after)
        raise UnavailableError("The server does not answer.")

    model.show(lost)
    model.fetchMore()
    assert asked == [None], "a key of one order means nothing in another"
    assert model.rows == tuple(range(6))


def test_a_fetch_is_told_of_while_it_lasts(qtbot: QtBot) -> None:
    runner, told = HeldRunner(), list[bool]()
    model = table(Jobs(runner))
    model.fetching_changed.connect(told.append)
    model.show(pages(4, 10))
    model.reload()
    runner.release()
    model.fetchMore()
    assert told == [True, False, True]
    model.show(None)
    assert told == [True, False, True, False]


def test_pages_follow_each_other_to_the_end(jobs: Jobs) -> None:
    model = table(jobs)
    model.show(pages(4, 10))
    while model.canFetchMore():
        model.fetchMore()
    assert model.rows == tuple(range(10))


def test_a_page_is_asked_for_once_however_often_the_view_asks(qtbot: QtBot) -> None:
    runner = HeldRunner()
    model = table(Jobs(runner))
    model.show(pages(4, 10))
    runner.release()
    for _ in range(5):
        model.fetchMore()
    assert len(runner.tasks) == 1
    assert not model.canFetchMore()
    runner.release()
    assert model.rows == tuple(range(8))


def test_a_reload_overtakes_a_page_that_is_still_coming(qtbot: QtBot) -> None:
    runner = HeldRunner()
    model = table(Jobs(runner))
    model.show(pages(4, 10))
    runner.release()
    model.fetchMore()
    model.show(pages(2, 2))
    runner.release()
    assert model.rows == (0, 1)
    assert not model.canFetchMore()


def test_rows_that_come_twice_are_shown_once(jobs: Jobs) -> None:
    model = table(jobs)
    answers = [Page((1, 2), 9), Page((2, 3), None)]
    model.show(lambda _after: answers.pop(0))  # type: ignore[arg-type, return-value]
    model.fetchMore()
    assert model.rows == (1, 2, 3)


def test_states_say_what_to_show(jobs: Jobs) -> None:
    model, states = table(jobs), list[State]()
    model.state_changed.connect(states.append)

    def lost(_after: Any) -> Page[int]:
        raise UnavailableError("The server does not answer.")

    model.show(pages(3, 0))
    model.show(lost)
    model.show(pages(3, 2))
    model.show(lost)
    assert states == [State.LOADING, State.EMPTY, State.LOADING, State.FAILED, State.LOADING, State.READY, State.READY]
    assert model.rows == (0, 1), "a failed reload must not take away what is shown"


def test_after_a_failed_page_the_view_may_ask_again(jobs: Jobs) -> None:
    model = table(jobs)
    answers: list[Any] = [Page((1,), 1), UnavailableError("Gone."), Page((2,), None)]

    def fetch(_after: Any) -> Page[int]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    model.show(fetch)
    model.fetchMore()
    assert model.canFetchMore()
    model.fetchMore()
    assert model.rows == (1, 2)


def test_a_view_loads_what_it_can_show(jobs: Jobs, qtbot: QtBot) -> None:
    model = table(jobs)
    view = RecordTable(model, "Numbers")
    qtbot.addWidget(view)
    view.resize(300, 400)
    view.show()
    model.show(pages(5, 1_000))
    qtbot.waitUntil(lambda: model.rowCount() >= 12)
    assert model.rowCount() < 200


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
