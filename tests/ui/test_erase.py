"""Erasing a person's data in the window: nothing goes by searching or asking, and the center's name is typed last."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.domain.erasure import ErasureState
from desktop_app.domain.rights import Standing
from desktop_app.errors import RefusedError
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.dialogs.erase import EraseDialog
from desktop_app.ui.dialogs.reason import ReasonDialog
from tests.ui.conftest import MakeContext
from tests.ui.editors import line, lines
from tests.ui.fake_services import Lab, Work, as_services
from tests.ui.made_records import document, sample

OWNER = sample(1, name="Serum of Zerrin")


def fill(lab: Lab) -> None:
    lab.document_rows = [document(1, title="Finding of Zerrin"), document(2, title="Counts")]


class Bench:
    def __init__(self, make_context: MakeContext, qtbot: QtBot, prepare: Callable[[Lab], None] = fill) -> None:
        context, _said, lab = make_context(Standing.ADMIN, prepare)
        self.qtbot = qtbot
        self.work = Work(lab.istanbul, Standing.ADMIN, lab)
        self.lab = lab
        self.dialog = EraseDialog(context.jobs, as_services(self.work))
        qtbot.addWidget(self.dialog)
        self.dialog.show()

    def ask_for(self, mark: str) -> None:
        self.dialog.mark.setText(mark)
        self.dialog.search.click()
        self.dialog.ask_for.click()
        reason = self.dialog.findChild(ReasonDialog)
        assert reason is not None
        lines(reason.fields["reason"]).setPlainText("a right that was claimed")
        reason.submit()


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot) -> Bench:
    return Bench(make_context, qtbot)


def test_searched_asked_for_and_confirmed(bench: Bench) -> None:
    dialog = bench.dialog
    assert not dialog.ask_for.isEnabled()
    bench.ask_for("Zerrin")
    assert len(bench.work.documents.list().rows) == 2, "nothing is gone yet"
    assert (len(dialog.found.model.rows), dialog.mark.text()) == (0, "")
    assert not dialog.confirm.isEnabled()
    dialog.requests.table.choose_row(0)
    dialog.confirm.click()
    question = dialog.findChild(Confirm)
    assert question is not None
    assert not question.verb.isEnabled()
    line(question._typed).setText("Istanbul Medical Center")
    question.verb.click()
    assert [each.title for each in bench.work.documents.list().rows] == ["Counts"]
    assert "7 entries" in dialog.counted.text()
    assert not dialog.requests.model.rows


def test_where_two_are_wanted_ones_own_is_not_confirmed_and_can_be_withdrawn(bench: Bench) -> None:
    bench.work.erasure.two = True
    bench.ask_for("Zerrin")
    bench.dialog.requests.table.choose_row(0)
    assert not bench.dialog.confirm.isEnabled()
    assert "Another administrator" in bench.dialog.confirm.toolTip()
    bench.dialog.withdraw.click()
    assert [each.state for each in bench.work.erasure.asked] == [ErasureState.WITHDRAWN]
    assert not bench.dialog.requests.model.rows
    assert len(bench.work.documents.list().rows) == 2


def test_what_fails_is_said(bench: Bench) -> None:
    bench.lab.trouble.next("erasure.search", RefusedError("That stands in too much."))
    bench.dialog.mark.setText("e")
    bench.dialog.search.click()
    assert bench.dialog.banner.isVisible()
    assert not bench.dialog.ask_for.isEnabled()


def of_a_sample(lab: Lab) -> None:
    lab.sample_rows = [OWNER]
    owner = {"sample_id": OWNER.id, "sample_barcode": OWNER.barcode}
    lab.document_rows = [document(1, title="Zerrin 1", **owner), document(2, title="Zerrin 2", **owner)]


def tick(bench: Bench, name: str, key: Qt.Key | None = None) -> None:
    """Click on the box of a row, or choose the row and press the key."""
    found = bench.dialog.found
    row = next(at for at, each in enumerate(found.model.rows) if each.name.startswith(name))
    place = found.table.visualRect(found.model.index(row, 0)).center()
    if key is None:
        bench.qtbot.mouseClick(found.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    else:
        found.table.choose_row(row)
        bench.qtbot.keyClick(found.table, key)


def ticked(bench: Bench) -> list[str]:
    model = bench.dialog.found.model
    state = Qt.ItemDataRole.CheckStateRole
    return [
        each.name.split(",")[0]
        for at, each in enumerate(model.rows)
        if model.data(model.index(at, 0), state) == Qt.CheckState.Checked
    ]


def test_single_things_are_left_out_and_the_count_follows(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(make_context, qtbot, of_a_sample)
    dialog, barcode = bench.dialog, OWNER.barcode
    dialog.mark.setText("Zerrin")
    dialog.search.click()
    everything = [barcode, "Zerrin 1", "Zerrin 2", "4", "9"]
    assert ticked(bench) == everything
    assert dialog.counted.text() == "1 sample, 2 documents, 2 entries of the record about other things."
    tick(bench, "Zerrin 1")
    assert ticked(bench) == ["Zerrin 2", "4", "9"], "a document that stays keeps its sample"
    assert dialog.counted.text().startswith("0 samples, 1 document, 2 entries of the record about other things. 2 left")
    tick(bench, barcode)
    assert ticked(bench) == everything, "a sample takes its documents with it"
    tick(bench, "9", Qt.Key.Key_Space)
    tick(bench, barcode, Qt.Key.Key_Space)
    assert ticked(bench) == ["Zerrin 1", "Zerrin 2", "4"]
    dialog.found.table.selectAll()
    qtbot.keyClick(dialog.found.table, Qt.Key.Key_Space)
    assert ticked(bench) == everything, "all go the way of the first"
    qtbot.keyClick(dialog.found.table, Qt.Key.Key_Space)
    assert ticked(bench) == []
    assert (dialog.ask_for.isEnabled(), dialog.ask_for.toolTip()) == (False, "Nothing is ticked.")
    tick(bench, "Zerrin 2")
    tick(bench, "4")
    dialog.ask_for.click()
    reason = dialog.findChild(ReasonDialog)
    assert reason is not None
    lines(reason.fields["reason"]).setPlainText("a right that was claimed")
    reason.submit()
    [asked] = bench.work.erasure.asked
    assert (asked.samples, asked.documents, asked.entries) == ((), (bench.lab.document_rows[1].id,), (4,))


def test_a_new_search_ticks_all_again(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(make_context, qtbot, of_a_sample)
    for _ in range(2):
        bench.dialog.mark.setText("Zerrin")
        bench.dialog.search.click()
        assert len(ticked(bench)) == 5
        tick(bench, "Zerrin 2")
