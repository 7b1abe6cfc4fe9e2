"""What is typed into a form outlasts a crash: kept as one types, offered at the sign-in, gone once it was answered."""

import os
import subprocess
import time
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.rights import Standing
from desktop_app.services.session.drafts import FormContent
from desktop_app.ui.dialogs import kept_typing
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.dialogs.drafts import DraftsDialog
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.shell.application import Look
from desktop_app.ui.tabs.record_form import continue_form
from desktop_app.ui.tabs.samples import SamplesTab
from tests.forking import program as forked
from tests.ui.conftest import MakeContext
from tests.ui.editors import line
from tests.ui.fake_live import KeptFormInMemory
from tests.ui.fake_services import Lab
from tests.ui.journey_fixture import ADMIN, CLINIC, Day
from tests.ui.made_records import sample
from tests.ui.tab_bench import Bench
from tools import steps
from tools.driver import Program, click, until


def fill(lab: Lab) -> None:
    lab.sample_rows = [sample(1, status=SampleStatus.PENDING, name="As it was")]


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(kept_typing, "PAUSE_MS", 0)
    bench = Bench(SamplesTab, make_context, qtbot, Standing.USER, fill)
    bench.tab.records.table.choose_row(0)
    return bench


def only_kept(bench: Bench) -> KeptFormInMemory:
    (kept,) = bench.lab.drafts.kept.values()
    return kept


def test_changed_fields_are_kept_as_one_types_and_removed_when_saved(bench: Bench, qtbot: QtBot) -> None:
    bench.tab.edit.click()
    dialog = bench.dialog(SampleDialog)
    assert only_kept(bench).content is None, "nothing was typed"
    line(dialog.fields["name"]).setText("Half")
    qtbot.waitUntil(lambda: only_kept(bench).content is not None)
    content = only_kept(bench).content
    assert content is not None
    assert content.fields == {"name": ("As it was", "Half")}
    assert (content.kind, content.center_id) == ("Sample", bench.work.center.id)
    assert "As it was" in content.title
    line(dialog.fields["name"]).setText("As it was")
    qtbot.waitUntil(lambda: only_kept(bench).content is None)
    line(dialog.fields["name"]).setText("Whole")
    qtbot.waitUntil(lambda: only_kept(bench).content is not None)
    dialog.submit()
    assert only_kept(bench).content is None


def test_discarding_removes_it_and_a_window_that_goes_away_does_not(bench: Bench, qtbot: QtBot) -> None:
    bench.tab.edit.click()
    dialog = bench.dialog(SampleDialog)
    line(dialog.fields["name"]).setText("Half")
    qtbot.waitUntil(lambda: only_kept(bench).content is not None)
    dialog.reject()
    bench.dialog(Confirm).verb.click()
    assert only_kept(bench).content is None
    bench.lab.drafts.kept.clear()
    bench.tab.edit.click()
    dialog = bench.dialog(SampleDialog)
    line(dialog.fields["name"]).setText("Half")
    qtbot.waitUntil(lambda: only_kept(bench).content is not None)
    dialog.deleteLater()
    qtbot.waitUntil(lambda: not only_kept(bench).open)
    assert [each.content.title for each in bench.lab.drafts.left()] == ["Edit sample: As it was"]


def left(bench: Bench, before: str, record: UUID | None) -> None:
    fields: dict[str, tuple[object, object]] = {
        "name": (before, "Half typed"),
        "user_id": (str(bench.lab.sample_rows[0].user_id), str(bench.lab.user.id)),
        "unheard_of": ("", "x"),
    }
    bench.lab.drafts.leave(FormContent("Sample", bench.work.center.id, record, "Edit sample", fields))
    (draft,) = bench.lab.drafts.left()
    continue_form(bench.tab, draft)


def test_it_is_continued_over_the_record_as_it_is_now(bench: Bench) -> None:
    left(bench, "As it was", bench.lab.sample_rows[0].id)
    dialog = bench.dialog(SampleDialog)
    assert dialog.fields["name"].value == "Half typed"
    assert dialog.fields.is_changed
    assert "not saved" in dialog.banner.text
    assert "Others" not in dialog.banner.text


def test_what_others_changed_meanwhile_is_said(bench: Bench) -> None:
    left(bench, "As it was before that", bench.lab.sample_rows[0].id)
    assert "Others changed meanwhile: Name" in bench.dialog(SampleDialog).banner.text


def test_a_new_one_is_continued(bench: Bench) -> None:
    left(bench, "", None)
    assert bench.dialog(SampleDialog).fields["name"].value == "Half typed"


CHILD = """
import os, signal, sys
from pathlib import Path
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from tests.light_passwords import lighten
lighten()
from PySide6.QtWidgets import QApplication
from tests.ui.editors import line
from tests.ui.journey_fixture import ADMIN, CLINIC
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.shell.application import Look, make_application
from tools import steps
from tools.driver import Program, until
with Program(Path(sys.argv[1]), Look(make_application(["labkeep"]))) as program:
    steps.sign_in(program, ADMIN)
    steps.open_center(program, CLINIC)
    steps.show(program, program.workspace.tabs.samples)
    program.workspace.tabs.samples.begin_sample()
    dialog = program.dialog(SampleDialog)
    line(dialog.fields["name"]).setText("Typed before the power failed")
    folder = Path(sys.argv[1]) / "state" / "drafts"
    until(lambda: any(p.is_file() and not p.suffix for p in folder.rglob("*")), "it is kept")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_real_window_that_is_killed(day: Day, look: Look) -> None:
    """A process of its own; the next sign-in offers what was typed, and it is saved."""
    began = time.monotonic()
    done = subprocess.run(
        forked("window", "-c", CHILD, day.home), cwd=Path(__file__).parents[2], capture_output=True, check=False,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, timeout=120,
    )  # fmt: skip
    assert done.returncode == -9, (time.monotonic() - began, done.stderr.decode())
    kept = [path for path in (day.home / "state" / "drafts").rglob("*") if path.is_file()]
    assert kept
    assert not any(b"Typed before" in path.read_bytes() for path in kept)
    with Program(day.home, look) as program:
        steps.sign_in(program, ADMIN)
        steps.open_center(program, CLINIC)
        banner = program.workspace.drafts
        until(lambda: "Typed before the power failed" in banner.text, "it is offered")
        click(banner._step)
        chooser = program.dialog(DraftsDialog)
        click(next(each for each in chooser.findChildren(QPushButton) if each.text() == "Continue"))
        dialog = program.dialog(SampleDialog)
        assert dialog.fields["name"].value == "Typed before the power failed"
        click(dialog.verb)
        rows = program.workspace.tabs.samples.records.model
        until(lambda: any(row.name == "Typed before the power failed" for row in rows.rows), "it is saved")
        assert banner.text == ""
        until(lambda: not any(path.is_file() for path in (day.home / "state" / "drafts").rglob("*")), "nothing is left")
