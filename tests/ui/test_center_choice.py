"""Choosing one center among a thousand: a search on the server, in the dialogs of users and in the header."""

import time
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.rights import Standing
from desktop_app.ui.dialogs.memberships import MoveDialog
from desktop_app.ui.dialogs.user import UserDialog
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.widgets.center_choice import CenterChoice
from desktop_app.ui.widgets.center_switcher import CenterPopup
from tests.ui.fake_services import Lab
from tests.ui.made_records import center

MANY = 1_000


@pytest.fixture
def lab() -> Any:
    made = Lab(Standing.SYSTEM)
    for number in range(MANY):
        made.centers.rows.put(center(f"Laboratory {number:04}", f"lab-{number}"))
    return made


def opened(choice: CenterChoice) -> CenterPopup:
    choice.showPopup()
    [popup] = [each for each in choice.findChildren(CenterPopup) if each.isVisible()]
    return popup


@pytest.fixture
def owner(qtbot: QtBot) -> QWidget:
    """What the dialogs belong to, which delete themselves."""
    made = QWidget()
    qtbot.addWidget(made)
    return made


def test_the_last_of_a_thousand_is_one_search_away(lab: Any, jobs: Jobs, qtbot: QtBot, owner: QWidget) -> None:
    dialog = UserDialog(jobs, lab, None, None, owner)
    dialog.show()
    popup = opened(dialog._box)
    assert popup._model.rowCount() == MANY + 2, "all of them, those of the fake too"
    assert popup._model.rows[0].name < popup._model.rows[1].name, "from A to Z"
    qtbot.keyClicks(popup.search, "0999")
    qtbot.waitUntil(lambda: popup._model.rowCount() == 1)
    qtbot.keyClick(popup.search, Qt.Key.Key_Return)
    wanted = next(row for row in lab.centers.rows.rows.values() if row.name == "Laboratory 0999")
    assert dialog._box.value == wanted.id
    assert dialog._box.currentText() == "Laboratory 0999"
    dialog._discarding = True
    dialog.reject()


def test_end_goes_to_the_last_without_a_pause(lab: Any, jobs: Jobs, qtbot: QtBot, owner: QWidget) -> None:
    dialog = UserDialog(jobs, lab, None, None, owner)
    dialog.show()
    began = time.monotonic()
    popup = opened(dialog._box)
    assert time.monotonic() - began < 0.5
    qtbot.keyClick(popup.list, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: popup.list.currentIndex().data() == "Laboratory 0999")
    qtbot.keyClick(popup.list, Qt.Key.Key_Return)
    assert dialog._box.currentText() == "Laboratory 0999"
    dialog._discarding = True
    dialog.reject()


def test_no_center_at_all_is_an_entry_above_the_search(lab: Any, jobs: Jobs, qtbot: QtBot, owner: QWidget) -> None:
    person = next(row for row in lab.users.rows.rows.values() if row.username == "mehmet.user")
    dialog = MoveDialog(jobs, lab, person, owner)
    dialog.show()
    popup = opened(dialog._box)
    popup._on_fixed(None)
    assert dialog._box.value is None
    assert dialog._box.currentText() == "None: a system administrator"
    QApplication.processEvents()  # the window is the active one again before another list opens over it
    popup = opened(dialog._box)
    popup.search.setText("Laboratory 0500")
    qtbot.waitUntil(lambda: popup._model.rowCount() == 1)
    popup._on_accepted()
    assert dialog._box.currentText() == "Laboratory 0500"
    dialog._discarding = True
    dialog.reject()
