"""What became of work that was asked to stop while something did not answer: in the dialog, and in the strip."""

import threading
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_app.errors import RefusedError
from desktop_app.ui.dialogs import waiting
from desktop_app.ui.dialogs.waiting import WaitingDialog
from desktop_app.ui.foundation.jobs import Job, Jobs
from desktop_app.ui.widgets import background_tasks
from desktop_app.ui.widgets.background_tasks import BackgroundTasks, TaskStrip

Say = Callable[[str], None]


def done(_say: Say) -> str:
    return "done"


def stopped(say: Say) -> str:
    say("Never said.")
    return "not reached"


def refused(_say: Say) -> str:
    raise RefusedError("The server wants no more of it.")


def surprised(_say: Say) -> str:
    raise ZeroDivisionError


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (waiting, background_tasks):
        monkeypatch.setattr(module, "PATIENCE_MS", 20)
    monkeypatch.setattr(background_tasks, "SHOW_AFTER_MS", 10)


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (done, "It was done before it could be stopped."),
        (stopped, "Stopped. It was not done."),
        (refused, "The server wants no more of it."),
        (surprised, None),
    ],
)
def test_a_dialog_says_what_became_of_the_work_that_it_left(
    qtbot: QtBot, threaded_jobs: Jobs, end: Callable[[Say], str], words: str | None
) -> None:
    parent, answers, told = QWidget(), threading.Event(), list[object]()
    qtbot.addWidget(parent)
    dialog = WaitingDialog("Something long", parent)

    def work(say: Say) -> str:
        answers.wait(10)
        return end(say)

    dialog.run(threaded_jobs, work, told.append, lambda _busy: None, told.append)
    qtbot.waitUntil(dialog.isVisible)
    assert dialog.isModal()
    dialog.stop.click()
    qtbot.waitUntil(lambda: not dialog.isModal())
    assert dialog.sentence.text().startswith("It stops as soon as the server or the folder answers.")
    gone: list[None] = []
    dialog.destroyed.connect(lambda: gone.append(None))
    answers.set()
    qtbot.waitUntil(lambda: threaded_jobs.running == 0)
    assert len(told) == (0 if end is stopped else 1)
    if words is not None:
        assert dialog.isVisible()
        assert dialog.sentence.text() == words
        dialog.stop.click()
    qtbot.waitUntil(lambda: bool(gone))


@pytest.mark.parametrize("end", [done, stopped, refused])
def test_the_strip_says_of_a_task_that_it_stopped_and_leaves_the_rest_to_the_tasks_own_words(
    qtbot: QtBot, threaded_jobs: Jobs, end: Callable[[Say], str]
) -> None:
    tasks, owner, answers, told = BackgroundTasks(threaded_jobs), QWidget(), threading.Event(), list[object]()
    strip = TaskStrip(tasks)
    for widget in (owner, strip):
        qtbot.addWidget(widget)

    def work(job: Job) -> str:
        job.report(1, 4)
        answers.wait(10)
        return end(lambda _said: job.check())

    tasks.run(owner, "Saving", work, told.append, told.append, counted=lambda count, total: f"{count} of {total}")
    qtbot.waitUntil(lambda: strip.isVisible() and strip.label.text() == "Saving · 1 of 4")
    strip.cancel.click()
    assert strip.label.text().startswith("Saving · Stopping as soon as the share and the server answer")
    assert not strip.cancel.isEnabled()
    qtbot.waitUntil(lambda: strip.running[0].is_awaited)
    answers.set()
    qtbot.waitUntil(lambda: threaded_jobs.running == 0)
    assert len(told) == (0 if end is stopped else 1)
    assert strip.isVisible() is (end is stopped)
    if end is stopped:
        assert strip.label.text() == "Saving: stopped, it was not done"
        strip.cancel.click()
        assert not strip.isVisible()
