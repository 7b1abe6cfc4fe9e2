"""How the installation is, in the real window: asked for at the foot, with findings and next steps; and the sweep."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtWidgets import QLabel

from desktop_app.db import uploads
from desktop_app.domain.rights import Verb
from desktop_app.ui.dialogs.status import StatusDialog
from desktop_app.ui.shell.application import Look
from tests.ui.journey_fixture import ADMIN, OTHER, Day
from tools import steps
from tools.driver import Program, click, until


@pytest.fixture
def program(day: Day, look: Look) -> Iterator[Program]:
    with Program(day.home, look, width=1366, height=768) as opened:
        steps.sign_in(opened, ADMIN)
        yield opened


def asked(program: Program) -> StatusDialog:
    click(program.workspace.foot.place)
    dialog: StatusDialog = program.dialog(StatusDialog)
    until(lambda: dialog.again.isEnabled(), "it was looked")
    return dialog


def said(dialog: StatusDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel) if not label.isHidden()]


def test_a_quiet_day_and_a_store_that_is_away(program: Program) -> None:
    dialog = asked(program)
    assert dialog.title.text() == "Everything is in order"
    assert dialog.width() <= 1366 - 80
    assert dialog.height() <= 768 - 80
    store = Path(program.workspace.context.lab.profile.store.path)
    away = store.with_name("away")
    store.rename(away)
    try:
        click(dialog.again)
        until(lambda: dialog.title.text() == "One thing needs attention", "it is found")
        assert any("is not there" in text for text in said(dialog))
        assert any(text.startswith("Look at ") for text in said(dialog))
    finally:
        away.rename(store)
    click(dialog.again)
    until(lambda: dialog.title.text() == "Everything is in order", "it is back")
    dialog.reject()


def test_opening_a_center_sweeps_it(program: Program) -> None:
    with program.workspace.context.lab.center(OTHER) as work:
        context = work.documents.context
        with context.change(Verb.EDIT_DOCUMENTS) as session:
            uploads.reserve(session, [(uuid4(), uuid4(), uuid4())])
            [version] = session.connection().exec_driver_sql("SELECT id FROM document_uploads").scalars()
            uploads.abandon(session, [version])
        with context.read() as session:
            assert uploads.counts(session).to_sweep == 1
        steps.open_center(program, OTHER)
        program.settle()
        with context.read() as session:
            assert uploads.counts(session).to_sweep == 0
