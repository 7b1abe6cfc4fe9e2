"""Erasing a person's data in the window: nothing goes by searching or asking, and the center's name is typed last."""

import pytest
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
from tests.ui.made_records import document


def fill(lab: Lab) -> None:
    lab.document_rows = [document(1, title="Finding of Zerrin"), document(2, title="Counts")]


class Bench:
    def __init__(self, make_context: MakeContext, qtbot: QtBot) -> None:
        context, _said, lab = make_context(Standing.ADMIN, fill)
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
