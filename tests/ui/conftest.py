"""The application for tests of the window, tools to make its parts, and the leak check after each test."""

import gc
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.records import Document
from desktop_app.domain.rights import Standing
from desktop_app.ui.foundation.jobs import InlineRunner, Jobs
from desktop_app.ui.foundation.theme import Appearance
from desktop_app.ui.foundation.window_state import WindowState
from desktop_app.ui.models.transfers import Transfers
from desktop_app.ui.shell import application
from desktop_app.ui.shell.application import Look
from desktop_app.ui.tabs.tab_context import TabContext, TabEvents, Target
from desktop_app.ui.text.message_bus import MessageBus, Notice
from desktop_app.ui.widgets.background_tasks import BackgroundTasks
from tests.files_in_memory import factory_in_memory  # noqa: F401  # the files of these tests
from tests.ui.fake_backups import Backups
from tests.ui.fake_services import Lab, as_lab
from tests.ui.journey_fixture import day, program  # noqa: F401  # fixtures of the journey's tests
from tests.ui.window_fixture import WindowDriver

# The offscreen platform has no window manager: size hints, raising and grabs go nowhere.
OFFSCREEN_SAYS = "This plugin does not support"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore(OFFSCREEN_SAYS, extend=True))


@pytest.fixture(scope="session")
def look(qapp: QApplication) -> Look:
    application.apply_style(qapp)
    return Look(qapp, Appearance.LIGHT)


@pytest.fixture(autouse=True)
def leaves_nothing_behind(look: Look) -> Iterator[None]:
    """No thread, no running timer and no window may outlive a test."""
    yield
    if look.appearance is not Appearance.LIGHT:
        look.choose(Appearance.LIGHT)
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    # The watch over waiting transactions ends by itself, some seconds after the last one.
    mine = (each.name for each in threading.enumerate() if each.name.startswith("labkeep-"))
    threads = [name for name in mine if name != "labkeep-lock-waits"]
    assert not threads, f"threads are left: {threads}"
    windows = [str(each) for each in QApplication.topLevelWidgets() if each.isVisible()]
    assert not windows, f"windows are left: {windows}"
    timers = [
        str(each.parent())
        for each in gc.get_objects()
        if type(each) is QTimer and shiboken6.isValid(each) and each.isActive()
    ]
    assert not timers, f"timers are left running by {timers}"
    # What is there now is nothing of the next test's: to look through it again took half the time of these tests.
    gc.freeze()


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    """Work at once, on this thread."""
    made = Jobs(InlineRunner())
    yield made
    made.close()


@pytest.fixture
def threaded_jobs() -> Iterator[Jobs]:
    """Work on real threads."""
    made = Jobs()
    yield made
    assert made.close(10)


class Said:
    """What the window said, and where it led to."""

    def __init__(self, messages: MessageBus) -> None:
        self.targets: list[Target] = []
        self.remarks: list[str] = []
        self.notices: list[Notice] = []
        self.surprises: list[BaseException] = []
        messages.said.connect(self.remarks.append)
        messages.undo_offered.connect(lambda text, _back: self.remarks.append(text))
        messages.noticed.connect(self.notices.append)
        messages.surprised.connect(self.surprises.append)


@pytest.fixture
def window_state(tmp_path: Path) -> WindowState:
    return WindowState(tmp_path / "window.ini")


class MakeContext(Protocol):
    """Makes a context of a person of some standing, with what was said there, and the services in memory."""

    def __call__(
        self, standing: Standing = Standing.ADMIN, prepare: Callable[[Lab], None] | None = None
    ) -> tuple[TabContext, Said, Lab]: ...


@pytest.fixture
def make_context(jobs: Jobs, window_state: WindowState, qtbot: QtBot) -> MakeContext:
    kept: list[QWidget] = []  # qtbot itself keeps no widget alive

    def make(
        standing: Standing = Standing.ADMIN, prepare: Callable[[Lab], None] | None = None
    ) -> tuple[TabContext, Said, Lab]:
        lab = Lab(standing)
        if prepare is not None:
            prepare(lab)
        owner = QWidget()
        kept.append(owner)
        qtbot.addWidget(owner)
        messages = MessageBus(owner)
        jobs.failed.connect(messages.fail)
        jobs.unread.connect(messages.fail)
        said = Said(messages)
        tasks, transfers = BackgroundTasks(jobs, owner), Transfers(jobs, owner)
        go, events = said.targets.append, TabEvents(owner)
        transfers.finished.connect(lambda _summary, _destination: events.changed.emit(Document, None))
        backups: Any = Backups
        context = TabContext(as_lab(lab), jobs, messages, window_state, tasks, transfers, go, events, backups)
        return context, said, lab

    return make


@pytest.fixture
def driver(jobs: Jobs, look: Look, tmp_path: Path, qtbot: QtBot) -> Iterator[WindowDriver]:
    made = WindowDriver(jobs, look, tmp_path / "window.ini", qtbot)
    yield made
    if made.window is not None:
        made.window.close()
