"""The health of a center in the real window: what was checked, damage that is found, and the reading by the way."""

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtWidgets import QLabel

from desktop_app.ui.dialogs.health import HealthDialog
from desktop_app.ui.dialogs.health_backups import BackupChecks, DrillDialog
from desktop_app.ui.shell.application import Look
from desktop_app.ui.widgets.check_card import Check
from tests.ui.journey_fixture import ADMIN, CLINIC, Day
from tools import steps
from tools.driver import Program, click, until, write


@pytest.fixture
def program(day: Day, look: Look) -> Iterator[Program]:
    with Program(day.home, look, width=1366, height=768) as opened:
        steps.sign_in(opened, ADMIN)
        steps.open_center(opened, CLINIC)  # others may have been in another one last
        yield opened


def opened(program: Program) -> HealthDialog:
    tab = program.workspace.tabs.centers
    steps.show(program, tab)
    work = program.workspace.work
    assert work is not None
    steps.choose(program, tab, work.center.name)
    click(tab.health)
    dialog: HealthDialog = program.dialog(HealthDialog)
    until(lambda: bool(dialog.files.result.text()), "it was read")
    return dialog


def said(dialog: HealthDialog) -> list[str]:
    return [label.text() for label in dialog._page.findChildren(QLabel) if not label.isHidden()]


def is_good(check: Check) -> bool:
    return check.result.text().startswith("Everything was in order, ")


def a_stored_file(program: Program) -> Path:
    work = program.workspace.work
    assert work is not None
    store = Path(program.workspace.context.lab.profile.store.path)
    return next(path for path in sorted((store / work.center.schema_name).rglob("*")) if path.is_file())


def test_checks_that_are_asked_for(program: Program) -> None:
    dialog = opened(program)
    assert dialog.width() <= 1366 - 80
    assert dialog.height() <= 768 - 80
    for check in (dialog.documents, dialog.record):
        assert check.result.text() == "Not done on this computer yet."
        assert check.button is not None
        click(check.button)
        until(partial(is_good, check), "it was checked")
    dialog.reject()
    again = opened(program)
    assert is_good(again.documents), "it is remembered"
    again.reject()


def test_damage_is_found_by_the_way_and_shown_until_it_is_mended(program: Program) -> None:
    file = a_stored_file(program)
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    try:
        program.workspace.maintenance.scrubbing.step()
        until(lambda: "damaged or missing" in program.workspace.banner.text, "it is said")
        dialog = opened(program)
        until(lambda: any(text.endswith(" was cut.") for text in said(dialog)), "it is named")
        assert dialog.files.result.text().endswith("What is wrong stands below.")
        dialog.reject()
    finally:
        file.write_bytes(whole)
    dialog = opened(program)
    until(lambda: dialog.files.result.text().startswith("All "), "it is not wrong any more")
    assert not any("was cut" in text for text in said(dialog))
    dialog.reject()


def test_what_is_safe_is_mended(program: Program) -> None:
    folder = a_stored_file(program).parent
    half = folder / f".{folder.name}{str(uuid4())[2:]}.part"
    half.write_bytes(b"half")
    dialog = opened(program)
    assert dialog.mend.isHidden()
    assert dialog.documents.button is not None
    click(dialog.documents.button)
    until(lambda: dialog.mend.isVisible(), "it is found")
    assert dialog.documents.result.text().startswith("One thing needed attention, ")
    click(dialog.mend)
    until(lambda: dialog.mend.isHidden() and is_good(dialog.documents), "it is mended")
    assert not half.exists()
    dialog.reject()


def test_nothing_is_read_while_somebody_works_or_the_window_is_locked(program: Program) -> None:
    workspace, enough, steps_done = program.workspace, threading.Event(), list[None]()
    scrubbing = workspace.maintenance.scrubbing
    scrubbing.stepped.connect(lambda: steps_done.append(None))
    program.jobs.start(workspace, lambda _job: enough.wait(), lambda _done: None)
    scrubbing.step()
    enough.set()
    program.settle()
    assert steps_done == []
    scrubbing.step()
    until(lambda: bool(steps_done), "now it is")
    assert scrubbing._timer.isActive()
    program.window.lock()
    assert not scrubbing._timer.isActive()


def backups_of(dialog: HealthDialog) -> BackupChecks:
    assert dialog.backups is not None, "a system administrator sees them"
    return dialog.backups


def says(check: Check, words: str) -> bool:
    return words in check.result.text()


def is_whole(check: Check) -> bool:
    return check.result.height() >= check.result.heightForWidth(check.result.width())


def press(check: Check) -> None:
    assert check.button is not None
    until(check.button.isEnabled, "it is known")
    click(check.button)


def test_a_backup_is_made_and_tried(program: Program, tmp_path: Path) -> None:
    dialog = opened(program)
    checks = backups_of(dialog)
    until(lambda: bool(checks.drill.result.text()), "it is known")
    assert checks.backup.result.text() == "This computer made none yet."
    assert checks.drill.result.text() == "Not done on this computer yet."
    press(checks.backup)
    (tmp_path / "backups").mkdir()
    program.answer_file_dialog(tmp_path / "backups")
    until(lambda: checks.backup.result.text().startswith("The newest is of "), "it was made")
    assert str(tmp_path) in checks.backup.result.text()
    assert "labkeep-admin backup DIR --every day" in checks.backup.result.text()
    for password, answer in (("not this password", "open nothing here"), (ADMIN.password, "Everything came back")):
        press(checks.drill)
        asked = program.dialog(DrillDialog)
        write(asked.password.line, password)
        click(asked.verb)
        until(partial(says, checks.drill, answer), "it answers")
        until(partial(is_whole, checks.drill), "no line of it is cut")
    dialog.reject()
    again = opened(program)
    until(lambda: "Everything came back" in backups_of(again).drill.result.text(), "it is remembered")
    again.reject()
