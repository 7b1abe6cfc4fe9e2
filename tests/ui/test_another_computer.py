"""Setting up another computer: the profile's file and the words, and why a built-in server's is not given away."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QAction

from desktop_app.domain.profiles import Profile, ServerKind
from desktop_app.errors import InvalidInputError, RefusedError
from desktop_app.services.installation.profile_sharing import Reached
from desktop_app.ui.dialogs.another_computer import AnotherComputerDialog
from desktop_app.ui.shell.header import Header
from tests.ui.fake_services import Lab
from tests.ui.made_records import profile
from tests.ui.window_fixture import WindowDriver


def with_profile(known: Profile) -> Any:
    def fill(lab: Lab) -> None:
        lab.profile = known

    return fill


def entry(header: Header) -> QAction:
    return next(each for each in header.person.menu().actions() if each.objectName() == "another")


LAB = profile(server=ServerKind.POSTGRES, host="db.lab.example")


@pytest.fixture
def dialog(driver: WindowDriver) -> AnotherComputerDialog:
    space = driver.enter(fill=with_profile(LAB))
    entry(space.header).trigger()
    found: AnotherComputerDialog = driver.dialog(AnotherComputerDialog)
    return found


def test_the_profile_is_saved_and_the_words_stay(
    driver: WindowDriver, dialog: AnotherComputerDialog, tmp_path: Path
) -> None:
    assert dialog.words.text() == "words of abab"
    dialog.save_to(tmp_path / "Lab 1.2")
    path = tmp_path / "Lab 1.2.labkeep-profile"
    assert driver.profile_sharing.exported == [(path, Reached(host="db.lab.example", store=str(LAB.store)))]
    assert str(path) in dialog.banner.text
    assert dialog.isVisible()
    dialog._host.setText(" lab-server ")
    dialog.save_to(path)
    assert driver.profile_sharing.exported[-1][1].host == "lab-server"


def test_what_is_wrong_is_said(driver: WindowDriver, dialog: AnotherComputerDialog, tmp_path: Path) -> None:
    driver.profile_sharing.errors = [InvalidInputError({"host": "must be one server."}), RefusedError("Not to there.")]
    dialog.save_to(tmp_path / "a")
    assert dialog._fields["host"].problem == "must be one server."
    dialog.save_to(tmp_path / "a")
    assert dialog._fields["host"].problem == ""
    assert "Not to there" in dialog.banner.text


def test_a_built_in_servers_profile_is_not_offered_and_says_why(driver: WindowDriver) -> None:
    space = driver.enter(fill=with_profile(profile(server=ServerKind.BUILT_IN)))
    action = entry(space.header)
    assert not action.isEnabled()
    assert "on this computer only" in action.toolTip()
