"""The same file name for two patients, in the real window: each gets a document of its own, and nobody is asked."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from desktop_app.ui.dialogs.title_conflict import TitleConflictDialog
from desktop_app.ui.shell.application import Look
from desktop_app.ui.shell.workspace import Workspace
from tests.ui.journey_fixture import ADMIN, Day
from tools import steps
from tools.driver import Drag, Program, click, until

CENTER, FIRST, SECOND = "Two patients", "TWO-0001", "TWO-0002"


@pytest.fixture
def program(day: Day, look: Look) -> Iterator[Program]:
    with Program(day.home, look, width=1366, height=768) as opened:
        steps.sign_in(opened, ADMIN)
        steps.make_center(opened, CENTER, "For two patients.")
        steps.open_center(opened, CENTER)
        yield opened


def drop_on(program: Program, barcode: str, paths: list[Path]) -> None:
    samples = program.workspace.tabs.samples
    steps.choose(program, samples, barcode)
    until(
        lambda: samples.detail.title.text() and samples._shown is not None and samples._shown.barcode == barcode,
        f"{barcode} is shown",
    )
    drag = Drag(samples.drop, paths)
    assert drag.said.endswith(f"for {barcode}")
    assert drag.drop()


def says(workspace: Workspace, words: str) -> bool:
    return workspace.panel.line.text() == words


def documents_of(program: Program, barcode: str) -> list[tuple[str, int, bytes]]:
    work = program.workspace.work
    assert work is not None
    rows = work.documents.list().rows
    return sorted(
        (row.title, row.latest_number, work.documents.content(row)) for row in rows if row.sample_barcode == barcode
    )


def test_dropped_on_two_samples(program: Program, tmp_path: Path) -> None:
    workspace, report = program.workspace, tmp_path / "report.pdf"
    for barcode, name in ((FIRST, "Serum of A"), (SECOND, "Serum of B")):
        steps.make_sample(program, name, barcode)
    for barcode in (FIRST, SECOND):
        report.write_bytes(b"%PDF of " + barcode.encode())
        drop_on(program, barcode, [report])
        until(partial(says, workspace, f"1 file added to {barcode}."), "the file is added")
        assert not program.has_dialog(TitleConflictDialog)
        program.settle()
    for barcode in (FIRST, SECOND):
        assert documents_of(program, barcode) == [("report.pdf", 1, b"%PDF of " + barcode.encode())]

    # Again on the second one: now it is asked, about that patient's document, and the other file goes on.
    other = tmp_path / "other.txt"
    other.write_text("goes on")
    drop_on(program, SECOND, [report, other])
    dialog = program.dialog(TitleConflictDialog)
    assert dialog.question.sample is not None
    assert (dialog.question.sample.barcode, dialog.question.sample.name) == (SECOND, "Serum of B")
    until(lambda: dialog.sameness.text() == "The contents are identical.", "the contents are compared")
    until(lambda: ("other.txt", 1, b"goes on") in documents_of(program, SECOND), "the other file is added meanwhile")
    assert dialog.width() <= 1366 - 80
    assert dialog.height() <= 768 - 80
    click(dialog.verb)
    until(lambda: workspace.panel.line.text() == f"2 files added to {SECOND}.", "both are added")
    program.settle()
    assert [title for title, _number, _content in documents_of(program, SECOND)] == [
        "other.txt",
        "report (2).pdf",
        "report.pdf",
    ]
    assert len(documents_of(program, FIRST)) == 1

    # The result leads to the very document.
    workspace.panel.set_folded(False)
    rows = workspace.transfers.table.rows
    made = next(at for at, row in enumerate(rows) if row.name == "report (2).pdf")
    workspace.panel.table.choose_row(made)
    click(workspace.panel.show_document)
    program.settle()
    until(lambda: workspace.tabs.documents.detail.title.text() == "report (2).pdf", "the document is shown")
    assert isinstance(rows[made].document_id, UUID)
