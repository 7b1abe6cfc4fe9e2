"""What can be taken back is done at once, and taken back by a button or Ctrl+Z."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from desktop_app.domain.ids import new_id
from desktop_app.domain.lifecycle import SampleStatus, Step
from desktop_app.domain.rights import Standing
from desktop_app.errors import UnavailableError
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice
from tests.ui.fake_services import Lab, in_memory
from tests.ui.made_records import document, sample
from tests.ui.window_fixture import WindowDriver


def fill(lab: Lab) -> None:
    lab.sample_rows = [sample(1)]
    lab.document_rows = [document(1), document(2)]


@pytest.fixture
def space(driver: WindowDriver) -> Workspace:
    made = driver.enter(Standing.SYSTEM, fill)
    made.open_center(driver.sign_in.labs[0].istanbul)
    made.show_tab(made.tabs.samples)
    made.page.records.table.choose_row(0)
    return made


def status(space: Workspace) -> SampleStatus:
    current = space.tabs.samples.records.current
    assert current is not None
    return current.status


def press_undo(space: Workspace) -> None:
    QTest.keyClick(space, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


def test_a_step_is_taken_back_by_the_strip(space: Workspace) -> None:
    assert not space.undo.action.isEnabled()
    space.tabs.samples.steps[Step.PROCESS].click()
    assert status(space) is SampleStatus.PROCESSING
    assert space.foot.undo.isVisible()
    space.foot.undo.click()
    assert status(space) is SampleStatus.PENDING
    assert not space.foot.undo.isVisible()
    press_undo(space)
    assert status(space) is SampleStatus.PENDING, "once"


def test_ctrl_z_works_in_a_search_field_that_has_nothing_to_take_back(space: Workspace) -> None:
    search = space.tabs.samples.findChild(QLineEdit)
    assert isinstance(search, QLineEdit)
    space.tabs.samples.steps[Step.PROCESS].click()
    search.setFocus()
    QTest.keyClicks(search, "a")
    QTest.keyClick(search, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert search.text() == "", "what is typed is taken back first"
    assert status(space) is SampleStatus.PROCESSING
    QTest.keyClick(search, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert status(space) is SampleStatus.PENDING


def test_ctrl_z_brings_back_what_was_deactivated_and_chooses_it(space: Workspace) -> None:
    space.show_tab(space.tabs.documents)
    space.page.records.table.choose_row(1)
    chosen = space.page.records.current
    space.tabs.documents.active.click()
    assert chosen not in space.page.records.model.rows
    press_undo(space)
    current = space.tabs.documents.records.current
    assert chosen is not None
    assert current is not None
    assert (current.id, current.is_active) == (chosen.id, True)


@pytest.mark.parametrize("kind", ["step", "deactivation"])
def test_what_the_server_was_away_for_is_taken_back_later(space: Workspace, driver: WindowDriver, kind: str) -> None:
    tab = space.tabs.samples
    if kind == "step":
        tab.steps[Step.PROCESS].click()
    else:
        tab.active.click()
    trouble = driver.sign_in.labs[0].trouble
    trouble.next("samples.step" if kind == "step" else "samples.restore", UnavailableError("Away."))
    press_undo(space)
    assert space.undo.action.isEnabled(), "the way back is not lost with the connection"
    press_undo(space)
    if kind == "step":
        assert status(space) is SampleStatus.PENDING
    else:
        assert [row.is_active for row in tab.records.model.rows] == [True]
    assert not space.undo.action.isEnabled()


def test_what_somebody_changed_meanwhile_is_not_taken_back(space: Workspace) -> None:
    space.tabs.samples.steps[Step.PROCESS].click()
    plans = in_memory(space.work).plans
    plans._made.update(dict.fromkeys(plans._made, ()))
    press_undo(space)
    assert status(space) is SampleStatus.PROCESSING


def test_another_center_forgets_it(space: Workspace, driver: WindowDriver) -> None:
    space.tabs.samples.steps[Step.PROCESS].click()
    space.open_center(driver.sign_in.labs[0].ankara)
    assert not space.undo.action.isEnabled()
    assert not space.foot.undo.isVisible()


def test_what_became_of_many_passes_by_itself_and_what_went_wrong_stays(space: Workspace) -> None:
    bulk, banner, work = space.tabs.samples.bulk, space.banner, space.work
    assert work is not None

    def tell(tone: Tone) -> None:
        bulk.offer_back(Notice("Changed: 2 samples.", tone), work, new_id(), formatting.samples)
        assert banner.text == "Changed: 2 samples."

    tell(Tone.GOOD)
    banner._step.setFocus()
    banner._passing.timeout.emit()
    assert banner.text, "who is at its button is not robbed of it"
    space.page.take_focus()
    banner._passing.timeout.emit()
    assert banner.text == ""
    assert space.undo.action.isEnabled(), "Ctrl+Z still takes it back"
    tell(Tone.GOOD)
    space.context.messages.say("Something else is done.")
    assert banner.text == ""
    tell(Tone.GOOD)
    space.context.messages.offer_undo("Something else is done.", lambda: None)
    assert banner.text == "", "its button would take back what is not the last any more"
    tell(Tone.WARNING)
    space.context.messages.say("Something else is done.")
    assert not banner._passing.isActive()
    assert banner.text == "Changed: 2 samples."
