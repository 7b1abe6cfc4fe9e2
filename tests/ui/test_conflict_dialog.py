"""The question about a name that is there already, or twice in one drop."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop_app.services.adding import ConflictQuestion, OnConflict, Twin
from desktop_app.ui.application import Look
from desktop_app.ui.dialogs.conflict import ConflictDialog
from desktop_app.ui.transfers import Answer
from tests.ui.made_records import document

FIRST, SECOND = Path("/runs/1/report.pdf"), Path("/runs/2/report.pdf")
PATHS = f"Before it in this drop: {FIRST}\nThis file: {SECOND}"


@pytest.mark.parametrize(
    ("existing", "twin", "title", "about", "version"),
    [
        (3, None, "“report.pdf” exists already", "It has version 3", "Save as &version 4 of it"),
        (0, Twin(FIRST, 1), "Two files are called “report.pdf”", PATHS, "Save as &version 2 of it"),
        (3, Twin(FIRST, 4), "“report.pdf” exists already", PATHS, "Save as &version 5 of it"),
    ],
)
def test_it_says_what_has_the_name(
    look: Look, qtbot: QtBot, existing: int, twin: Twin | None, title: str, about: str, version: str
) -> None:
    there = (document(1, title="report.pdf", latest_number=existing),) if existing else ()
    answers: list[Answer] = []
    dialog = ConflictDialog(ConflictQuestion(SECOND, "report.pdf", there, twin), answers.append)
    qtbot.addWidget(dialog)
    dialog.show()
    said = [each.text() for each in dialog.findChildren(QLabel)]
    assert title in said
    assert any(about in each for each in said), said
    assert dialog.choices.buttons()[0].text() == version
    dialog.for_all.setChecked(True)
    dialog.choose(OnConflict.KEEP)
    dialog.verb.click()
    assert answers == [Answer(OnConflict.KEEP, for_all=True)]
