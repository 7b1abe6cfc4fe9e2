"""A further center for a person, and the end of a membership: with the keyboard alone, and what each refuses."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.records import Membership, User
from desktop_app.domain.rights import Role, Standing
from desktop_app.errors import InvalidInputError, RefusedError, UnavailableError
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.dialogs.form_dialog import FormDialog
from desktop_app.ui.dialogs.memberships import JoinDialog, LeaveDialog, RoleDialog
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Appearance
from desktop_app.ui.shell.application import Look
from desktop_app.ui.widgets.center_switcher import CenterPopup
from tests.ui.editors import line
from tests.ui.fake_services import Lab, as_lab

LONG = "Institute for the Very Long Names of Laboratories and Their Many Departments at the Golden Horn"


@pytest.fixture
def lab() -> Lab:
    return Lab(Standing.SYSTEM)


@pytest.fixture
def owner(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(960, 600)
    widget.show()
    return widget


def person(lab: Lab) -> User:
    """The member of Istanbul, as he is now."""
    return next(row for row in lab.users.rows.rows.values() if row.username == "mehmet.user")


def of_both(lab: Lab, until: date | None = None) -> User:
    """The same one, a viewer in Ankara, too."""
    member = person(lab)
    further = Membership(center_id=lab.ankara.id, center=lab.ankara.name, role=Role.VIEWER, until=until)
    changed: User = lab.users.rows.change(member, memberships=(*member.memberships, further))
    return changed


def shown(dialog: Any) -> Any:
    dialog.show()
    return dialog


def places(lab: Lab) -> dict[str, tuple[Role, date | None]]:
    names = {lab.istanbul.id: "Istanbul", lab.ankara.id: "Ankara"}
    return {names[each.center_id]: (each.role, each.until) for each in person(lab).memberships}


def key(dialog: Any, which: Qt.Key, times: int = 1) -> None:
    """Press it where the cursor is."""
    for _ in range(times):
        QTest.keyClick(dialog.focusWidget(), which)


def type_into(dialog: Any, text: str) -> None:
    QTest.keyClicks(dialog.focusWidget(), text)


def find_center(dialog: Any, name: str, qtbot: QtBot) -> None:
    """The search opens with Space, and takes what is found with Enter."""
    box = dialog.focusWidget()
    key(dialog, Qt.Key.Key_Space)
    popup = next(each for each in box.findChildren(CenterPopup) if each.isVisible())
    QTest.keyClicks(popup.search, name)
    qtbot.waitUntil(lambda: name in str(popup.list.currentIndex().data()))
    QTest.keyClick(popup.search, Qt.Key.Key_Return)
    QApplication.processEvents()  # the dialog is the active window again


def test_a_person_joins_a_further_center_by_the_keyboard(lab: Lab, jobs: Jobs, owner: QWidget, qtbot: QtBot) -> None:
    dialog = shown(JoinDialog(jobs, as_lab(lab), person(lab), owner))
    assert dialog.focusWidget() is dialog.fields["center_id"].editor
    find_center(dialog, "Ankara", qtbot)
    assert dialog.fields["center_id"].value == lab.ankara.id
    dialog.fields["center_id"].editor.setFocus()
    key(dialog, Qt.Key.Key_Tab)
    key(dialog, Qt.Key.Key_Home)
    key(dialog, Qt.Key.Key_Tab)
    type_into(dialog, " 2031-02-28 ")
    key(dialog, Qt.Key.Key_Return)
    assert places(lab) == {"Istanbul": (Role.USER, None), "Ankara": (Role.VIEWER, date(2031, 2, 28))}
    assert not dialog.isVisible()


def test_without_a_last_day_the_person_stays(lab: Lab, jobs: Jobs, owner: QWidget) -> None:
    dialog = shown(JoinDialog(jobs, as_lab(lab), person(lab), owner))
    assert dialog.fields["role"].value is Role.USER, "as in the center the person has"
    dialog.fields["center_id"].editor.take(lab.ankara)
    dialog.submit()
    assert places(lab)["Ankara"] == (Role.USER, None)


@pytest.mark.parametrize("typed", ["31.12.2031", "2031-02-29", "2031-13-01", "tomorrow", "2031", "２０３１-01"])
def test_what_is_no_day_is_said_as_one_types(lab: Lab, jobs: Jobs, owner: QWidget, typed: str) -> None:
    for dialog in (
        JoinDialog(jobs, as_lab(lab), person(lab), owner),
        RoleDialog(jobs, as_lab(lab), person(lab), owner),
    ):
        shown(dialog)
        line(dialog.fields["until"]).setText(typed)
        assert dialog.fields["until"].problem == "A day is written 2026-12-31."
        dialog.submit()
        assert dialog.isVisible()
        line(dialog.fields["until"]).setText("  ")
        assert dialog.fields["until"].problem == ""
        leave(dialog)
    assert places(lab) == {"Istanbul": (Role.USER, None)}


def leave(dialog: FormDialog) -> None:
    dialog._discarding = True
    dialog.reject()


def test_a_center_must_be_chosen_and_be_a_new_one(lab: Lab, jobs: Jobs, owner: QWidget) -> None:
    dialog = shown(JoinDialog(jobs, as_lab(lab), person(lab), owner))
    key(dialog, Qt.Key.Key_Return)
    assert dialog.fields["center_id"].problem == "Choose a center."
    assert dialog.focusWidget() is dialog.fields["center_id"].editor
    dialog.fields["center_id"].editor.take(lab.istanbul)
    assert dialog.fields["center_id"].problem == "The person is there already."
    dialog.submit()
    assert "users.join" not in lab.trouble.calls
    leave(dialog)


def test_what_the_database_refuses_is_said_where_it_belongs(lab: Lab, jobs: Jobs, owner: QWidget) -> None:
    lab.trouble.next("users.join", InvalidInputError({"until": "The last day is over already."}))
    lab.trouble.next("users.join", UnavailableError("The server cannot be reached. Nothing was changed."))
    dialog = shown(JoinDialog(jobs, as_lab(lab), person(lab), owner))
    dialog.fields["center_id"].editor.take(lab.ankara)
    dialog.fields["until"].editor.setText("2020-01-01")
    dialog.submit()
    assert dialog.fields["until"].problem == "The last day is over already."
    dialog.fields["until"].editor.clear()
    dialog.submit()
    assert dialog.banner.text == "The server cannot be reached. Nothing was changed."
    assert dialog.fields["center_id"].value == lab.ankara.id, "what was chosen stays"
    dialog.submit()
    assert places(lab)["Ankara"] == (Role.USER, None)


def test_the_last_day_of_a_guest_is_moved_and_taken_away(lab: Lab, jobs: Jobs, owner: QWidget) -> None:
    guest = of_both(lab, date(2031, 1, 31))
    dialog = shown(RoleDialog(jobs, as_lab(lab), guest, owner))
    center, until = dialog.fields["center_id"], dialog.fields["until"]
    assert (center.value, until.value) == (lab.istanbul.id, "")
    key(dialog, Qt.Key.Key_Down)
    assert (center.value, until.value) == (lab.ankara.id, "2031-01-31")
    assert dialog.fields["role"].value is Role.VIEWER
    until.editor.setText("2031-03-01")
    dialog.submit()
    assert places(lab) == {"Istanbul": (Role.USER, None), "Ankara": (Role.VIEWER, date(2031, 3, 1))}
    dialog = shown(RoleDialog(jobs, as_lab(lab), person(lab), owner))
    dialog.fields["center_id"].editor.choose(lab.ankara.id)
    dialog.fields["until"].editor.clear()
    dialog.submit()
    assert places(lab)["Ankara"] == (Role.VIEWER, None)


def test_a_membership_ends_by_the_keyboard_and_never_by_enter_alone(lab: Lab, jobs: Jobs, owner: QWidget) -> None:
    dialog = shown(LeaveDialog(jobs, as_lab(lab), of_both(lab), owner))
    assert dialog.fields["center_id"].value is None, "of several none is the likely one"
    for _ in range(2):
        key(dialog, Qt.Key.Key_Return)
        assert dialog.isVisible()
    dialog.verb.click()
    assert dialog.fields["center_id"].problem == "Choose a center."
    assert dialog.focusWidget() is dialog.fields["center_id"].editor
    key(dialog, Qt.Key.Key_Down, 2)
    assert dialog.fields["center_id"].value == lab.ankara.id
    key(dialog, Qt.Key.Key_Tab)
    type_into(dialog, "The project is over.")
    key(dialog, Qt.Key.Key_Return)
    assert dialog.focusWidget() is dialog.fields["new_key"].editor
    key(dialog, Qt.Key.Key_Return)
    assert dialog.focusWidget() is dialog.cancel
    assert "users.leave" not in lab.trouble.calls
    key(dialog, Qt.Key.Key_Tab)
    assert dialog.focusWidget() is dialog.verb
    key(dialog, Qt.Key.Key_Space)
    assert places(lab) == {"Istanbul": (Role.USER, None)}


def test_who_sees_one_place_ends_that_one(lab: Lab, jobs: Jobs, owner: QWidget) -> None:
    """A center's administrator sees only his own center's membership of somebody who has others."""
    here = person(lab)
    of_both(lab)
    dialog = shown(LeaveDialog(jobs, as_lab(lab), here, owner))
    assert not dialog.fields["center_id"].editor.isEnabled()
    assert dialog.focusWidget() is dialog.fields["reason"].editor
    dialog.verb.click()
    assert list(places(lab)) == ["Ankara"]


def test_why_a_membership_does_not_end_is_said_in_the_form(lab: Lab, jobs: Jobs, owner: QWidget) -> None:
    lab.trouble.next("users.leave", InvalidInputError({"reason": "This center wants a reason for it."}))
    lab.trouble.next("users.leave", RefusedError("This is mehmet.user's only center"))
    dialog = shown(LeaveDialog(jobs, as_lab(lab), of_both(lab), owner))
    stale = []
    dialog.stale.connect(lambda: stale.append(True))
    dialog.fields["center_id"].editor.choose(lab.ankara.id)
    dialog.submit()
    assert dialog.fields["reason"].problem == "This center wants a reason for it."
    assert dialog.focusWidget() is dialog.fields["reason"].editor
    dialog.submit()
    assert dialog.banner.text == "This is mehmet.user's only center."
    assert stale == [True]
    leave(dialog)


@pytest.mark.parametrize("kind", [JoinDialog, LeaveDialog])
def test_escape_leaves_and_asks_once_where_something_was_typed(
    lab: Any, jobs: Jobs, owner: QWidget, kind: type[Any]
) -> None:
    before = of_both(lab)
    dialog = shown(kind(jobs, lab, before, owner))
    key(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    dialog = shown(kind(jobs, lab, before, owner))
    dialog.fields["reason" if kind is LeaveDialog else "until"].editor.setText("2031-01-01")
    dialog.cancel.click()
    question = next(each for each in dialog.findChildren(Confirm) if each.isVisible())
    assert dialog.isVisible()
    question.verb.click()
    assert not dialog.isVisible()
    assert person(lab) == before


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
@pytest.mark.parametrize("kind", [JoinDialog, LeaveDialog])
def test_everything_is_seen_on_a_small_screen_also_with_long_names_and_problems(
    lab: Any, jobs: Jobs, owner: QWidget, look: Look, kind: type[Any], appearance: Appearance
) -> None:
    look.choose(appearance)
    member = of_both(lab)
    named = tuple(replace(each, center=f"{LONG} {at}") for at, each in enumerate(member.memberships))
    dialog = shown(kind(jobs, lab, replace(member, first_name=LONG, last_name="", memberships=named), owner))
    dialog.submit()
    dialog.banner.say("Somebody else changed this meanwhile. Look at it again.")
    QApplication.processEvents()
    assert dialog.height() <= 600 - 80
    assert dialog.width() <= 960 - 80
    for button in (dialog.cancel, dialog.verb):
        place = button.mapTo(dialog, QPoint(0, 0))
        assert dialog.rect().contains(button.rect().translated(place))
    leave(dialog)
