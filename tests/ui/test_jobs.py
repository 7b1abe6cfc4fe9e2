"""jobs.py with real threads: order, staleness, errors, cancelling, questions, owners that go away."""

import gc
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThread
from pytestqt.qtbot import QtBot

from desktop_app.errors import LabkeepError, RefusedError, UnavailableError
from desktop_app.ui.foundation.jobs import InlineRunner, Job, Jobs, Lane
from desktop_app.ui.foundation.latest_job import LatestJob
from desktop_app.ui.foundation.unexpected_error import UnexpectedError


def test_work_runs_elsewhere_and_is_delivered_here(qtbot: QtBot, threaded_jobs: Jobs) -> None:
    owner, seen = QObject(), list[object]()
    threaded_jobs.read(owner, "x", threading.get_ident, lambda ident: seen.extend([ident, threading.get_ident()]))
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen[0] != threading.get_ident()
    assert seen[1] == threading.get_ident()


def test_a_newer_read_makes_the_older_one_stale(qtbot: QtBot, threaded_jobs: Jobs) -> None:
    owner, seen, release = QObject(), list[str](), threading.Event()

    def slow() -> str:
        release.wait(10)
        return "old"

    threaded_jobs.read(owner, "list", slow, seen.append)
    threaded_jobs.read(owner, "list", lambda: "new", seen.append)
    threaded_jobs.read(owner, "count", lambda: "other", seen.append)
    qtbot.waitUntil(lambda: len(seen) == 2)
    release.set()
    qtbot.waitUntil(lambda: threaded_jobs.running == 0)
    assert sorted(seen) == ["new", "other"]


def test_writes_are_never_dropped_and_the_button_is_busy(qtbot: QtBot, threaded_jobs: Jobs) -> None:
    owner, seen, busy = QObject(), list[int](), list[bool]()
    for number in range(5):
        threaded_jobs.write(owner, partial(int, number), seen.append, busy=busy.append)
    qtbot.waitUntil(lambda: threaded_jobs.running == 0)
    assert sorted(seen) == [0, 1, 2, 3, 4]
    assert busy.count(True) == busy.count(False) == 5


def test_the_button_is_free_again_after_a_failure(jobs: Jobs) -> None:
    owner, busy, errors = QObject(), list[bool](), list[LabkeepError]()

    def fail() -> None:
        raise RefusedError("No.")

    jobs.write(owner, fail, lambda _none: None, errors.append, busy.append)
    assert busy == [True, False]
    assert str(errors[0]) == "No."


def test_an_owner_that_is_gone_is_not_called(qtbot: QtBot, threaded_jobs: Jobs) -> None:
    owner, seen, release = QObject(), list[str](), threading.Event()
    threaded_jobs.read(owner, "x", lambda: release.wait(10), lambda _done: seen.append("called"))
    threaded_jobs.write(owner, lambda: release.wait(10), lambda _done: seen.append("called"))
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    release.set()
    qtbot.waitUntil(lambda: threaded_jobs.running == 0)
    assert seen == []


