"""The Users, Centers and Activity tabs."""

import threading
from dataclasses import replace
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.progress import Waiting, nobody_waits
from desktop_app.domain.rights import Role, Standing
from desktop_app.errors import RefusedError
from desktop_app.services.records.user_directory import Ref
from desktop_app.services.records.user_results import Deactivation
from desktop_app.ui.dialogs.center import CenterDialog
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.dialogs.memberships import MoveDialog, RoleDialog
from desktop_app.ui.dialogs.one_time_password import OneTimePasswordDialog
from desktop_app.ui.dialogs.user import UserDialog
from desktop_app.ui.dialogs.waiting import WaitingDialog
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.tabs.activity import ActivityTab
from desktop_app.ui.tabs.centers import CentersTab
from desktop_app.ui.tabs.tab_context import Target
from desktop_app.ui.tabs.users import UsersTab
from desktop_app.ui.text import audit
from desktop_app.ui.widgets.list_filters import Owner
from tests.ui.conftest import MakeContext
from tests.ui.editors import choice, line, lines
from tests.ui.fake_services import Lab
from tests.ui.made_records import entry
from tests.ui.tab_bench import Bench


def test_a_new_user_gets_a_password_that_is_shown_once(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(UsersTab, make_context, qtbot, Standing.ADMIN)
    before = len(bench.tab.records.model.rows)
    assert bench.tab.records.count_text == f"{before} users"
    bench.tab.new.click()
    dialog = bench.dialog(UserDialog)
    assert not dialog.fields["center_id"].editor.isEnabled(), "an administrator makes people of his own center only"
    line(dialog.fields["username"]).setText("Zeynep.User")
    line(dialog.fields["email"]).setText("zeynep@lab")
    assert dialog.fields["email"].problem == "This is not an email address, such as name@example.org."
    line(dialog.fields["email"]).setText("zeynep@lab.example")
    assert dialog.fields["email"].problem == ""
    dialog.submit()
    made = bench.dialog(OneTimePasswordDialog)
    assert made.password.text() == "made-password-0001"
    assert not made.done_button.isEnabled()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
        QTest.keyClick(made.focusWidget(), key)
        QTest.keyClick(made, key)
    made.close()
    assert made.isVisible(), "it is the only sight of the password"
    made._copy.click()
    assert QGuiApplication.clipboard().text() == "made-password-0001"
    made.passed_on.setChecked(True)
    made.done_button.setFocus()
    QTest.keyClick(made.done_button, Qt.Key.Key_Return)
    assert made.isVisible(), "nor does Enter when it may be closed"
    made.done_button.click()
    assert bench.tab.records.current.username == "zeynep.user"
    assert bench.tab.records.current.center_id == bench.lab.istanbul.id
    assert bench.tab.records.count_text == f"{before + 1} users"


def test_a_form_takes_the_room_that_its_problems_need(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(UsersTab, make_context, qtbot, Standing.ADMIN)
    bench.tab.new.click()
    dialog = bench.dialog(UserDialog)
    qtbot.waitUntil(lambda: dialog._scroll.verticalScrollBar().maximum() == 0)
    before = dialog.height()
    dialog.submit()
    assert dialog.fields["email"].problem
    qtbot.waitUntil(lambda: dialog.height() > before and dialog._scroll.verticalScrollBar().maximum() == 0)
    dialog.reject()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("username", "a", "2 to 40 of these: a-z, 0-9, dot, hyphen, underscore."),
        ("username", "ayşe yılmaz", "2 to 40 of these: a-z, 0-9, dot, hyphen, underscore."),
        ("email", "", "An email address is needed."),
        ("phone", "0" * 41, "At most 40 characters; these are 41."),
        ("first_name", "x" * 81, "At most 80 characters; these are 81."),
    ],
)
def test_a_wrong_value_of_a_user_is_said(
    make_context: MakeContext, qtbot: QtBot, field: str, value: str, said: str
) -> None:
    bench = Bench(UsersTab, make_context, qtbot, Standing.ADMIN)
    bench.tab.new.click()
    dialog = bench.dialog(UserDialog)
    line(dialog.fields[field]).setText(value)
    dialog.submit()
    assert dialog.fields[field].problem == said
    assert "users.create" not in bench.lab.trouble.calls
    dialog._discarding = True
    dialog.reject()


