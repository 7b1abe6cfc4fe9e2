"""The whole window on services in memory: first start, signing in, switching, keyboard, losing the server."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from desktop_app.domain.records import Center
from desktop_app.domain.rights import Standing
from desktop_app.errors import RefusedError, UnavailableError
from desktop_app.services.session.sign_in import PasswordChangeNeededError
from desktop_app.storage.credentials import CredentialState
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.dialogs.password_change import PasswordDialog
from desktop_app.ui.foundation.jobs import UnexpectedError
from desktop_app.ui.foundation.window_state import WindowState
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.widgets.center_switcher import CenterPopup
from desktop_app.ui.widgets.connection_indicator import Reach
from tests.ui.editors import line
from tests.ui.fake_services import Lab, in_memory
from tests.ui.made_records import profile, sample
from tests.ui.window_fixture import PASSWORD, Front


def test_signing_in_opens_the_persons_center(front: Front) -> None:
    workspace = front.enter()
    assert in_memory(workspace.work).center.name == "Istanbul Medical Center"
    assert front.window is not None
    assert front.window.windowTitle() == "Istanbul Medical Center — Labkeep"
    assert front.door.calls == [("ayse.admin", PASSWORD, False, None)]


@pytest.mark.parametrize(
    ("user", "password", "field_name", "said"),
    [("", PASSWORD, "username", "Type your user name."), ("ayse", "", "password", "Type your password.")],
)
def test_missing_words_are_asked_for_under_their_field(
    front: Front, user: str, password: str, field_name: str, said: str
) -> None:
    page = front.open().sign_in
    page.username.setText(user)
    page.password.setText(password)
    page.submit()
    assert page._fields[field_name].problem == said
    assert front.door.calls == []


def test_a_wrong_password_is_said_and_the_field_emptied(front: Front) -> None:
    page = front.open().sign_in
    front.door.errors = [RefusedError("User name or password is not right")]
    page.sign_in_as("ayse", "wrong")
    assert page.banner.text == "User name or password is not right."
    assert page.password.text() == ""
    assert page.verb.isEnabled()


def test_a_server_that_is_away_leaves_the_password_for_another_try(front: Front) -> None:
    page = front.open().sign_in
    front.door.errors = [UnavailableError("The server does not answer.")]
    page.sign_in_as("ayse", PASSWORD)
    assert page.banner.text == "The server does not answer."
    assert page.password.text() == PASSWORD
    page.verb.click()
    assert front.window is not None
    assert front.window.workspace is not None


def test_a_made_password_must_be_replaced(front: Front) -> None:
    window = front.open()
    front.door.errors = [PasswordChangeNeededError("Choose your own.")]
    window.sign_in.sign_in_as("ayse", "made-once")
    dialog = front.dialog(PasswordDialog)
    line(dialog.fields["new_password"]).setText("short")
    assert dialog.fields["new_password"].problem == "At least 12 characters."
    line(dialog.fields["new_password"]).setText(PASSWORD)
    line(dialog.fields["again"]).setText("something else")
    dialog.submit()
    assert dialog.fields["again"].problem == "The two are not the same."
    line(dialog.fields["again"]).setText(PASSWORD)
    dialog.submit()
    assert front.door.calls[-1] == ("ayse", "made-once", False, PASSWORD)
    assert window.workspace is not None


def test_the_demos_people_are_one_click_away_and_nobody_elses(front: Front) -> None:
    front.house.demo_profile = front.house.known[0]
    page = front.open().sign_in
    page._accounts_box.findChildren(QPushButton)[0].click()
    assert front.door.calls == [("elif", "Juniper-52", False, None)]


def test_no_accounts_are_offered_outside_the_demo(front: Front) -> None:
    page = front.open().sign_in
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
    front: Front, keyring: CredentialState, enabled: bool, said: str
) -> None:
    front.door.keyring = keyring
    page = front.open().sign_in
    assert page.remember.isEnabled() is enabled
    assert page._keyring.text() == said


def test_a_remembered_person_signs_in_without_typing_and_can_be_forgotten(front: Front) -> None:
    front.door.known = ["ayse.admin"]
    page = front.open().sign_in
    assert page.username.text() == "ayse.admin"
    page.submit()
    assert front.door.calls == [("ayse.admin", "remembered")]
    assert front.window is not None
    front.window.sign_out()
    page._forget.click()
    assert front.door.known == []
    page.submit()
    assert page._fields["password"].problem == "Type your password."


def test_signing_out_closes_everything_and_another_may_come(front: Front) -> None:
    workspace = front.enter()
    work = workspace.work
    assert front.window is not None
    workspace.header.sign_out_asked.emit()
    assert front.window.workspace is None
    assert front.door.labs[0].closed
    del workspace, work
    front.window.sign_in.sign_in_as("mehmet", PASSWORD)
    assert len(front.door.labs) == 2


def test_a_system_administrator_switches_centers_and_comes_back_to_the_last(front: Front) -> None:
    workspace = front.enter(Standing.SYSTEM)
    first = in_memory(workspace.work)
    workspace.header.switcher.open()
    popup = front.dialog(CenterPopup)
    rows = popup._model.rows
    other = next(at for at, center in enumerate(rows) if center.id != first.center.id)
    popup._on_chosen(popup._model.index(other, 0))
    assert in_memory(workspace.work).center.id == rows[other].id
    assert first.closed, "the keys of the center that was left are forgotten"
    assert workspace.header.switcher.text().startswith(rows[other].name)
    lab = front.door.labs[0]
    assert workspace.context.memory.last_center(lab.profile.installation_id, lab.user.id) == rows[other].id


def test_without_any_center_the_next_step_is_to_make_one(front: Front) -> None:
    workspace = front.enter(Standing.SYSTEM, lambda lab: lab.centers.rows.rows.clear())
    assert workspace.page is workspace.tabs.centers
    assert workspace.tabs.centers.records.empty.title == "No centers yet"
    for page in (workspace.tabs.samples, workspace.tabs.documents, workspace.tabs.activity):
        workspace.show_tab(page)
        assert page.records.empty.title == "No center is open"
        assert page.records.empty.isVisible()


def test_a_scanned_barcode_opens_its_sample_and_other_words_search_the_tab(front: Front) -> None:
    def fill(lab: Lab) -> None:
        lab.sample_rows = [sample(1, name="Serum"), sample(2, name="Plasma")]

    workspace = front.enter(fill=fill)
    field = workspace.header.search
    field.setText("20261121-0002")
    front.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert workspace.page is workspace.tabs.samples
    found = workspace.tabs.samples.records.current
    assert found is not None
    assert found.name == "Plasma"
    assert field.text() == ""
    field.setText("Serum")
    front.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert workspace.tabs.samples.records.search.text() == "Serum"


def test_every_tab_is_a_shortcut_away(front: Front) -> None:
    workspace = front.enter()
    pages = [
        workspace.tabs.centers,
        workspace.tabs.users,
        workspace.tabs.samples,
        workspace.tabs.documents,
        workspace.tabs.activity,
    ]
    for number, page in enumerate(pages, start=1):
        key = Qt.Key(Qt.Key.Key_0.value + number)
        front.qtbot.keyClick(workspace, key, Qt.KeyboardModifier.ControlModifier)
        assert workspace.page is page
    front.qtbot.keyClick(workspace, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert workspace.header.search.hasFocus()


def test_tab_walks_through_every_control_of_a_tab(front: Front) -> None:
    workspace = front.enter(fill=lambda lab: lab.sample_rows.extend([sample(1)]))
    workspace.show_tab(workspace.tabs.samples)
    workspace.tabs.samples.records.table.choose_row(0)
    workspace.tabs.samples.records.search.setFocus()
    met: set[QWidget] = set()
    while (widget := QApplication.focusWidget()) is not None and widget not in met:
        met.add(widget)
        front.qtbot.keyClick(widget, Qt.Key.Key_Tab)
    samples = workspace.tabs.samples
    wanted = [samples.new, samples.records.table, samples.edit, samples.history, samples.attach]
    assert [str(each) for each in wanted if each not in met] == []


def reach_of(workspace: Workspace) -> Reach:
    return workspace.header.indicator.reach


def test_losing_the_server_is_a_state_that_ends(front: Front) -> None:
    workspace = front.enter()
    lab = front.door.labs[0]
    lab.trouble.down = UnavailableError("The server does not answer.")
    workspace.refresh()
    assert reach_of(workspace) is Reach.LOST
    assert workspace.tabs.documents.records.trouble.text == "The server does not answer."
    assert workspace.tabs.documents.records.trouble.isVisibleTo(workspace.tabs.documents)
    lab.trouble.down = None
    workspace.header.indicator.click()
    assert reach_of(workspace) is Reach.CONNECTED
    assert not workspace.tabs.documents.records.trouble.isVisibleTo(workspace.tabs.documents)


def test_a_weak_connection_is_said_in_red(front: Front) -> None:
    def weaken(lab: Lab) -> None:
        from_domain: Any = profile(server="postgres", host="db.example.org", sslmode="require", data_dir=None)
        lab.profile = from_domain

    workspace = front.enter(fill=weaken)
    assert workspace.header.indicator.reach is Reach.WEAK


def test_alarms_of_the_trust_log_are_not_overlooked(front: Front) -> None:
    def alarm(lab: Lab) -> None:
        lab.alarms = ("Entry 7 of the trust log does not count: no right.",)

    workspace = front.enter(fill=alarm)
    assert workspace.banner.text == "Entry 7 of the trust log does not count: no right."


def test_what_went_less_well_beside_a_change_is_told_once(front: Front) -> None:
    workspace = front.enter()
    front.door.labs[0].notices.append("The change is made, but this computer's disk is full.")
    workspace.context.events.changed.emit(Center, None)
    assert workspace.banner.text == "The change is made, but this computer's disk is full."
    workspace.banner.clear()
    workspace.context.events.changed.emit(Center, None)
    assert not workspace.banner.text


def test_what_nobody_foresaw_is_a_banner_every_time_it_was_asked_for(front: Front) -> None:
    workspace = front.enter()
    for _ in range(2):
        workspace.context.messages.fail(UnexpectedError("Something unexpected happened (KeyError)."))
        front.qtbot.waitUntil(lambda: workspace.banner.text.startswith("Something unexpected happened."))
        workspace.banner.clear()


def test_closing_while_files_move_asks_first(front: Front, tmp_path: Path) -> None:
    workspace = front.enter()
    file = tmp_path / "a.txt"
    file.write_text("a")
    workspace.transfers.add([file], workspace.tabs.documents._destination())
    batch = next(iter(workspace.transfers._batches.values()))
    batch.ended = False
    assert front.window is not None
    front.window.close()
    assert front.window.isVisible()
    front.dialog(Confirm).verb.click()
    assert not front.window.isVisible()
    batch.ended = True
    assert front.door.labs[0].closed


@pytest.mark.parametrize("problem", ["", "The system's credential store is locked."])
def test_what_is_remembered_follows_a_changed_password(front: Front, problem: str) -> None:
    workspace = front.enter()
    account = front.door.labs[0].account
    workspace.header.password_asked.emit()
    dialog = front.dialog(PasswordDialog)
    for name, text in (("old_password", PASSWORD), ("new_password", "amber kettle 42"), ("again", "amber kettle 42")):
        line(dialog.fields[name]).setText(text)
    if problem:
        front.door.errors = [UnavailableError(problem)]
    dialog.submit()
    assert account.changes == [(PASSWORD, "amber kettle 42")]
    assert front.door.calls[-1] == ("renew", "ayse.admin", account.keys)
    assert workspace._status.remark.text() == "Your password is changed."
    assert (problem in workspace.banner.text) if problem else not workspace.banner.text
    assert ("does not remember it" in workspace.banner.text) is bool(problem)


def test_a_remembered_sign_in_that_opens_nothing_leads_back_to_typing(front: Front) -> None:
    front.door.known = ["ayse.admin"]
    page = front.open().sign_in
    front.door.errors = [RefusedError("What this computer remembers does not open the door any more.")]
    page.submit()
    assert "does not open the door" in page.banner.text
    assert page.username.text() == "ayse.admin"
    assert page.password.placeholderText() == ""
    page.submit()
    assert page._fields["password"].problem == "Type your password."


def test_the_sizes_are_on_the_disk_when_the_session_may_end(front: Front) -> None:
    front.enter()
    window = front.window
    assert window is not None
    window.save_layout()
    kept = WindowState(front.file)
    assert kept.layout("window") == window.saveGeometry()
    assert kept.layout("documents") is not None
    assert window.workspace is not None, "the person may still say no to the end"
