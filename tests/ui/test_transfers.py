"""Files on their way: rows, the sentence at the end, cancelling, conflicts, trying again."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.domain.rights import Standing
from desktop_app.errors import UnavailableError
from desktop_app.services.documents.title_conflicts import OnConflict
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.pending_conflicts import Answer
from desktop_app.ui.models.transfer_rows import Stage, Transfer, TransferTable
from desktop_app.ui.models.transfers import Destination, Transfers
from desktop_app.ui.widgets.transfer_panel import TransferPanel
from tests.ui.fake_services import Lab, Work, as_services


class Dock:
    """Transfers into a center in memory, with what they said."""

    def __init__(self, jobs: Jobs, folder: Path) -> None:
        self.lab = Lab()
        self.work = Work(self.lab.istanbul, Standing.USER, self.lab)
        self.transfers = Transfers(jobs)
        self.folder = folder
        self.sums: list[tuple[str, Tone]] = []
        self.transfers.summed_up.connect(lambda text, tone: self.sums.append((text, tone)))

    def file(self, name: str, content: bytes = b"content") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def add(self, *paths: Path) -> None:
        self.transfers.add(list(paths), Destination(as_services(self.work)))

    @property
    def stages(self) -> dict[str, Stage]:
        return {row.name: row.stage for row in self.transfers.table.rows}

    @property
    def titles(self) -> list[str]:
        return sorted(row.title for row in self.work.documents.list().rows)


@pytest.fixture
def dock(jobs: Jobs, tmp_path: Path) -> Dock:
    return Dock(jobs, tmp_path / "dropped")


def settle(transfers: Transfers, qtbot: QtBot) -> None:
    """Let the ticker notice that nothing is under way."""
    qtbot.waitUntil(lambda: not transfers.is_active and not transfers._timer.isActive())


def test_files_end_sealed_with_one_sentence(dock: Dock, qtbot: QtBot) -> None:
    dock.add(dock.file("a.txt"), dock.file("b.txt"))
    assert dock.stages == {"a.txt": Stage.SAVED, "b.txt": Stage.SAVED}
    assert dock.sums == [("2 files added to Istanbul Medical Center.", Tone.GOOD)]
    assert dock.titles == ["a.txt", "b.txt"]
    settle(dock.transfers, qtbot)


@pytest.mark.parametrize("stage", Stage)
def test_who_listens_hears_the_word_of_the_pill(stage: Stage, qapp: QApplication) -> None:
    table = TransferTable()
    table.append([Transfer(1, Path("a.txt"), "a.txt", "Ankara", stage=stage)])
    state = table.index(0, 3)
    cell = table.cell(state)
    assert cell is not None
    pill = cell.badge
    said = {table.data(state, role) for role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)}
    assert said == {"Being added" if pill is None else pill.text}


def test_a_folder_becomes_its_files(dock: Dock, qtbot: QtBot) -> None:
    dock.file("run/1.csv")
    dock.file("run/2.csv")
    dock.add(dock.folder / "run")
    assert dock.stages == {"1.csv": Stage.SAVED, "2.csv": Stage.SAVED}
    settle(dock.transfers, qtbot)


def test_an_empty_folder_says_so(dock: Dock, qtbot: QtBot) -> None:
    (dock.folder / "empty").mkdir(parents=True)
    dock.add(dock.folder / "empty")
    assert dock.sums == [("There was no file in what was dropped. Nothing was saved.", Tone.WARNING)]
    assert dock.stages == {}
    settle(dock.transfers, qtbot)


def test_what_was_not_saved_is_named_with_its_reason_and_can_be_tried_again(dock: Dock, qtbot: QtBot) -> None:
    dock.work.documents.fates = {"report.pdf": "it is open in another program."}
    dock.add(dock.file("a.txt"), dock.file("report.pdf"))
    said = "1 of 2 files added. 1 not: report.pdf: it is open in another program."
    assert dock.sums == [(said, Tone.DANGER)]
    assert dock.stages["report.pdf"] is Stage.FAILED
    dock.work.documents.fates = {}
    dock.transfers.retry()
    assert dock.stages == {"report.pdf": Stage.SAVED}
    assert dock.sums[-1] == ("1 file added to Istanbul Medical Center.", Tone.GOOD)
    assert dock.titles == ["a.txt", "report.pdf"], "what was saved before must not be saved again"
    settle(dock.transfers, qtbot)


def test_a_file_that_is_gone_is_named_once(dock: Dock, qtbot: QtBot) -> None:
    gone = dock.file("report.pdf")
    dock.work.documents.fates = {"report.pdf": f"{gone} is no longer there."}
    dock.add(gone)
    assert dock.sums == [("0 of 1 file added. 1 not: report.pdf: it is no longer there.", Tone.DANGER)]
    table = dock.transfers.table
    last = table.index(0, table.columnCount() - 1)
    assert table.data(last) == "report.pdf is no longer there."
    assert table.data(last, Qt.ItemDataRole.ToolTipRole) == f"{gone} is no longer there."
    settle(dock.transfers, qtbot)


def test_while_only_a_person_is_waited_for_no_time_is_foretold(dock: Dock, qtbot: QtBot) -> None:
    panel = TransferPanel(dock.transfers)
    qtbot.addWidget(panel)
    said: list[str] = []

    def answer() -> None:
        [row] = dock.transfers.table.rows
        row.size = 9_000
        dock.transfers._samples.extend([(0.0, 0), (1.0, 4)])
        panel._show_progress()
        said.append(panel.line.text())
        row.stage = Stage.SEALING
        panel._show_progress()
        said.append(panel.line.text())
        row.stage = Stage.ASKED
        dock.transfers.answer(dock.transfers.questions[0], Answer(OnConflict.SKIP))

    dock.add(dock.file("a.txt"))
    dock.transfers.asked.connect(answer)
    dock.add(dock.file("a.txt"))
    waiting, going = said
    assert waiting.endswith(" · 0 bytes of 8.8 kB")
    assert going.endswith(" · 4 bytes/s · 38 min left")
    settle(dock.transfers, qtbot)


def test_the_panel_says_that_it_waits_for_an_answer(dock: Dock, qtbot: QtBot) -> None:
    panel = TransferPanel(dock.transfers)
    qtbot.addWidget(panel)
    said: list[str] = []

    def answer() -> None:
        dock.transfers.changed.emit()
        said.append(panel.line.text())
        assert not panel.answer.isHidden()
        assert dock.stages["a.txt"] is Stage.ASKED
        dock.transfers.answer(dock.transfers.questions[0], Answer(OnConflict.SKIP))

    dock.add(dock.file("a.txt"))
    dock.transfers.asked.connect(answer)
    dock.add(dock.file("a.txt"))
    assert said == ["1 file waits for your answer · Added: 0 of 1 file"]
    assert not dock.transfers.is_asking
    assert panel.answer.isHidden()
    settle(dock.transfers, qtbot)


def test_many_failures_are_counted_not_recited(dock: Dock, qtbot: QtBot) -> None:
    files = [dock.file(f"{number}.txt") for number in range(5)]
    dock.work.documents.fates = {path.name: "it vanished." for path in files}
    dock.add(*files)
    assert dock.sums[0][0] == (
        "0 of 5 files added. 5 not: 0.txt: it vanished; 1.txt: it vanished; and 3 more, listed below."
    )
    settle(dock.transfers, qtbot)


def test_a_store_that_is_gone_fails_the_batch_and_says_what_it_means(dock: Dock, qtbot: QtBot) -> None:
    dock.lab.trouble.next("documents.add", UnavailableError("The store is not connected"))
    dock.add(dock.file("a.txt"))
    assert dock.sums == [("Nothing more was saved. The store is not connected.", Tone.DANGER)]
    assert dock.stages == {"a.txt": Stage.FAILED}
    assert dock.transfers.table.rows[0].reason == "The store is not connected."
    settle(dock.transfers, qtbot)


@pytest.mark.parametrize(
    ("choice", "titles", "stage"),
    [
        (OnConflict.VERSION, ["a.txt"], Stage.SAVED),
        (OnConflict.KEEP, ["a (2).txt", "a.txt"], Stage.SAVED),
        (OnConflict.SKIP, ["a.txt"], Stage.SKIPPED),
    ],
)
def test_a_title_that_exists_is_asked_about(
    dock: Dock, qtbot: QtBot, choice: OnConflict, titles: list[str], stage: Stage
) -> None:
    dock.add(dock.file("a.txt"))
    dock.transfers.asked.connect(lambda: dock.transfers.answer(dock.transfers.questions[0], Answer(choice)))
    dock.add(dock.file("a.txt"))
    assert dock.titles == titles
    (row,) = dock.transfers.table.rows
    assert (row.stage, row.name) == (stage, titles[0])
    settle(dock.transfers, qtbot)


def test_an_answer_for_all_is_asked_once(dock: Dock, qtbot: QtBot) -> None:
    files = [dock.file(f"{number}.txt") for number in range(4)]
    dock.add(*files)
    answered: list[str] = []

    def answer() -> None:
        if len(dock.transfers.questions) == 4:
            question = dock.transfers.questions[0]
            answered.append(question.title)
            dock.transfers.answer(question, Answer(OnConflict.VERSION, for_all=True))

    dock.transfers.asked.connect(answer)
    dock.add(*files)
    assert answered == ["0.txt"]
    assert [row.latest_number for row in dock.work.documents.list().rows] == [2, 2, 2, 2]
    settle(dock.transfers, qtbot)


def test_others_go_on_while_one_waits_and_the_answers_come_in_any_order(
    qtbot: QtBot, threaded_jobs: Jobs, tmp_path: Path
) -> None:
    dock = Dock(threaded_jobs, tmp_path)
    files = [dock.file(f"{number}.txt") for number in range(4)]
    dock.add(files[0], files[2])
    qtbot.waitUntil(lambda: len(dock.sums) == 1)
    dock.add(*files)
    waiting = {"0.txt": Stage.ASKED, "1.txt": Stage.SAVED, "2.txt": Stage.ASKED, "3.txt": Stage.SAVED}
    qtbot.waitUntil(lambda: dock.stages == waiting)
    qtbot.waitUntil(lambda: dock.transfers.only_asks)
    assert [question.title for question in dock.transfers.questions] == ["0.txt", "2.txt"]
    dock.transfers.answer(dock.transfers.questions[1], Answer(OnConflict.KEEP))
    qtbot.waitUntil(lambda: dock.stages.get("2 (2).txt") is Stage.SAVED)
    assert dock.stages["0.txt"] is Stage.ASKED
    assert len(dock.sums) == 1
    dock.transfers.answer(dock.transfers.questions[0], Answer(OnConflict.VERSION))
    qtbot.waitUntil(lambda: dock.sums[1:] == [("4 files added to Istanbul Medical Center.", Tone.GOOD)])
    assert not dock.transfers.is_asking
    settle(dock.transfers, qtbot)


def test_cancel_all_ends_the_drop_and_its_questions(qtbot: QtBot, threaded_jobs: Jobs, tmp_path: Path) -> None:
    dock = Dock(threaded_jobs, tmp_path)
    files = [dock.file(f"{number}.txt") for number in range(3)]
    dock.add(*files[:2])
    qtbot.waitUntil(lambda: len(dock.sums) == 1)
    dock.add(*files)
    qtbot.waitUntil(lambda: len(dock.transfers.questions) == 2 and dock.transfers.only_asks)
    dock.transfers.cancel_asking(dock.transfers.questions[0])
    qtbot.waitUntil(lambda: len(dock.sums) == 2)
    assert dock.titles == ["0.txt", "1.txt", "2.txt"], "what was added before stays"
    assert dock.stages["0.txt"] is dock.stages["1.txt"] is Stage.CANCELLED
    assert not dock.transfers.is_asking
    settle(dock.transfers, qtbot)


def test_a_row_leads_to_its_document(dock: Dock, qtbot: QtBot) -> None:
    panel = TransferPanel(dock.transfers)
    qtbot.addWidget(panel)
    shown: list[tuple[Destination, object]] = []
    panel.document_asked.connect(lambda destination, document_id: shown.append((destination, document_id)))
    dock.work.documents.fates = {"lost.txt": "it vanished."}
    dock.add(dock.file("a.txt"), dock.file("lost.txt"))
    assert panel.show_document.isHidden(), "two rows, and none is chosen"
    for row, is_saved in ((1, False), (0, True)):
        panel.table.choose_row(row)
        assert panel.show_document.isHidden() is not is_saved
    panel.show_document.click()
    (made,) = dock.work.documents.list().rows
    assert [(destination.work, document_id) for destination, document_id in shown] == [
        (as_services(dock.work), made.id)
    ]
    settle(dock.transfers, qtbot)


def test_cancelling_keeps_what_is_sealed_and_says_so(qtbot: QtBot, threaded_jobs: Jobs, tmp_path: Path) -> None:
    dock = Dock(threaded_jobs, tmp_path)
    first, second = dock.file("1.txt"), dock.file("2.txt")
    dock.work.documents.pieces = 10_000_000
    dock.work.documents.fates = {"1.txt": "it is locked."}
    dock.add(first, second)
    qtbot.waitUntil(lambda: dock.stages.get("2.txt") in (Stage.SEALING, Stage.CHECKING))
    assert dock.transfers.uses(as_services(dock.work))
    dock.transfers.cancel()
    qtbot.waitUntil(lambda: bool(dock.sums))
    assert dock.stages == {"1.txt": Stage.FAILED, "2.txt": Stage.CANCELLED}
    assert "1 cancelled, and not kept." in dock.sums[0][0]
    assert dock.titles == []
    settle(dock.transfers, qtbot)


def test_the_panel_shows_while_files_move_and_folds_when_all_is_well(dock: Dock, qtbot: QtBot, look: object) -> None:
    panel = TransferPanel(dock.transfers)
    qtbot.addWidget(panel)
    assert panel.isHidden()
    dock.add(dock.file("a.txt"))
    assert not panel.isHidden()
    assert panel.is_folded
    assert panel.line.text() == "1 file added to Istanbul Medical Center."
    assert panel.retry.isHidden()
    dock.work.documents.fates = {"b.txt": "it vanished."}
    dock.add(dock.file("b.txt"))
    assert not panel.is_folded, "what went wrong is shown"
    assert not panel.retry.isHidden()
    dock.work.documents.fates = {}
    panel.retry.click()
    assert dock.stages["b.txt"] is Stage.SAVED
    panel.close_button.click()
    assert panel.isHidden()
    settle(dock.transfers, qtbot)
