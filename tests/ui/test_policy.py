"""The laboratory's policy in the window: what is fixed is seen as fixed, and obeyed at once."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QCheckBox

from desktop_app.config import Settings, load_settings, save_settings
from desktop_app.domain.rights import Standing
from desktop_app.message import Message
from desktop_app.policy import STRICTEST, Policy, Remembering
from desktop_app.storage.credentials import CredentialState
from desktop_app.ui.dialogs.settings import SettingsDialog
from tests.ui.editors import choice
from tests.ui.fake_services import Lab
from tests.ui.made_records import document
from tests.ui.window_fixture import WindowDriver

TITLE = "Blood count"


def opened(driver: WindowDriver) -> SettingsDialog:
    assert driver.window is not None
    driver.window.settings.ask()
    dialog: SettingsDialog = driver.dialog(SettingsDialog)
    return dialog


def offered(dialog: SettingsDialog) -> list[Any]:
    return choice(dialog.fields["idle_lock_minutes"])._values


@pytest.mark.parametrize(("chosen", "seconds"), [(0, 900), (5, 300), (60, 900)])
def test_the_window_locks_after_the_laboratorys_time_at_most(driver: WindowDriver, chosen: int, seconds: int) -> None:
    driver.policy = Policy(idle_lock_minutes=15)
    save_settings(driver.settings_file, Settings(idle_lock_minutes=chosen))
    driver.enter()
    assert driver.window is not None
    assert driver.window.idle._seconds == seconds


def test_the_settings_offer_what_is_left_and_say_why(driver: WindowDriver) -> None:
    driver.policy = Policy(idle_lock_minutes=7, remember_sign_in=Remembering.NEVER, export=False)
    save_settings(driver.settings_file, Settings(idle_lock_minutes=0))
    driver.enter()
    dialog = opened(driver)
    assert offered(dialog) == [1, 2, 5, 7]
    assert dialog.settings().idle_lock_minutes == 7
    assert "Set by your laboratory's policy: after 7 min" in dialog.fields["idle_lock_minutes"]._help.text()
    for name in ("remember_sign_in", "export"):
        assert not dialog.fields[name].editor.isEnabled()
        assert dialog.fields[name]._help.text() == "Set by your laboratory's policy."
    choice(dialog.fields["idle_lock_minutes"]).choose(2)
    dialog.submit()
    assert load_settings(driver.settings_file).settings.idle_lock_minutes == 2, "sooner is the person's to choose"
    assert driver.window is not None
    assert driver.window.idle._seconds == 120


def test_without_a_policy_the_settings_are_the_persons(driver: WindowDriver) -> None:
    driver.enter()
    dialog = opened(driver)
    assert 0 in offered(dialog)
    assert dialog.findChildren(QCheckBox) == []


def test_one_minute_leaves_no_choice(driver: WindowDriver) -> None:
    driver.policy = Policy(idle_lock_minutes=1)
    driver.enter()
    dialog = opened(driver)
    assert offered(dialog) == [1]
    assert not dialog.fields["idle_lock_minutes"].editor.isEnabled()


def test_a_policy_that_is_not_believed_is_said_where_one_looks_first(driver: WindowDriver, tmp_path: Path) -> None:
    problem = Message("The laboratory's policy in {path} cannot be believed.", path=tmp_path)
    driver.policy = Policy(**STRICTEST, source=tmp_path, problem=problem)
    window = driver.open()
    assert str(problem) in window.sign_in.banner.text


def test_remembering_is_not_offered(driver: WindowDriver) -> None:
    driver.sign_in.keyring = CredentialState.FORBIDDEN
    page = driver.open().sign_in
    assert not page.remember.isEnabled()
    assert "Set by your laboratory's policy" in page._keyring.text()


@pytest.mark.parametrize("export", [True, False])
def test_what_would_be_written_in_clear_says_why_not(driver: WindowDriver, export: bool) -> None:
    driver.policy = Policy(export=export)

    def fill(lab: Lab) -> None:
        lab.document_rows = [document(1, title=TITLE)]

    space = driver.enter(Standing.ADMIN, fill)
    tab: Any = space.tabs.documents
    space.area.show(tab)
    tab.refresh_if_stale()
    tab.records.table.choose_row(0)
    for action in (tab.open, tab.save, tab.evidence):
        assert action.isEnabled() is export
        assert export or "policy keeps documents inside Labkeep" in action.toolTip()