def test_only_system_administrators_are_without_a_center(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(UsersTab, make_context, qtbot, Standing.SYSTEM)
    bench.tab.new.click()
    dialog = bench.dialog(UserDialog)
    dialog._box.choose(None)
    assert dialog.fields["role"].value is Role.ADMIN
    choice(dialog.fields["role"]).choose(Role.VIEWER)
    dialog.submit()
    assert dialog.fields["role"].problem == "Only a system administrator has no center."
    dialog._discarding = True
    dialog.reject()


def test_nobody_ends_his_own_account(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(UsersTab, make_context, qtbot, Standing.ADMIN)
    bench.choose("ayse.admin")
    for button in (bench.tab.role, bench.tab.move_button, bench.tab.reset, bench.tab.active):
        assert not button.isEnabled()
        assert button.toolTip() == "Nobody changes his own role or ends his own account."
    assert bench.tab.edit.isEnabled()


def test_deactivating_a_person_wants_the_name_typed(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(UsersTab, make_context, qtbot, Standing.ADMIN)
    bench.choose("mehmet.user")
    assert not bench.tab.move_button.isEnabled(), "only system administrators move people"
    bench.tab.active.click()
    question = bench.dialog(Confirm)
    assert not question.verb.isEnabled()
    line(question._typed).setText("mehmet.user")
    question.verb.click()
    assert [row.username for row in bench.tab.records.model.rows] == ["ayse.admin"]


@pytest.mark.parametrize("button", ["reset", "active"])
@pytest.mark.parametrize(
    ("left", "sentence"), [(None, "is changed; whether open sessions were ended is not known."), (2, "2 open sessions")]
)
def test_it_is_done_but_sessions_may_be_open(
    make_context: MakeContext, qtbot: QtBot, button: str, left: int | None, sentence: str
) -> None:
    bench = Bench(UsersTab, make_context, qtbot, Standing.ADMIN)
    bench.lab.users.sessions_left = left
    bench.choose("mehmet.user")
    getattr(bench.tab, button).click()
    question = bench.dialog(Confirm)
    if button == "active":
        line(question._typed).setText("mehmet.user")
    assert question.verb.text().endswith("mehmet.user")
    question.verb.click()
    assert [sentence in notice.text for notice in bench.said.notices] == [True]
    if button == "reset":
        assert bench.tab.window().findChildren(OneTimePasswordDialog)[0].password.text() == "made-password-0002"


def test_a_deactivation_that_has_to_wait_says_for_whom_and_is_stopped(
    make_context: MakeContext, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(UsersTab, make_context, qtbot, Standing.ADMIN)
    jobs, going_on = Jobs(), threading.Event()
    bench.tab.context = replace(bench.tab.context, jobs=jobs)
    bench.choose("mehmet.user")

    def deactivate(
        _ref: Ref, waiting: Waiting = nobody_waits, _reason: str = "", *, new_keys: bool = True
    ) -> Deactivation:
        while not going_on.wait(0.01):
            waiting("Waiting for ayse: an open transaction stands in the way…")
        pytest.fail("it was stopped")

    monkeypatch.setattr(bench.lab.users, "deactivate", deactivate)
    bench.tab.active.click()
    question = bench.dialog(Confirm)
    line(question._typed).setText("mehmet.user")
    question.verb.click()
    try:
        qtbot.waitUntil(lambda: bool(bench.tab.window().findChildren(WaitingDialog)))
        dialog = bench.tab.window().findChildren(WaitingDialog)[0]
        qtbot.waitUntil(dialog.isVisible)
        assert dialog.sentence.text() == "Waiting for ayse: an open transaction stands in the way…"
        dialog.stop.click()
        qtbot.waitUntil(lambda: jobs.running == 0)
        assert not bench.tab.active.is_busy
        assert bench.tab.records.current.is_active
    finally:
        going_on.set()
        assert jobs.close()


def test_a_role_is_changed_and_a_refusal_is_said_in_the_dialog(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(UsersTab, make_context, qtbot, Standing.ADMIN)
    bench.choose("mehmet.user")
    bench.lab.trouble.next("users.change_role", RefusedError("The last administrator of a center stays"))
    bench.tab.role.click()
    dialog = bench.dialog(RoleDialog)
    choice(dialog.fields["role"]).choose(Role.VIEWER)
    dialog.submit()
    assert dialog.banner.text == "The last administrator of a center stays."
    dialog.submit()
    assert bench.tab.records.current.role is Role.VIEWER


def test_moving_needs_another_center(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(UsersTab, make_context, qtbot, Standing.SYSTEM)
    bench.choose("mehmet.user")
    bench.tab.move_button.click()
    dialog = bench.dialog(MoveDialog)
    dialog.submit()
    assert dialog.fields["center_id"].problem == "The person is there already."
    dialog.reject()


@pytest.mark.parametrize("standing", [Standing.VIEWER, Standing.USER])
def test_who_may_not_manage_users_is_told_who_may(make_context: MakeContext, qtbot: QtBot, standing: Standing) -> None:
    bench = Bench(UsersTab, make_context, qtbot, standing)
    assert bench.tab.records.empty.isVisible()
    assert bench.tab.records.empty.text.startswith("Only administrators of the center may do this.")
    assert not bench.tab.new.isEnabled()
    assert "users.list" not in bench.lab.trouble.calls


def test_a_new_center_takes_its_short_name_from_its_name(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(CentersTab, make_context, qtbot, Standing.SYSTEM)
    bench.tab.new.click()
    dialog = bench.dialog(CenterDialog)
    line(dialog.fields["name"]).setText("Göğüs Hastalıkları")
    assert dialog.fields["slug"].value == "gogus-hastaliklari"
    line(dialog.fields["slug"]).setText("GH!")
    assert dialog.fields["slug"].problem == "Lower-case letters, digits and hyphens, such as istanbul."
    line(dialog.fields["slug"]).setText("gogus")
    line(dialog.fields["name"]).setText("Göğüs Hastalıkları Merkezi")
    assert dialog.fields["slug"].value == "gogus", "what the person wrote stays"
    dialog.submit()
    assert bench.tab.records.current.slug == "gogus"
    assert bench.tab.open.isEnabled()


def test_a_new_center_is_made_with_its_first_administrator(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(CentersTab, make_context, qtbot, Standing.SYSTEM)
    bench.tab.new.click()
    dialog = bench.dialog(CenterDialog)
    line(dialog.fields["name"]).setText("Bursa")
    line(dialog.fields["username"]).setText("Zeynep.Admin")
    dialog.submit()
    assert dialog.fields["email"].problem == "An email address is needed."
    line(dialog.fields["email"]).setText("zeynep@lab.example")
    dialog.submit()
    made = bench.dialog(OneTimePasswordDialog)
    assert made.password.text() == "made-password-0001"
    assert bench.tab.records.current.slug == "bursa"
    person = next(row for row in bench.lab.users.rows.rows.values() if row.username == "zeynep.admin")
    assert [(place.center_id, place.role) for place in person.memberships] == [
        (bench.tab.records.current.id, Role.ADMIN)
    ]
    assert "centers.create" not in bench.lab.trouble.calls
    made.passed_on.setChecked(True)
    made.done_button.click()


def test_a_center_that_is_edited_has_no_first_administrator(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(CentersTab, make_context, qtbot, Standing.SYSTEM)
    bench.choose("ankara")
    bench.tab.edit.click()
    dialog = bench.dialog(CenterDialog)
    assert "username" not in dialog.fields
    lines(dialog.fields["description"]).setPlainText("Moved")
    dialog.submit()
    assert bench.tab.records.current.description == "Moved"


def test_closing_a_center_wants_its_name_typed(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(CentersTab, make_context, qtbot, Standing.SYSTEM)
    bench.choose("ankara")
    bench.tab.active.click()
    question = bench.dialog(Confirm)
    line(question._typed).setText("Ankara")
    assert not question.verb.isEnabled()
    line(question._typed).setText("Ankara Research Lab")
    question.verb.click()
    assert [row.slug for row in bench.tab.records.model.rows] == ["istanbul"]
    bench.tab._inactive.setChecked(True)
    bench.choose("ankara")
    bench.tab.active.click()
    assert bench.tab.records.current.is_active


@pytest.mark.parametrize("standing", [Standing.VIEWER, Standing.USER, Standing.ADMIN])
def test_a_member_sees_the_center_and_may_not_rename_it(
    make_context: MakeContext, qtbot: QtBot, standing: Standing
) -> None:
    bench = Bench(CentersTab, make_context, qtbot, standing)
    bench.choose("istanbul")
    assert not bench.tab.new.isEnabled()
    assert not bench.tab.active.isEnabled()
    assert bench.tab.edit.isEnabled() is (standing is Standing.ADMIN)
    if standing is Standing.ADMIN:
        bench.tab.edit.click()
        dialog = bench.dialog(CenterDialog)
        assert not dialog.fields["name"].editor.isEnabled()
        assert dialog.fields["description"].editor.isEnabled()
        dialog.reject()


ROW, OTHER = uuid4(), uuid4()


def fill_record(lab: Lab) -> None:
    lab.entries = [
        entry(1, ROW, None, {"barcode": "B-1", "name": "Serum", "status": "pending", "row_version": 1}, "insert"),
        entry(2, ROW, {"status": "pending"}, {"status": "rejected"}, reason="The tube is broken."),
        entry(3, OTHER, {"name": "Old"}, {"name": "New"}, table_name="documents"),
    ]


def test_the_record_is_newest_first_in_sentences(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(ActivityTab, make_context, qtbot, Standing.ADMIN, fill_record)
    assert [row.seq for row in bench.tab.records.model.rows] == [3, 2, 1]
    bench.tab.records.table.choose_row(1)
    rejected = bench.tab.records.current
    assert audit.action_badge(rejected).text == "Rejected"
    assert audit.summary(rejected) == "Pending → Rejected — The tube is broken."
    assert audit.changes(bench.lab.entries[2]) == [("Name", "Old", "New")]
    assert audit.thing(bench.lab.entries[0]) == "sample B-1"
    assert audit.summary(bench.lab.entries[0]) == "Serum"
    labelled = replace(bench.lab.entries[2], label="Consent form")
    assert audit.thing(labelled) == "document Consent form"
    assert audit.thing(replace(labelled, table_name="document_versions")) == "version of Consent form"
    assert audit.changes(bench.lab.entries[0])[-1] == ("Status", "", "Pending")


def test_the_record_of_one_thing(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(ActivityTab, make_context, qtbot, Standing.ADMIN, fill_record)
    bench.tab.go_to(Target(only=Owner(ROW, "B-1")))
    assert [row.seq for row in bench.tab.records.model.rows] == [2, 1]
    assert bench.tab._record.text() == "History of B-1"
    bench.tab._record.click()
    assert len(bench.tab.records.model.rows) == 3


def test_a_viewer_reads_the_history_of_one_thing_but_not_the_whole_record(
    make_context: MakeContext, qtbot: QtBot
) -> None:
    bench = Bench(ActivityTab, make_context, qtbot, Standing.VIEWER, fill_record)
    assert bench.tab.records.empty.title == "The whole record is for administrators"
    assert "audit.list" not in bench.lab.trouble.calls
    bench.tab.go_to(Target(only=Owner(ROW, "B-1")))
    assert [row.seq for row in bench.tab.records.model.rows] == [2, 1]


def test_a_long_record_is_read_page_by_page(make_context: MakeContext, qtbot: QtBot) -> None:
    def fill(lab: Lab) -> None:
        lab.entries = [entry(seq, ROW, {"name": "a"}, {"name": "b"}) for seq in range(1, 251)]

    bench = Bench(ActivityTab, make_context, qtbot, Standing.ADMIN, fill)
    model = bench.tab.records.model
    assert bench.tab.records.count_text == "250 entries"
    for first in range(0, 250, 25):
        model.look_at(first, first + 24)
    assert [row.seq for row in model.rows] == list(range(250, 0, -1))


@pytest.mark.parametrize("button", ["reset", "active"])
def test_enter_confirms_nothing_that_cannot_be_taken_back(make_context: MakeContext, qtbot: QtBot, button: str) -> None:
    bench = Bench(UsersTab, make_context, qtbot, Standing.ADMIN)
    rows = bench.tab.records.model.rows
    bench.tab.records.table.choose_row(next(at for at, row in enumerate(rows) if row.username == "mehmet.user"))
    getattr(bench.tab, button).click()
    question = bench.dialog(Confirm)
    QTest.keyClick(question.focusWidget(), Qt.Key.Key_Return)
    assert not [call for call in bench.lab.trouble.calls if call in ("users.reset_password", "users.deactivate")]
    question.reject()
