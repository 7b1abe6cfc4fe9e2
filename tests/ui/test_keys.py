"""The keys of a center in the real window: what is in force, who can open, a new one, and the review to take along."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.ui.dialogs.keys import KeysDialog
from desktop_app.ui.shell.application import Look
from tests.ui.journey_fixture import ADMIN, Day
from tools import steps
from tools.driver import Program, click, until


@pytest.fixture
def program(day: Day, look: Look) -> Iterator[Program]:
    with Program(day.home, look, width=1366, height=768) as opened:
        steps.sign_in(opened, ADMIN)
        yield opened


def opened(program: Program) -> KeysDialog:
    tab = program.workspace.tabs.centers
    steps.show(program, tab)
    work = program.workspace.work
    assert work is not None
    steps.choose(program, tab, work.center.name)
    click(tab.keys)
    dialog: KeysDialog = program.dialog(KeysDialog)
    until(lambda: bool(dialog.people.model.rows), "it was read")
    return dialog


def test_a_new_key_and_who_can_open_the_documents(program: Program, tmp_path: Path) -> None:
    dialog = opened(program)
    assert dialog.width() <= 1366 - 80
    assert dialog.height() <= 768 - 80
    before = dialog.keys.model.rows[0].number
    assert dialog.title.text().startswith(f"Key {before} is in force since ")
    kinds = {holder.kind for holder in dialog.people.model.rows}
    assert {"recovery kit", "system administrator"} <= kinds
    click(dialog.renew)
    until(lambda: dialog.title.text().startswith(f"Key {before + 1} is in force"), "there is a new one")
    assert dialog.explanation.text() == "Nobody who has left could open it."
    target = tmp_path / "review.csv"
    dialog._work.keys.export_holders(dialog._holders, target)
    rows = list(csv.DictReader(target.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["name"] for row in rows] == [str(one.display_name) for one in dialog.people.model.rows]
    assert all(str(before + 1) in row["keys"].split() for row in rows)
    dialog.reject()
