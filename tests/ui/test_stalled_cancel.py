"""Cancel in the real window while a share, a folder or the server does not answer: it is said at once, and is true."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

import psycopg2
import pytest
from PySide6.QtWidgets import QDialog

from desktop_app.services.installation.backup import list_backups
from desktop_app.ui.dialogs.health import HealthDialog
from desktop_app.ui.dialogs.keys import KeysDialog
from desktop_app.ui.dialogs.waiting import WaitingDialog
from desktop_app.ui.models.transfer_rows import Stage
from desktop_app.ui.shell.application import Look
from tests.counts import count
from tests.services.faults.system_calls import CallFault, Harm, SystemCalls
from tests.ui.journey_fixture import ADMIN, CLINIC, Day
from tools import steps
from tools.driver import Drag, Program, click, until

Dialog = TypeVar("Dialog", KeysDialog, HealthDialog)
SOON = 2.0
"""Seconds from the click until the person sees what became of it."""
STOPPING = "Stopping as soon as the share and the server answer; only what is reported as added is saved"
COPY_STOPPING = "Stopping as soon as the share and the server answer"
KEPT = "bench-notes-2026-11-03.txt"
LEFT = "It stops as soon as the server or the folder answers."
TOO_LATE, NOT_DONE = "It was done before it could be stopped.", "Stopped. It was not done."
STEPS = ("make", "write", "fsync", "close", "rename", "open")


@pytest.fixture
def program(day: Day, look: Look) -> Iterator[Program]:
    with Program(day.home, look) as opened:
        steps.sign_in(opened, ADMIN)
        steps.open_center(opened, CLINIC)
        yield opened


@contextmanager
def silent_folder(folder: Path, call: str, within: str = "") -> Iterator[Callable[[], bool]]:
    """From that call on the folder does not answer until the block ends; whether it has come so far."""
    calls, reached = SystemCalls(folder), list[None]()
    calls.on_stall = lambda: reached.append(None)
    with calls.watching(CallFault(0, Harm.STALL, lasts=True, call=call, within=within)):
        try:
            yield lambda: bool(reached)
        finally:
            calls.answers.set()


@contextmanager
def silent_server(program: Program) -> Iterator[None]:
    """Every process of the server is stopped by SIGSTOP until the block ends."""
    profile = program.workspace.context.lab.profile
    running = program.app.servers.start_builtin(Path(profile.data_dir or ""))
    with closing(psycopg2.connect(running.admin_dsn(profile.database))) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        pids = [int(pid) for (pid,) in cursor.fetchall()]
        cursor.execute("SHOW data_directory")
        ((folder,),) = cursor.fetchall()
    pids.insert(0, int((Path(folder) / "postmaster.pid").read_text().split()[0]))
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def waits_for_the_server() -> bool:
    """Whether the files' worker has asked the server: before, a cancelled job ends without having begun."""
    workers = {each.ident for each in threading.enumerate() if each.name.startswith("labkeep-long")}
    frames = [frame for ident, frame in sys._current_frames().items() if ident in workers]
    return any("sqlalchemy" in frame.f_code.co_filename for frame in frames)


def within_two_seconds(condition: Callable[[], bool], what: str) -> None:
    began = time.monotonic()
    until(condition, what)
    assert time.monotonic() - began < SOON


def is_usable(program: Program) -> bool:
    """Whether nothing modal is in the way, and another tab can be shown."""
    tabs = program.workspace.tabs
    program.workspace.show_tab(tabs.samples)
    assert tabs.samples.isVisible()
    program.workspace.show_tab(tabs.documents)
    return not any(each.isVisible() and each.isModal() for each in program.window.findChildren(QDialog))


def opened(program: Program, kind: type[Dialog]) -> Dialog:
    tab = program.workspace.tabs.centers
    steps.show(program, tab)
    steps.choose(program, tab, CLINIC)
    click(tab.keys if kind is KeysDialog else tab.health)
    return program.dialog(kind)


def cancel_an_addition(program: Program, file: Path, is_silent: Callable[[], bool]) -> list[str]:
    """Drop a file, click Cancel once nothing answers, and look at the window; the sum, which is told at the end."""
    workspace = program.workspace
    sums: list[str] = []
    workspace.transfers.clear()
    workspace.transfers.summed_up.connect(lambda text, _tone: sums.append(text))
    file.write_bytes(os.urandom(100_000))
    assert Drag(workspace.tabs.documents.drop, [file]).drop()
    until(is_silent, "nothing answers")
    until(lambda: workspace.panel.cancel.isVisible(), "the panel is there")
    click(workspace.panel.cancel)
    within_two_seconds(lambda: workspace.panel.line.text().startswith(STOPPING), "it is said")
    assert not workspace.panel.cancel.isEnabled()
    assert is_usable(program)
    assert not sums
    assert Stage.SAVED not in [row.stage for row in workspace.transfers.table.rows]
    return sums


def is_told_truly(program: Program, name: str, sums: list[str]) -> None:
    """What is reported as added is listed, and nothing else."""
    until(lambda: sums, "the transfer ends")
    program.settle()
    work, transfers = program.workspace.work, program.workspace.transfers
    assert work is not None
    there = name in [row.title for row in work.documents.list().rows]
    (row,) = (row for row in transfers.table.rows if row.name == name)
    assert row.stage is (Stage.SAVED if there else Stage.CANCELLED)
    assert sums[-1].startswith("1 file added") is there
    assert not program.workspace.panel.cancel.isVisible()