def test_what_nobody_foresaw_becomes_a_sentence_and_a_line_in_the_log_without_values(
    jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    errors: list[LabkeepError] = []
    patient = "".join(("Ay", "şe"))

    def fail() -> None:
        raise ValueError(patient)

    jobs.unread.connect(errors.append)
    jobs.read(QObject(), "x", fail, lambda _none: None)
    assert isinstance(errors[0], UnexpectedError)
    assert "ValueError" in str(errors[0])
    assert "ValueError in a job" in caplog.text
    assert "Ayşe" not in caplog.text
    assert "Ayşe" not in str(errors[0])


def test_reach_tells_whether_the_server_answers(jobs: Jobs) -> None:
    reached: list[bool] = []

    def lost() -> None:
        raise UnavailableError("The server does not answer.")

    jobs.reached.connect(reached.append)
    jobs.read(QObject(), "x", lost, lambda _none: None, lambda _error: None)
    jobs.read(QObject(), "x", lambda: 1, lambda _one: None)
    assert reached == [False, True]


def test_cancelling_stops_at_the_next_report_and_says_nothing(qtbot: QtBot, threaded_jobs: Jobs) -> None:
    owner, calls, ended, begun = QObject(), list[str](), list[bool](), threading.Event()

    def work(job: Job) -> None:
        begun.set()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            job.report(1, 2)

    def prepare(job: Job) -> None:
        job.ended.connect(lambda: ended.append(True))

    job = threaded_jobs.start(
        owner,
        work,
        lambda _done: calls.append("done"),
        lambda _error: calls.append("failed"),
        prepare=prepare,
    )
    assert begun.wait(10)
    job.cancel()
    qtbot.waitUntil(lambda: bool(ended))
    assert calls == []


def test_progress_arrives_on_the_gui_thread(qtbot: QtBot, threaded_jobs: Jobs) -> None:
    owner, seen = QObject(), list[tuple[int, int, bool]]()
    gui = QThread.currentThread()

    def work(job: Job) -> None:
        for done in range(3):
            job.report(done, 3)

    def prepare(job: Job) -> None:
        job.progressed.connect(lambda done, total: seen.append((done, total, QThread.currentThread() is gui)))

    threaded_jobs.start(owner, work, lambda _none: None, prepare=prepare)
    qtbot.waitUntil(lambda: threaded_jobs.running == 0)
    assert seen[-1] == (2, 3, True)
    assert {on_gui for _done, _total, on_gui in seen} == {True}


def test_a_window_that_is_busy_hears_the_newest_progress_once(qtbot: QtBot, threaded_jobs: Jobs) -> None:
    """Each piece of news is a call into Python, for which the GUI thread waits while the worker computes."""
    owner, seen, through, go_on = QObject(), list[int](), threading.Event(), threading.Event()

    def work(job: Job) -> None:
        for done in range(1, 1001):
            job.report(done, 2000)
        through.set()
        assert go_on.wait(10)
        for done in range(1001, 2001):
            job.report(done, 2000)

    def prepare(job: Job) -> None:
        job.progressed.connect(lambda done, _total: seen.append(done))

    threaded_jobs.start(owner, work, lambda _none: None, prepare=prepare)
    assert through.wait(10)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [1000]
    go_on.set()
    qtbot.waitUntil(lambda: threaded_jobs.running == 0)
    assert seen[-1] == 2000


def test_a_question_waits_for_its_answer(qtbot: QtBot, threaded_jobs: Jobs) -> None:
    owner, results = QObject(), list[object]()

    def prepare(job: Job) -> None:
        job.asked.connect(lambda subject: job.answer(f"{subject}!"))

    threaded_jobs.start(owner, lambda job: job.ask("really?"), results.append, prepare=prepare)
    qtbot.waitUntil(lambda: bool(results))
    assert results == ["really?!"]


def test_cancelling_an_open_question_ends_it(qtbot: QtBot, threaded_jobs: Jobs) -> None:
    owner, ended = QObject(), list[bool]()

    def prepare(job: Job) -> None:
        job.asked.connect(lambda _subject: job.cancel())
        job.ended.connect(lambda: ended.append(True))

    threaded_jobs.start(owner, lambda job: job.ask("?"), lambda _x: None, prepare=prepare)
    qtbot.waitUntil(lambda: bool(ended))


def test_inline_a_question_without_an_answer_is_a_cancellation(jobs: Jobs) -> None:
    results: list[object] = []
    jobs.start(QObject(), lambda job: job.ask("?"), results.append)
    assert results == []
    assert jobs.running == 0


def test_closing_ends_reads_and_lets_writes_end(qtbot: QtBot) -> None:
    jobs, owner, done, begun = Jobs(), QObject(), list[str](), threading.Event()

    def endless(job: Job) -> None:
        begun.set()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            job.check()

    jobs.start(owner, endless, lambda _none: None)
    for number in range(6):
        jobs.write(owner, partial(done.append, str(number)), lambda _none: None)
    assert begun.wait(10)
    assert jobs.close(10)
    assert sorted(done) == list("012345")


def test_a_closed_runner_takes_nothing_more() -> None:
    jobs = Jobs()
    assert jobs.close(1)
    jobs.read(QObject(), "x", lambda: pytest.fail("it ran"), lambda _none: None)


@pytest.mark.parametrize("lane", list(Lane))
def test_every_lane_works_while_the_others_are_full(qtbot: QtBot, threaded_jobs: Jobs, lane: Lane) -> None:
    owner, seen, release = QObject(), list[str](), threading.Event()
    for other in Lane:
        if other is not lane:
            for number in range(4):
                threaded_jobs.read(owner, f"{other}{number}", lambda: release.wait(10), lambda _x: None, lane=other)
    threaded_jobs.read(owner, "mine", lambda: "through", seen.append, lane=lane)
    qtbot.waitUntil(lambda: seen == ["through"])
    release.set()
    qtbot.waitUntil(lambda: threaded_jobs.running == 0)


@pytest.mark.full
def test_thousands_of_jobs_with_the_collector_running_do_not_crash(qtbot: QtBot, threaded_jobs: Jobs) -> None:
    owner, seen = QObject(), list[int]()

    def work(number: int) -> Callable[[], int]:
        def run() -> int:
            if number % 50 == 0:
                gc.collect()
            return number

        return run

    for number in range(2_000):
        threaded_jobs.write(owner, work(number), seen.append)
    qtbot.waitUntil(lambda: len(seen) == 2_000, timeout=30_000)
    assert sorted(seen) == list(range(2_000))


def test_inline_runs_before_it_returns() -> None:
    jobs, seen = Jobs(InlineRunner()), list[int]()
    jobs.read(QObject(), "x", lambda: 3, seen.append)
    assert seen == [3]


def test_the_newest_job_of_an_owner_that_is_gone_says_nothing(qtbot: QtBot, threaded_jobs: Jobs) -> None:
    owner, seen, release = QObject(), list[object](), threading.Event()
    latest = LatestJob(threaded_jobs, owner)
    latest.progressed.connect(lambda done, total: seen.append((done, total)))
    latest.ended.connect(seen.append)
    running = threading.Event()

    def work(job: Job) -> None:
        running.set()
        release.wait(10)
        job.report(1, 2)

    latest.start(work, seen.append, seen.append)
    assert running.wait(10)
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    release.set()
    qtbot.waitUntil(lambda: threaded_jobs.running == 0)
    assert seen == []
