"""The whole window on services in memory: first start, signing in, switching, keyboard, losing the server."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from desktop_app.domain.lifecycle import Step
from desktop_app.domain.records import Center
from desktop_app.domain.rights import Standing
from desktop_app.errors import RefusedError, UnavailableError
from desktop_app.message import Message
from desktop_app.services.session.sign_in import PasswordChangeNeededError
from desktop_app.storage.credentials import CredentialState
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.dialogs.password_change import PasswordDialog
from desktop_app.ui.foundation.unexpected_error import UnexpectedError
from desktop_app.ui.foundation.window_state import WindowState
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.widgets.actions import ActionButton
from desktop_app.ui.widgets.center_switcher import CenterPopup
from desktop_app.ui.widgets.connection_indicator import Reach
from tests.ui.editors import line
from tests.ui.fake_services import Lab, in_memory
from tests.ui.made_records import profile, sample
from tests.ui.window_fixture import PASSWORD, WindowDriver


def test_signing_in_opens_the_persons_center(driver: WindowDriver) -> None:
    workspace = driver.enter()
    assert in_memory(workspace.work).center.name == "Istanbul Medical Center"
    assert driver.window is not None
    assert driver.window.windowTitle() == "Istanbul Medical Center — Labkeep"
    assert driver.sign_in.calls == [("ayse.admin", PASSWORD, False, None)]


@pytest.mark.parametrize(
    ("user", "password", "field_name", "said"),
    [("", PASSWORD, "username", "Type your user name."), ("ayse", "", "password", "Type your password.")],
)
def test_missing_words_are_asked_for_under_their_field(
    driver: WindowDriver, user: str, password: str, field_name: str, said: str
) -> None:
    page = driver.open().sign_in
    page.username.setText(user)
    page.password.setText(password)
    page.submit()
    assert page._fields[field_name].problem == said
    assert driver.sign_in.calls == []


def test_a_wrong_password_is_said_and_the_field_emptied(driver: WindowDriver) -> None:
    page = driver.open().sign_in
    driver.sign_in.errors = [RefusedError("User name or password is not right")]
    page.sign_in_as("ayse", "wrong")
    assert page.banner.text == "User name or password is not right."
    assert page.password.text() == ""
    assert page.verb.isEnabled()


def test_a_server_that_is_away_leaves_the_password_for_another_try(driver: WindowDriver) -> None:
    page = driver.open().sign_in
    driver.sign_in.errors = [UnavailableError("The server does not answer.")]
    page.sign_in_as("ayse", PASSWORD)
    assert page.banner.text == "The server does not answer."
    assert page.password.text() == PASSWORD
    page.verb.click()
    driver.wait_for_workspace()


def test_a_made_password_must_be_replaced(driver: WindowDriver) -> None:
    window = driver.open()
    driver.sign_in.errors = [PasswordChangeNeededError("Choose your own.")]
    window.sign_in.sign_in_as("ayse", "made-once")
    dialog = driver.dialog(PasswordDialog)
    line(dialog.fields["new_password"]).setText("short")
    assert dialog.fields["new_password"].problem == "At least 12 characters."
    line(dialog.fields["new_password"]).setText(PASSWORD)
    line(dialog.fields["again"]).setText("something else")
    dialog.submit()
    assert dialog.fields["again"].problem == "The two are not the same."
    line(dialog.fields["again"]).setText(PASSWORD)
    dialog.submit()
    assert driver.sign_in.calls[-1] == ("ayse", "made-once", False, PASSWORD)
    driver.wait_for_workspace()


def test_the_demos_people_are_one_click_away_and_nobody_elses(driver: WindowDriver) -> None:
    driver.installation.demo_profile = driver.installation.known[0]
    page = driver.open().sign_in
    page._accounts_box.findChildren(QPushButton)[0].click()
    assert driver.sign_in.calls == [("elif", "Juniper-52", False, None)]


def test_no_accounts_are_offered_outside_the_demo(driver: WindowDriver) -> None:
    page = driver.open().sign_in
    assert page._accounts_box.isHidden()


@pytest.mark.parametrize(
    ("keyring", "enabled", "said"),
    [
        (CredentialState.AVAILABLE, True, ""),
        (CredentialState.NONE, False, "This computer offers no safe place for it, so it cannot be remembered."),
        (
            CredentialState.PLAINTEXT,
            False,
            "This computer would keep it unencrypted, so Labkeep does not remember it here.",
        ),
    ],
)
def test_remembering_says_honestly_what_this_computer_can(
    driver: WindowDriver, keyring: CredentialState, enabled: bool, said: str
) -> None:
    driver.sign_in.keyring = keyring
    page = driver.open().sign_in
    assert page.remember.isEnabled() is enabled
    assert page._keyring.text() == said


def test_a_remembered_person_signs_in_without_typing_and_can_be_forgotten(driver: WindowDriver) -> None:
    driver.sign_in.known = ["ayse.admin"]
    page = driver.open().sign_in
    assert page.username.text() == "ayse.admin"
    page.submit()
    assert driver.sign_in.calls == [("ayse.admin", "remembered")]
    driver.wait_for_workspace()
    assert driver.window is not None
    driver.window.sign_out()
    page._forget.click()
    assert driver.sign_in.known == []
    page.submit()
    assert page._fields["password"].problem == "Type your password."


def test_signing_out_closes_everything_and_another_may_come(driver: WindowDriver) -> None:
    workspace = driver.enter()
    work = workspace.work
    assert driver.window is not None
    workspace.header.sign_out_asked.emit()
    assert driver.window.workspace is None
    assert driver.sign_in.labs[0].closed
    del workspace, work
    driver.window.sign_in.sign_in_as("mehmet", PASSWORD)
    assert len(driver.sign_in.labs) == 2


def test_a_system_administrator_switches_centers_and_comes_back_to_the_last(driver: WindowDriver) -> None:
    workspace = driver.enter(Standing.SYSTEM)
    first = in_memory(workspace.work)
    workspace.header.switcher.open()
    popup = driver.dialog(CenterPopup)
    rows = popup._model.rows
    other = next(at for at, center in enumerate(rows) if center.id != first.center.id)
    popup._on_chosen(popup._model.index(other, 0))
    assert in_memory(workspace.work).center.id == rows[other].id
    assert first.closed, "the keys of the center that was left are forgotten"
    assert workspace.header.switcher.text().startswith(rows[other].name)
    lab = driver.sign_in.labs[0]
    assert workspace.context.window_state.last_center(lab.profile.installation_id, lab.user.id) == rows[other].id


def test_without_any_center_the_next_step_is_to_make_one(driver: WindowDriver) -> None:
    workspace = driver.enter(Standing.SYSTEM, lambda lab: lab.centers.rows.rows.clear())
    assert workspace.page is workspace.tabs.centers
    assert workspace.tabs.centers.records.empty.title == "No centers yet"
    for page in (workspace.tabs.samples, workspace.tabs.documents, workspace.tabs.activity):
        workspace.show_tab(page)
        assert page.records.empty.title == "No center is open"
        assert page.records.empty.isVisible()


def test_a_scanned_barcode_opens_its_sample_and_other_words_search_the_tab(driver: WindowDriver) -> None:
    def fill(lab: Lab) -> None:
        lab.sample_rows = [sample(1, name="Serum"), sample(2, name="Plasma")]

    workspace = driver.enter(fill=fill)
    field = workspace.header.search
    field.setText("20261121-0002")
    driver.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert workspace.page is workspace.tabs.samples
    found = workspace.tabs.samples.records.current
    assert found is not None
    assert found.name == "Plasma"
    assert field.text() == ""
    field.setText("Serum")
    driver.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert workspace.tabs.samples.records.search.text() == "Serum"


def test_every_tab_is_a_shortcut_away(driver: WindowDriver) -> None:
    workspace = driver.enter()
    pages = [
        workspace.tabs.centers,
        workspace.tabs.users,
        workspace.tabs.samples,
        workspace.tabs.documents,
        workspace.tabs.activity,
    ]
    for number, page in enumerate(pages, start=1):
        key = Qt.Key(Qt.Key.Key_0.value + number)
        driver.qtbot.keyClick(workspace, key, Qt.KeyboardModifier.ControlModifier)
        assert workspace.page is page
    driver.qtbot.keyClick(workspace, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert workspace.header.search.hasFocus(), "where the list has no search"


def test_tab_walks_through_every_control_of_a_tab(driver: WindowDriver) -> None:
    workspace = driver.enter(fill=lambda lab: lab.sample_rows.extend([sample(1)]))
    workspace.show_tab(workspace.tabs.samples)
    workspace.tabs.samples.records.table.choose_row(0)
    workspace.tabs.samples.records.search.setFocus()
    met: set[QWidget] = set()
    while (widget := QApplication.focusWidget()) is not None and widget not in met:
        met.add(widget)
        driver.qtbot.keyClick(widget, Qt.Key.Key_Tab)
    samples = workspace.tabs.samples
    actions = {each.action for each in met if isinstance(each, ActionButton)}
    assert {samples.new, samples.steps[Step.PROCESS], samples.edit, samples.attach} <= actions
    assert {samples.records.table, samples.detail.verbs.more} <= met


def reach_of(workspace: Workspace) -> Reach:
    return workspace.header.indicator.reach


def test_losing_the_server_is_a_state_that_ends(driver: WindowDriver) -> None:
    workspace = driver.enter()
    lab = driver.sign_in.labs[0]
    lab.trouble.down = UnavailableError("The server does not answer.")
    workspace.refresh()
    assert reach_of(workspace) is Reach.LOST
    assert workspace.tabs.documents.records.trouble.text == "The server does not answer."
    assert workspace.tabs.documents.records.trouble.isVisibleTo(workspace.tabs.documents)
    lab.trouble.down = None
    workspace.header.indicator.click()
    assert reach_of(workspace) is Reach.CONNECTED
    assert not workspace.tabs.documents.records.trouble.isVisibleTo(workspace.tabs.documents)


def test_a_weak_connection_is_said_in_red(driver: WindowDriver) -> None:
    def weaken(lab: Lab) -> None:
        from_domain: Any = profile(server="postgres", host="db.example.org", sslmode="require", data_dir=None)
        lab.profile = from_domain

    workspace = driver.enter(fill=weaken)
    assert workspace.header.indicator.reach is Reach.WEAK


def test_alarms_of_the_trust_log_are_not_overlooked(driver: WindowDriver) -> None:
    def alarm(lab: Lab) -> None:
        lab.alarms = (Message("Entry 7 of the trust log does not count: no right."),)

    workspace = driver.enter(fill=alarm)
    assert workspace.banner.text == "Entry 7 of the trust log does not count: no right."


def test_what_went_less_well_beside_a_change_is_told_once(driver: WindowDriver) -> None:
    workspace = driver.enter()
    driver.sign_in.labs[0].notices.append("The change is made, but this computer's disk is full.")
    workspace.context.events.changed.emit(Center, None)
    assert workspace.banner.text == "The change is made, but this computer's disk is full."
    workspace.banner.clear()
    workspace.context.events.changed.emit(Center, None)
    assert not workspace.banner.text


def test_what_nobody_foresaw_is_a_banner_every_time_it_was_asked_for(driver: WindowDriver) -> None:
    workspace = driver.enter()
    for _ in range(2):
        workspace.context.messages.fail(UnexpectedError("Something unexpected happened (KeyError)."))
        driver.qtbot.waitUntil(lambda: workspace.banner.text.startswith("Something unexpected happened."))
        workspace.banner.clear()


def test_closing_while_files_move_asks_first(driver: WindowDriver, tmp_path: Path) -> None:
    workspace = driver.enter()
    file = tmp_path / "a.txt"
    file.write_text("a")
    workspace.transfers.add([file], workspace.tabs.documents._destination())
    batch = next(iter(workspace.transfers._batches.values()))
    batch.ended = False
    assert driver.window is not None
    driver.window.close()
    assert driver.window.isVisible()
    driver.dialog(Confirm).verb.click()
    assert not driver.window.isVisible()
    batch.ended = True
    assert driver.sign_in.labs[0].closed


@pytest.mark.parametrize("problem", ["", "The system's credential store is locked."])
def test_what_is_remembered_follows_a_changed_password(driver: WindowDriver, problem: str) -> None:
    workspace = driver.enter()
    account = driver.sign_in.labs[0].account
    workspace.header.password_asked.emit()
    dialog = driver.dialog(PasswordDialog)
    for name, text in (("old_password", PASSWORD), ("new_password", "amber kettle 42"), ("again", "amber kettle 42")):
        line(dialog.fields[name]).setText(text)
    if problem:
        driver.sign_in.errors = [UnavailableError(problem)]
    dialog.submit()
    assert account.changes == [(PASSWORD, "amber kettle 42")]
    assert driver.sign_in.calls[-1] == ("renew", "ayse.admin", account.keys)
    assert workspace.foot.remark.text() == "Your password is changed."
    assert (problem in workspace.banner.text) if problem else not workspace.banner.text
    assert ("does not remember it" in workspace.banner.text) is bool(problem)


def test_a_remembered_sign_in_that_opens_nothing_leads_back_to_typing(driver: WindowDriver) -> None:
    driver.sign_in.known = ["ayse.admin"]
    page = driver.open().sign_in
    driver.sign_in.errors = [RefusedError("The sign-in that this computer remembers is no longer valid.")]
    page.submit()
    assert "is no longer valid" in page.banner.text
    assert page.username.text() == "ayse.admin"
    assert page.password.placeholderText() == ""
    page.submit()
    assert page._fields["password"].problem == "Type your password."


def test_the_sizes_are_on_the_disk_when_the_session_may_end(driver: WindowDriver) -> None:
    driver.enter()
    window = driver.window
    assert window is not None
    window.save_layout()
    kept = WindowState(driver.file)
    assert kept.layout("window") == window.saveGeometry()
    assert kept.layout("documents") is not None
    assert window.workspace is not None, "the person may still say no to the end"
