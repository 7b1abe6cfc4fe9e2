"""The indicator knows the store: gone, silent, somebody else's, back; and what could not be read is read again."""

import shutil
import threading
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.profiles import StorePlace
from desktop_app.storage.folder_store import FolderStore
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Appearance
from desktop_app.ui.shell.application import Look
from desktop_app.ui.shell.store_monitor import StoreMonitor
from desktop_app.ui.widgets.connection_indicator import ConnectionIndicator, Reach
from tests.ui.fake_services import Lab, as_lab
from tests.ui.journey_fixture import ADMIN, CLINIC, Day
from tests.ui.made_records import profile
from tests.ui.window_fixture import WindowDriver
from tools import steps
from tools.driver import Program, until


class RealStore(Lab):
    """A lab in memory whose store is on the disk."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        folder.mkdir()
        self.installation = uuid4()
        FolderStore(folder, self.installation).create_marker()
        self.store = FolderStore(folder, self.installation)
        self.profile = profile(store=StorePlace(str(folder)))
        self.release = threading.Event()
        self.release.set()
        self.asked = 0

    def check_store(self) -> None:
        self.asked += 1
        self.release.wait(60)
        self.store.check_marker()


@pytest.fixture
def real(tmp_path: Path) -> RealStore:
    return RealStore(tmp_path / "store")


def watch(real: RealStore, jobs: Jobs, qtbot: QtBot) -> tuple[StoreMonitor, ConnectionIndicator]:
    indicator = ConnectionIndicator()
    qtbot.addWidget(indicator)
    made = StoreMonitor(as_lab(real), jobs, indicator)
    made.lost.connect(indicator.set_store)
    made.back.connect(lambda: indicator.set_store(""))
    return made, indicator


def test_a_store_that_goes_and_comes_back_is_said_by_the_lamp(
    real: RealStore, threaded_jobs: Jobs, qtbot: QtBot, look: Look, tmp_path: Path
) -> None:
    watched, indicator = watch(real, threaded_jobs, qtbot)
    with qtbot.waitSignal(threaded_jobs.rested):
        watched.look_again()
    assert indicator.text() == "Connected"
    real.folder.rename(tmp_path / "elsewhere")
    with qtbot.waitSignal(watched.lost):
        watched.look_again()
    assert indicator.text() == "Store not reached"
    assert indicator.reach is Reach.CONNECTED, "of the server nothing is said"
    assert "Lists and samples go on" in indicator.toolTip()
    indicator.set_reached(False)
    assert indicator.text() == "No connection", "without the server nothing goes on"
    indicator.set_reached(True)
    assert indicator.text() == "Store not reached"
    (tmp_path / "elsewhere").rename(real.folder)
    with qtbot.waitSignal(watched.back):
        watched.look_again()
    assert indicator.text() == "Connected"


def test_another_installations_store_is_not_ours(
    real: RealStore, threaded_jobs: Jobs, qtbot: QtBot, look: Look
) -> None:
    watched, indicator = watch(real, threaded_jobs, qtbot)
    shutil.rmtree(real.folder)
    real.folder.mkdir()
    FolderStore(real.folder, uuid4()).create_marker()
    with qtbot.waitSignal(watched.lost):
        watched.look_again()
    assert indicator.text() == "Store not reached"


def test_a_store_that_hangs_is_away_and_holds_up_nobody(
    real: RealStore, threaded_jobs: Jobs, qtbot: QtBot, look: Look
) -> None:
    watched, indicator = watch(real, threaded_jobs, qtbot)
    watched._answer_timer.setInterval(50)
    real.release.clear()
    with qtbot.waitSignal(watched.lost):
        watched.look_again()
    assert indicator.text() == "Store not reached"
    for _ in range(5):
        watched.look_again()
    assert real.asked == 1, "a share that hangs is asked once"
    owner, answers = QWidget(), list[int]()
    qtbot.addWidget(owner)
    for number in range(6):
        threaded_jobs.read(owner, str(number), partial(int, number), answers.append)
    qtbot.waitUntil(lambda: sorted(answers) == list(range(6)))
    with qtbot.waitSignal(watched.back):
        real.release.set()
    assert indicator.text() == "Connected"


def test_the_stores_answers_say_nothing_of_the_server(
    real: RealStore, threaded_jobs: Jobs, qtbot: QtBot, look: Look
) -> None:
    watched, _ = watch(real, threaded_jobs, qtbot)
    said: list[bool] = []
    threaded_jobs.reached.connect(said.append)
    with qtbot.waitSignal(threaded_jobs.rested):
        watched.look_again()
    shutil.rmtree(real.folder)
    with qtbot.waitSignal(watched.lost):
        watched.look_again()
    assert said == []


def test_a_preview_that_failed_is_read_again_when_the_share_is_back(day: Day, look: Look) -> None:
    with Program(day.home, look) as program:
        steps.sign_in(program, ADMIN)
        steps.open_center(program, CLINIC)
        workspace = program.workspace
        store, away = Path(workspace.context.lab.profile.store.path), day.home / "store put away"
        title = "bench-notes-2026-11-03.txt"
        steps.preview(program, title)
        preview, indicator = workspace.tabs.documents.preview, workspace.header.indicator
        text = preview.text.toPlainText()
        store.rename(away)
        try:
            preview._load()
            until(lambda: preview.shown == "empty" and preview.empty.title == "This cannot be shown", "it failed")
            until(lambda: indicator.text() == "Store not reached", "the indicator says so at once")
        finally:
            away.rename(store)
        workspace.monitor.look_again()
        until(lambda: preview.shown == "text", "it is read again by itself")
        assert preview.text.toPlainText() == text
        until(lambda: indicator.text() == "Connected", "the indicator says so")


def test_today_says_the_space_left_again_when_the_share_is_back(day: Day, look: Look) -> None:
    with Program(day.home, look) as program:
        steps.sign_in(program, ADMIN)
        steps.open_center(program, CLINIC)
        workspace = program.workspace
        store, away = Path(workspace.context.lab.profile.store.path), day.home / "store put away"

        def says_space() -> bool:
            labels = workspace.today.findChildren(QLabel)
            return any(label.isVisible() and label.text() == "Space left" for label in labels)

        store.rename(away)
        try:
            workspace.show_today()
            program.settle()
            until(lambda: not says_space(), "nobody knows how much there is")
            workspace.monitor.look_again()
            until(lambda: workspace.header.indicator.text() == "Store not reached", "the indicator says so")
        finally:
            away.rename(store)
        workspace.monitor.look_again()
        until(says_space, "it is read again by itself")


def test_the_preview_follows_the_theme(driver: WindowDriver) -> None:
    workspace = driver.enter()
    workspace.show_tab(workspace.tabs.documents)
    driver.look.choose(Appearance.LIGHT)
    light = workspace.tabs.documents.preview.empty.grab().toImage()
    driver.look.choose(Appearance.DARK)
    dark = workspace.tabs.documents.preview.empty.grab().toImage()
    icon = workspace.tabs.documents.preview.empty._icon
    shot = icon.grab().toImage()
    assert light != dark
    driver.look.choose(Appearance.LIGHT)
    assert icon.grab().toImage() != shot, "the sign is drawn anew, too"
