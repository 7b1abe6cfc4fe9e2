"""The question about a title that the sample has already: both sides are shown, and leaving it decides nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.rights import Standing
from desktop_app.errors import UnavailableError
from desktop_app.services.documents.title_conflicts import ConflictQuestion, OnConflict, Sameness
from desktop_app.ui.dialogs.title_conflict import TitleConflictDialog
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.models.pending_conflicts import Answer
from desktop_app.ui.models.transfer_rows import Stage
from desktop_app.ui.models.transfers import Destination, Transfers
from desktop_app.ui.shell.application import Look
from desktop_app.ui.shell.title_conflicts import TitleConflicts
from tests.ui.fake_services import Lab, Work, as_services
from tests.ui.made_records import document, sample

FILE = Path("/runs/2/report.pdf")
QUESTION = ConflictQuestion(
    FILE,
    "report.pdf",
    (document(1, title="report.pdf", latest_number=3, size=2048),),
    "report & more (2).pdf",
    sample(7, name="Serum of <b>X</b>", barcode="GOK-0007"),
    4096,
    datetime(2026, 11, 28, 12, 0, tzinfo=UTC),
)


def said(dialog: QWidget) -> list[str]:
    return [each.text() for each in dialog.findChildren(QLabel)]


def made(
    qtbot: QtBot, question: ConflictQuestion = QUESTION, others: int = 0
) -> tuple[TitleConflictDialog, list[Answer]]:
    answers: list[Answer] = []
    dialog = TitleConflictDialog(question, "Istanbul Medical Center", others)
    dialog.answered.connect(answers.append)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog, answers


def test_it_shows_both_sides_and_a_document_of_its_own_is_the_default(look: Look, qtbot: QtBot) -> None:
    dialog, answers = made(qtbot)
    words = said(dialog)
    for each in (
        "“report.pdf” is there already",
        "The sample Serum of <b>X</b> (GOK-0007) has a document of this title.",
        *["Serum of <b>X</b> · GOK-0007", "3", "2.0 kB", "4.0 kB", "/runs/2", "report.pdf"],
    ):
        assert each in words
    assert [button.text() for button in dialog.choices.buttons()] == [
        "A document of its &own: “report && more (2).pdf”",
        "&Version 4 of this document",
        "&Skip this file",
    ]
    assert dialog.for_all.isHidden()
    dialog.verb.click()
    assert answers == [Answer(OnConflict.KEEP)]


def test_an_answer_may_hold_for_all_that_wait(look: Look, qtbot: QtBot) -> None:
    dialog, answers = made(qtbot, others=2)
    assert dialog.for_all.text() == "The same for the 2 other files that wait"
    dialog.for_all.setChecked(True)
    dialog.choose(OnConflict.VERSION)
    dialog.verb.click()
    assert answers == [Answer(OnConflict.VERSION, for_all=True)]


def test_a_second_file_of_the_drop_is_not_offered_as_a_version(look: Look, qtbot: QtBot) -> None:
    dialog, _answers = made(qtbot, replace(QUESTION, offers_version=False))
    assert [button.isEnabled() for button in dialog.choices.buttons()] == [True, False, True]


def test_of_no_sample_it_names_the_center(look: Look, qtbot: QtBot) -> None:
    dialog, _answers = made(qtbot, replace(QUESTION, sample=None))
    assert "Istanbul Medical Center has a document of this title that belongs to no sample." in said(dialog)


@pytest.mark.parametrize(
    ("sameness", "words"),
    [
        (Sameness.SAME, "The contents are identical."),
        (Sameness.DIFFERENT, "The contents are different."),
        (Sameness.NOT_COMPARED, "The contents were not compared."),
    ],
)
def test_it_says_honestly_whether_the_contents_are_the_same(
    look: Look, qtbot: QtBot, sameness: Sameness, words: str
) -> None:
    dialog, _answers = made(qtbot)
    assert "Comparing the contents…" in said(dialog)
    dialog.show_sameness(sameness)
    assert words in said(dialog)


class Floor:
    """Transfers with a window that asks, on real threads."""

    def __init__(self, jobs: Jobs, qtbot: QtBot, folder: Path) -> None:
        self.lab = Lab()
        self.work = Work(self.lab.istanbul, Standing.USER, self.lab)
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.transfers = Transfers(jobs, self.window)
        self.conflicts = TitleConflicts(self.transfers, jobs, self.window)
        self.qtbot = qtbot
        self.files = [folder / f"{number}.txt" for number in range(3)]
        for path in self.files:
            path.write_text("content")

    def add(self, *paths: Path) -> None:
        self.transfers.add(paths, Destination(as_services(self.work)))

    def add_what_is_there(self) -> None:
        """Two of the three files have a title that is there already; both wait."""
        self.add(*self.files[:2])
        self.end()
        self.add(*self.files)
        self.qtbot.waitUntil(
            lambda: self.stages == [Stage.ASKED, Stage.ASKED, Stage.SAVED] and self.transfers.only_asks
        )

    @property
    def dialog(self) -> TitleConflictDialog:
        self.qtbot.waitUntil(lambda: self.conflicts.dialog is not None)
        assert self.conflicts.dialog is not None
        return self.conflicts.dialog

    def end(self) -> None:
        self.qtbot.waitUntil(lambda: not self.transfers.is_active and not self.transfers._timer.isActive())

    @property
    def stages(self) -> list[Stage]:
        return [row.stage for row in self.transfers.table.rows]


@pytest.fixture
def floor(look: Look, qtbot: QtBot, threaded_jobs: Jobs, tmp_path: Path) -> Floor:
    return Floor(threaded_jobs, qtbot, tmp_path)


def test_one_question_after_the_other(floor: Floor) -> None:
    floor.add_what_is_there()
    first = floor.dialog
    assert first.question.title == "0.txt"
    floor.qtbot.waitUntil(lambda: first.sameness.text() == "The contents are different.")
    first.verb.click()
    second = floor.dialog
    assert second.question.title == "1.txt"
    second.choose(OnConflict.SKIP)
    second.verb.click()
    floor.end()
    assert floor.stages == [Stage.SAVED, Stage.SKIPPED, Stage.SAVED]


def test_leaving_it_leaves_the_questions_open(floor: Floor) -> None:
    floor.add_what_is_there()
    floor.dialog.reject()
    assert floor.conflicts.dialog is None
    assert len(floor.transfers.questions) == 2
    assert floor.stages == [Stage.ASKED, Stage.ASKED, Stage.SAVED]
    floor.conflicts.ask()
    assert floor.dialog.question.title == "0.txt"
    floor.dialog.for_all.setChecked(True)
    floor.dialog.verb.click()
    floor.end()
    assert floor.stages == [Stage.SAVED] * 3


def test_cancel_all(floor: Floor) -> None:
    floor.add_what_is_there()
    floor.dialog.cancel_all.click()
    floor.end()
    assert floor.stages == [Stage.CANCELLED, Stage.CANCELLED, Stage.SAVED]
    assert floor.conflicts.dialog is None


def test_what_cannot_be_compared_is_said_so(floor: Floor) -> None:
    floor.lab.trouble.next("documents.compare", UnavailableError("The store is away."))
    floor.add_what_is_there()
    floor.qtbot.waitUntil(lambda: floor.dialog.sameness.text() == "The contents were not compared.")
    floor.dialog.cancel_all.click()
    floor.end()