def cancel_on_silent_share(program: Program, file: Path, call: str) -> None:
    store = Path(program.workspace.context.lab.profile.store.path)
    with silent_folder(store, call) as is_silent:
        sums = cancel_an_addition(program, file, is_silent)
    is_told_truly(program, file.name, sums)


def cancel_a_copy(program: Program, target: Path) -> None:
    """Save a copy in clear, click Cancel once the share does not answer, and look at the strip until it is closed."""
    workspace = program.workspace
    strip, work = workspace.strip, workspace.work
    assert work is not None
    (document,) = (row for row in work.documents.list().rows if row.title == KEPT)
    store = Path(workspace.context.lab.profile.store.path)
    with silent_folder(store, "open", f"/{work.center.schema_name}/") as is_silent:
        workspace.tabs.documents.save_copy(document, None, target)
        until(is_silent, "nothing answers")
        until(strip.cancel.isVisible, "the strip is there")
        click(strip.cancel)
        within_two_seconds(lambda: COPY_STOPPING in strip.label.text(), "it is said")
        assert not strip.cancel.isEnabled()
        assert is_usable(program)
        until(lambda: any(task.is_awaited for task in strip.running), "a second has passed")
    until(lambda: not strip.running, "it ends")
    assert strip.label.text() == f"Saving {target.name}: stopped, it was not done"
    assert not target.exists()
    click(strip.cancel)
    assert not strip.isVisible()


def cancel_a_backup(program: Program, folder: Path, call: str) -> None:
    dialog = opened(program, HealthDialog)
    checks = dialog.backups
    assert checks is not None
    button = checks.backup.button
    assert button is not None
    until(button.isEnabled, "it is known")
    known = checks._known
    if known is not None and known.last is not None:
        folder = Path(known.last.folder)
    folder.mkdir(exist_ok=True)
    before, words = list_backups(folder), checks.backup.result.text()
    with silent_folder(folder, call) as is_silent:
        if known is None or known.last is None:
            checks._back_up(folder)  # Qt's dialog for folders takes the one above it
        else:
            click(button)
        until(is_silent, "nothing answers")
        waiting = program.dialog(WaitingDialog)
        click(waiting.stop)
        within_two_seconds(lambda: waiting.sentence.text().startswith(LEFT), "it is said")
        assert not waiting.isModal()
        assert checks.backup.result.text() == words
        assert button.is_busy
    until(lambda: not button.is_busy, "it ends")
    is_done = list_backups(folder)[:1] != before[:1]  # the oldest may have gone for it
    assert waiting.sentence.text() == (TOO_LATE if is_done else NOT_DONE)
    if not is_done:
        assert (list_backups(folder), checks.backup.result.text()) == (before, words)
    click(waiting.stop)
    dialog.reject()
    program.settle()
    assert is_usable(program)


def test_adding_and_saving_a_copy(request: pytest.FixtureRequest, program: Program, tmp_path: Path) -> None:
    cancel_on_silent_share(program, tmp_path / "share.bin", "fsync")
    with silent_server(program):
        sums = cancel_an_addition(program, tmp_path / "server.bin", waits_for_the_server)
    is_told_truly(program, "server.bin", sums)
    cancel_a_copy(program, tmp_path / "copy.txt")
    count(request, "stalls, cancelled in the window", 3)


def test_a_backup_and_a_new_key(request: pytest.FixtureRequest, program: Program, tmp_path: Path) -> None:
    cancel_a_backup(program, tmp_path / "backups", "fsync")
    dialog = opened(program, KeysDialog)
    until(lambda: bool(dialog.people.model.rows), "it was read")
    before = dialog.keys.model.rows[0].number
    with silent_server(program):
        click(dialog.renew)
        waiting = program.dialog(WaitingDialog)
        click(waiting.stop)
        within_two_seconds(lambda: waiting.sentence.text().startswith(LEFT), "it is said")
        assert not waiting.isModal()
        assert dialog.keys.model.rows[0].number == before
    until(lambda: not dialog.renew.is_busy, "it ends")
    words = waiting.sentence.text()
    assert words in (TOO_LATE, NOT_DONE)
    click(waiting.stop)
    dialog.look()
    program.settle()
    assert dialog.keys.model.rows[0].number == before + (1 if words == TOO_LATE else 0)
    dialog.reject()
    program.settle()
    assert is_usable(program)
    count(request, "stalls, cancelled in the window", 2)


@pytest.mark.full
@pytest.mark.parametrize("call", STEPS)
def test_adding_at_each_call(request: pytest.FixtureRequest, program: Program, tmp_path: Path, call: str) -> None:
    cancel_on_silent_share(program, tmp_path / f"{call}.bin", call)
    count(request, "stalls, cancelled in the window", 1)


@pytest.mark.full
@pytest.mark.parametrize("call", STEPS)
def test_a_backup_at_each_call(request: pytest.FixtureRequest, program: Program, tmp_path: Path, call: str) -> None:
    cancel_a_backup(program, tmp_path / "backups", call)
    count(request, "stalls, cancelled in the window", 1)
