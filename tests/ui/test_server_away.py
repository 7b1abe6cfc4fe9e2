"""The database slow, gone and back while the window is open: an indicator, one banner, no frozen window."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.profiles import ServerKind, SslMode
from desktop_app.domain.records import Sample, SampleType
from desktop_app.services.context import retries
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.shell.application import Look
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.connection_indicator import Reach
from desktop_app.ui.widgets.value_label import ValueLabel
from tests.services.lossy_proxy import PORT, LossyProxy
from tests.ui.journey_fixture import ADMIN, CLINIC, Day
from tools import steps
from tools.driver import Program, click, fill, until

LONGEST_SILENCE = 1.0
"""Seconds that the GUI thread may be busy on a loaded machine; the server stays away for longer."""


@dataclass
class Silence:
    """How long the GUI thread was silent at most."""

    longest: float = 0.0
    _last: float = field(default_factory=time.monotonic)

    def beat(self) -> None:
        now = time.monotonic()
        self.longest, self._last = max(self.longest, now - self._last), now


@dataclass
class Line:
    """The window, whose way to the server may be stopped and cut."""

    program: Program
    proxy: LossyProxy
    silence: Silence

    def sample(self, barcode: str) -> Sample:
        work = self.program.workspace.work
        assert work is not None
        return work.samples.get(barcode)

    def reach(self) -> Reach:
        return self.program.workspace.header.indicator.reach


@pytest.fixture
def line(day: Day, look: Look) -> Iterator[Line]:
    with Program(day.home, look) as program, tempfile.TemporaryDirectory(prefix="labkeep-away-", dir="/tmp") as folder:
        (profile,) = program.app.profiles.list()
        address = program.app.servers.address(profile)
        proxy = LossyProxy(Path(folder), Path(address.host) / f".s.PGSQL.{address.port}")
        through = replace(
            profile, server=ServerKind.POSTGRES, host=folder, port=PORT, data_dir=None, sslmode=SslMode.PREFER
        )
        lab = program.app.sign_in.sign_in(through, ADMIN.username, ADMIN.password)
        program.settle()
        program.window.sign_in.signed_in.emit(lab)
        steps.wait_for_workspace(program)
        steps.open_center(program, CLINIC)
        steps.show(program, program.workspace.tabs.samples)
        silence, timer = Silence(), QTimer(program.window, interval=5)
        timer.timeout.connect(silence.beat)
        timer.start()
        try:
            yield Line(program, proxy, silence)
        finally:
            timer.stop()
            proxy.closed = False
            proxy.flowing.set()
            steps.sign_out(program)
            proxy.stop()


def banners(line: Line) -> list[str]:
    """What every banner that is to be seen says."""
    return [each.text for each in line.program.window.findChildren(Banner) if each.isVisible() and each.text]


def test_a_server_that_is_gone_is_one_banner_and_comes_back_by_retry(line: Line) -> None:
    program = line.program
    workspace = program.workspace
    line.proxy.cut()
    workspace.refresh()
    until(lambda: workspace.header.indicator.reach is Reach.LOST, "the indicator says it")
    program.settle()
    lost = "The connection to the database server was lost; nothing was changed. Try again."
    away = "The database server cannot be reached; nothing was changed. Try again."
    window_says = "The server does not answer. Nothing that was reported saved is lost."
    for page in (workspace.tabs.samples, workspace.tabs.documents, workspace.tabs.users, workspace.tabs.samples):
        steps.show(program, page)
        page.records.searched.emit()
        program.settle()
        # A list that still shows what it had says it above that; one that has nothing is the message itself.
        assert banners(line) in ([[lost], [away]] if page.records.model.rows else [[window_says]])
    assert not program.has_dialog(QDialog)
    click(workspace.tabs.samples.records.banner._step)
    program.settle()
    assert banners(line) in ([lost], [away]), "it still is away"
    line.proxy.closed = False
    click(workspace.tabs.samples.records.banner._step)
    program.settle()
    assert line.reach() is Reach.CONNECTED
    assert banners(line) == []
    assert "GOK-0001" in [row.barcode for row in workspace.tabs.samples.records.model.rows]
    assert line.silence.longest < LONGEST_SILENCE


def test_what_was_typed_in_place_can_be_copied_while_the_server_is_away_and_when_it_is_back(line: Line) -> None:
    program, workspace = line.program, line.program.workspace
    tab, work = workspace.tabs.samples, workspace.work
    assert work is not None
    made = work.samples.create(SampleDraft(name="Beside", sample_type=SampleType.BLOOD, barcode="AWAY-IN-PLACE"))
    steps.choose(program, tab, made.barcode)
    label = next(each for each in tab.detail.findChildren(ValueLabel) if each.fact and each.fact.label == "Where")
    QTest.keyClick(label, Qt.Key.Key_Return)
    editor = tab.detail.in_place.field
    assert editor is not None
    editor.set_value("Half typed")
    line.proxy.cut()
    steps.choose(program, tab, "GOK-0001")
    lost = "The connection to the database server was lost; nothing was changed. Try again."
    said = f"What was typed as Where is not saved. {lost}"
    assert tab.detail.in_place.field is None
    assert banners(line) == [said], "what could not be read either does not take its place"
    line.proxy.closed = False
    workspace.monitor.look_again()
    until(lambda: line.reach() is Reach.CONNECTED, "the server is back")
    program.settle()
    assert banners(line) == [said]
    click(workspace.banner._step)
    assert QGuiApplication.clipboard().text() == "Half typed"
    workspace.banner.clear()
    assert work.samples.get(made.id).collected_place == ""


def test_it_is_noticed_and_comes_back_by_itself_too(line: Line) -> None:
    """Nobody touches anything: the monitor finds it out, and its banner goes as it came."""
    workspace = line.program.workspace
    workspace.monitor._timer.setInterval(50)
    line.proxy.cut()
    until(lambda: banners(line), "the banner says it")
    assert banners(line) == ["The server does not answer. Nothing that was reported saved is lost."]
    assert line.reach() is Reach.LOST
    line.proxy.closed = False
    until(lambda: not banners(line), "the banner goes")
    assert line.reach() is Reach.CONNECTED
    workspace.monitor._timer.setInterval(60_000)
    line.program.settle()


def test_a_slow_server_is_said_and_freezes_nothing(line: Line) -> None:
    workspace = line.program.workspace
    workspace.monitor._slow.setInterval(200)
    line.proxy.flowing.clear()
    workspace.refresh()
    until(lambda: workspace.header.indicator.reach is Reach.SLOW, "the indicator says it")
    assert not workspace.banner.text
    until(
        lambda: workspace.tabs.samples.records._spinner.isVisible() or workspace.tabs.samples.records.model.rows,
        "it waits",
    )
    began = time.monotonic()
    until(lambda: time.monotonic() - began > 2 * LONGEST_SILENCE, "a while passes")
    line.proxy.flowing.set()
    line.program.settle()
    assert line.reach() is Reach.CONNECTED
    assert line.silence.longest < LONGEST_SILENCE


@pytest.mark.parametrize("answered", [True, False], ids=["found out", "unknown"])
def test_a_save_in_flight_ends_saved_and_only_then_says_so(
    line: Line, monkeypatch: pytest.MonkeyPatch, answered: bool
) -> None:
    """The answer to the COMMIT is lost. Where the server can be asked again the form closes; else it says the truth."""
    if not answered:
        monkeypatch.setattr(retries, "WAITS", (0.0,))
    barcode = f"AWAY-{answered}"
    dialog = new_sample(line, barcode)
    line.proxy.word, line.proxy.answers_to_lose = b"INSERT INTO samples", 1
    line.proxy.closes_after_loss = not answered
    click(dialog.verb)
    until(lambda: not line.program.has_dialog(SampleDialog) or dialog.banner.text, "the save ends")
    line.proxy.closed = line.proxy.closes_after_loss = False
    line.program.workspace.refresh()
    line.program.settle()
    assert line.sample(barcode).name == "Serum"
    if answered:
        assert not line.program.has_dialog(SampleDialog)
        return
    assert dialog.banner.text == (
        "The connection was lost before the server confirmed this. Look whether it was saved before doing it again."
    )
    assert dialog.fields["name"].value == "Serum"
    dialog._on_discarded()
    line.program.settle()


def test_a_save_that_never_left_is_said_and_done_by_pressing_again(line: Line) -> None:
    dialog = new_sample(line, "AWAY-again")
    line.proxy.cut()
    click(dialog.verb)
    until(lambda: dialog.banner.text, "the form says it")
    assert dialog.banner.text == "The connection to the database server was lost; nothing was changed. Try again."
    line.program.settle()
    line.proxy.closed = False
    steps.submit(line.program, dialog)
    assert line.sample("AWAY-again").row_version == 1


def new_sample(line: Line, barcode: str) -> SampleDialog:
    click(line.program.workspace.tabs.samples.new)
    dialog = line.program.dialog(SampleDialog)
    line.program.settle()
    fill(dialog.fields["name"], "Serum")
    fill(dialog.fields["barcode"], barcode)
    return dialog
