"""Why a sample is rejected: one of the center's own reasons, or the person's own words."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.domain.lifecycle import SampleStatus, Step
from desktop_app.errors import UnavailableError
from desktop_app.ui.dialogs.reason import RejectDialog
from desktop_app.ui.shell.application import Look
from desktop_app.ui.widgets.suggestion_line import SuggestionLine
from tests.ui.conftest import MakeContext
from tests.ui.editors import suggested
from tests.ui.fake_vocabulary import REASONS
from tests.ui.journey_fixture import ADMIN, CLINIC, Day
from tests.ui.test_samples_tab import Bench
from tools import steps
from tools.driver import Program, click, press, until


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot) -> Bench:
    made = Bench(make_context, qtbot)
    made.choose(SampleStatus.PENDING)
    return made


def rejecting(bench: Bench) -> tuple[RejectDialog, SuggestionLine]:
    bench.tab.steps[Step.REJECT].click()
    dialog = bench.dialog(RejectDialog)
    bench.qtbot.waitUntil(dialog.isVisible)
    return dialog, suggested(dialog.fields["reason"])


def offered(line: SuggestionLine) -> list[str]:
    """What the list under the field shows."""
    shown = line.completer().completionModel()
    return [shown.index(at, 0).data() for at in range(shown.rowCount())]


def test_the_centers_reasons_are_offered_in_its_order(bench: Bench) -> None:
    _dialog, line = rejecting(bench)
    QTest.keyClick(line, Qt.Key.Key_Down)
    assert line.list.isVisible()
    assert offered(line) == list(REASONS)
    QTest.keyClick(line.list, Qt.Key.Key_Escape)
    assert not line.list.isVisible()
    assert line.text() == ""


def test_a_reason_is_chosen_with_the_keyboard_alone(bench: Bench) -> None:
    dialog, line = rejecting(bench)
    assert dialog.focusWidget() is line
    QTest.keyClick(line, Qt.Key.Key_Down)
    popup = line.list
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert line.text() == REASONS[1]
    assert dialog.isVisible(), "the Enter that chooses does not reject"
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert bench.status() is SampleStatus.PENDING, "what cannot be taken back is never an Enter away"
    assert dialog.focusWidget() is dialog.cancel
    QTest.keyClick(dialog.cancel, Qt.Key.Key_Tab)
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Space)
    assert bench.status() is SampleStatus.REJECTED
    assert bench.current.rejection_reason == REASONS[1]


def test_the_arrow_in_the_field_opens_the_whole_list_also_over_words(bench: Bench) -> None:
    dialog, line = rejecting(bench)
    line.setText("Something else")
    line.arrow.trigger()
    assert line.list.isVisible()
    assert offered(line) == list(REASONS)
    line.list.hide()
    dialog._discarding = True
    dialog.reject()


def test_a_word_of_a_reason_finds_it(bench: Bench) -> None:
    _dialog, line = rejecting(bench)
    QTest.keyClicks(line, "LITTLE")
    assert offered(line) == ["Too little material"]
    QTest.keyClick(line.list, Qt.Key.Key_Down)
    QTest.keyClick(line.list, Qt.Key.Key_Return)
    assert line.text() == "Too little material"


def test_own_words_are_as_good(bench: Bench) -> None:
    dialog, line = rejecting(bench)
    QTest.keyClicks(line, "The courier dropped it.")
    dialog.submit()
    assert bench.current.rejection_reason == "The courier dropped it."


def test_a_listed_reason_is_one_reason_however_it_is_typed(bench: Bench) -> None:
    dialog, line = rejecting(bench)
    QTest.keyClicks(line, " clotted ")
    dialog.submit()
    assert bench.current.rejection_reason == "Clotted"


def test_no_reason_is_said_under_the_field(bench: Bench) -> None:
    dialog, line = rejecting(bench)
    for words, problem in (("  ", "A reason is needed."), ("x" * 2001, "At most 2000 characters; these are 2001.")):
        line.setText(words)
        dialog.submit()
        assert dialog.fields["reason"].problem == problem
    assert bench.current.status is SampleStatus.PENDING
    dialog._discarding = True
    dialog.reject()


def test_reasons_out_of_use_are_not_offered_and_none_at_all_is_a_plain_line(bench: Bench) -> None:
    listed = bench.work.vocabulary.reasons
    bench.work.vocabulary.reasons = tuple(replace(each, is_active=each.name == "Clotted") for each in listed)
    dialog, line = rejecting(bench)
    line.arrow.trigger()
    assert offered(line) == ["Clotted"]
    dialog.reject()
    bench.work.vocabulary.reasons = ()
    dialog, line = rejecting(bench)
    assert not line.arrow.isVisible()
    QTest.keyClick(line, Qt.Key.Key_Down)
    assert not line.list.isVisible()
    dialog.reject()


def test_a_list_that_cannot_be_read_keeps_nobody_from_rejecting(bench: Bench) -> None:
    bench.lab.trouble.next("vocabulary.rejection_reasons", UnavailableError("The server cannot be reached."))
    dialog, line = rejecting(bench)
    QTest.keyClicks(line, "Broken")
    dialog.submit()
    assert bench.current.rejection_reason == "Broken"
    assert QApplication.activePopupWidget() is None


def test_the_rows_of_the_center_are_what_is_offered(day: Day, look: Look) -> None:
    """With everything real: two reasons in the database, one out of use, a sample rejected by the keyboard."""
    with Program(day.home, look) as program:
        steps.sign_in(program, ADMIN)
        steps.open_center(program, CLINIC)
        work = program.workspace.work
        assert work is not None
        work.vocabulary.add_rejection_reason("Haemolysed", 1)
        late = work.vocabulary.add_rejection_reason("Never used", 2)
        work.vocabulary.change_rejection_reason(replace(late, is_active=False))
        steps.make_sample(program, "To be rejected", "GOK-REJECT")
        samples = program.workspace.tabs.samples
        steps.choose(program, samples, "GOK-REJECT")
        click(samples.steps[Step.REJECT])
        dialog = program.dialog(RejectDialog)
        line = suggested(dialog.fields["reason"])
        until(lambda: line.offered == ["Haemolysed"], "the center's reasons are read")
        press(line, Qt.Key.Key_Down)
        press(line.list, Qt.Key.Key_Down)
        press(line.list, Qt.Key.Key_Return)
        press(line, Qt.Key.Key_Tab)
        press(dialog.cancel, Qt.Key.Key_Tab)
        press(dialog.verb, Qt.Key.Key_Space)
        program.settle()
        assert work.samples.get("GOK-REJECT").rejection_reason == "Haemolysed"
