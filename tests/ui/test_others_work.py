"""Other people's work appears by itself: two windows of one installation, and somebody at the command line."""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.drafts import CenterDraft, SampleDraft
from desktop_app.domain.records import SampleType
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.shell import connection_monitor
from desktop_app.ui.shell.application import Look
from tests.forking import program as forked
from tests.ui.colleagues import administrator
from tests.ui.editors import line
from tests.ui.journey_fixture import ADMIN, CLINIC, Day
from tools import steps
from tools.driver import Program, click, until

COMMAND = "from tests.light_passwords import lighten; lighten(); from desktop_app.cli.main import main; main()"


@pytest.fixture
def programs(day: Day, look: Look, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Program, Program]]:
    # Nobody asks by the clock: what is seen was told.
    monkeypatch.setattr(connection_monitor, "INTERVAL_MS", 600_000)
    with Program(day.home, look) as here, Program(day.home, look) as there:
        for program in (here, there):
            steps.sign_in(program, ADMIN)
            steps.open_center(program, CLINIC)
        yield here, there


def barcodes(program: Program) -> list[str]:
    return [row.barcode for row in program.workspace.tabs.samples.records.model.rows]


def test_what_is_made_in_one_window_appears_in_the_other(programs: tuple[Program, Program]) -> None:
    here, there = programs
    for program in programs:
        steps.show(program, program.workspace.tabs.samples)
    work: Any = here.workspace.work
    made = work.samples.create(SampleDraft(name="Seen elsewhere", sample_type=SampleType.BLOOD, barcode="ELSE-1"))
    until(lambda: "ELSE-1" in barcodes(there), "the other window shows it")
    steps.choose(there, there.workspace.tabs.samples, "ELSE-1")
    work.samples.update(made, replace(SampleDraft.of(made), name="Renamed elsewhere"))
    page = there.workspace.tabs.samples
    until(
        lambda: page._shown is not None and page._shown.name == "Renamed elsewhere", "what is chosen is shown as it is"
    )
    assert page.records.current is not None
    assert page.records.current.barcode == "ELSE-1", "and it stays chosen"


def test_a_form_that_is_open_is_left_alone(programs: tuple[Program, Program]) -> None:
    here, there = programs
    steps.show(there, there.workspace.tabs.samples)
    work: Any = here.workspace.work
    work.samples.create(SampleDraft(name="Being edited", sample_type=SampleType.BLOOD, barcode="EDIT-1"))
    until(lambda: "EDIT-1" in barcodes(there), "the other window shows it")
    steps.choose(there, there.workspace.tabs.samples, "EDIT-1")
    click(there.workspace.tabs.samples.edit)
    dialog = there.dialog(SampleDialog)
    line(dialog.fields["name"]).setText("Half typed")
    work.samples.create(SampleDraft(name="Another", sample_type=SampleType.BLOOD, barcode="EDIT-2"))
    until(lambda: "EDIT-2" in barcodes(there), "the list goes on behind the form")
    assert dialog.fields["name"].value == "Half typed"
    dialog._discarding = True
    dialog.reject()


def test_a_center_made_elsewhere_appears(programs: tuple[Program, Program]) -> None:
    here, there = programs
    steps.show(there, there.workspace.tabs.centers)
    here.workspace.context.lab.centers.create(CenterDraft(name="Made elsewhere", slug="made-elsewhere"))
    names: Callable[[], list[str]] = lambda: [row.name for row in there.workspace.tabs.centers.records.model.rows]  # noqa: E731
    until(lambda: "Made elsewhere" in names(), "the other window shows it")


def test_who_comes_back_to_the_window_sees_what_another_program_did(
    day: Day, look: Look, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process of its own, and a beat that would come much later."""
    monkeypatch.setattr(connection_monitor, "INTERVAL_MS", 600_000)
    elsewhere = QWidget()
    qtbot.addWidget(elsewhere)
    with Program(day.home, look) as program:
        steps.sign_in(program, ADMIN)
        steps.open_center(program, CLINIC)
        steps.show(program, program.workspace.tabs.samples)
        program.settle()
        elsewhere.show()
        activate(elsewhere)
        command = forked("window", "-c", COMMAND, "--user", ADMIN.username, "sample", "create")
        done = subprocess.run(
            [*command, "--center", CLINIC, "--name", "By command", "--type", "blood", "--barcode", "CLI-1"],
            env=environment(day), cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "CLI-1" not in barcodes(program)
        activate(program.window)
        until(lambda: "CLI-1" in barcodes(program), "it is there when the person is back")


def environment(day: Day) -> dict[str, str]:
    return os.environ | {"LABKEEP_HOME": str(day.home), "LABKEEP_PASSWORD": ADMIN.password}


def activate(window: QWidget) -> None:
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)


def test_no_row_is_locked_and_nothing_is_reset_where_nothing_changed(programs: tuple[Program, Program]) -> None:
    here, _there = programs
    steps.show(here, here.workspace.tabs.samples)
    here.settle()
    model = here.workspace.tabs.samples.records.model
    resets: list[int] = []
    model.modelReset.connect(lambda: resets.append(1))
    monitor = here.workspace.monitor
    before = until(lambda: monitor._center_head, "it has looked a first time")
    here.settle()
    resets.clear()
    with administrator(here) as lab:
        lab.center(CLINIC).samples.list()
    answers: list[int] = []
    monitor.confirmed.connect(lambda: answers.append(1))
    monitor.look_again()
    until(lambda: bool(answers), "it has looked again")
    here.settle()
    assert resets == []
    assert monitor._center_head == before
