"""Whose records a list has: the open center's as a chip in Users, and "All centers" where it is every center's."""

import pytest
from PySide6.QtWidgets import QLabel, QStyleOptionButton
from pytestqt.qtbot import QtBot

from desktop_app.domain.records import User
from desktop_app.domain.rights import Role, Standing
from desktop_app.services.records.user_results import Changed
from desktop_app.ui.tabs.centers import CentersTab
from desktop_app.ui.tabs.tab_context import Target
from desktop_app.ui.tabs.users import UsersTab
from tests.ui.conftest import MakeContext
from tests.ui.fake_services import Lab, Work, as_services
from tests.ui.made_records import user
from tests.ui.tab_bench import Bench


def add_stranger(lab: Lab) -> None:
    lab.users.rows.put(user("ankara.user", Role.USER, lab.ankara))


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot) -> Bench:
    return Bench(UsersTab, make_context, qtbot, Standing.SYSTEM, add_stranger)


def names(bench: Bench) -> list[str]:
    return sorted(row.username for row in bench.tab.records.model.rows)


def stranger(bench: Bench) -> User:
    found: User = next(row for row in bench.lab.users.rows.rows.values() if row.username == "ankara.user")
    return found


def open_ankara(bench: Bench) -> None:
    bench.tab.set_center(as_services(Work(bench.lab.ankara, bench.lab.standing, bench.lab)))


EVERYBODY = ["ankara.user", "ayse.admin", "mehmet.user"]


def test_users_begin_with_those_of_the_open_center(bench: Bench) -> None:
    assert names(bench) == ["mehmet.user"]
    assert bench.tab.scope.isVisible()
    assert bench.tab.scope.text() == "Istanbul Medical Center"


def test_the_chip_is_taken_off_and_put_on_again(bench: Bench) -> None:
    bench.tab.scope.click()
    assert names(bench) == EVERYBODY
    assert bench.tab.scope.text() == "All centers"
    bench.tab.scope.click()
    assert names(bench) == ["mehmet.user"]


def test_the_chip_follows_the_open_center(bench: Bench) -> None:
    open_ankara(bench)
    assert bench.tab.scope.text() == "Ankara Research Lab"
    assert names(bench) == ["ankara.user"]


@pytest.mark.parametrize("off", ["chip", "empty list"])
def test_it_does_not_come_back_after_somebody_took_it_off(bench: Bench, off: str) -> None:
    if off == "chip":
        bench.tab.scope.click()
    else:
        bench.tab.search_for("nobody")
        bench.tab.records._pause.stop()
        bench.tab.reload()
        bench.tab.records.empty.acted.emit()
    assert names(bench) == EVERYBODY
    open_ankara(bench)
    assert bench.tab.scope.text() == "All centers"
    assert names(bench) == EVERYBODY


def test_without_an_open_center_all_are_shown(bench: Bench) -> None:
    bench.tab.set_center(None)
    assert bench.tab.scope.text() == "All centers"
    assert not bench.tab.scope.isEnabled()
    assert names(bench) == EVERYBODY
    open_ankara(bench)
    assert names(bench) == ["ankara.user"]
    assert bench.tab.scope.isEnabled()


def test_a_link_to_somebody_elsewhere_takes_it_off_until_another_center_is_open(bench: Bench) -> None:
    bench.tab.go_to(Target(User, stranger(bench).id))
    assert bench.tab.scope.text() == "All centers"
    assert names(bench) == EVERYBODY
    assert bench.tab.records.current == stranger(bench)
    bench.tab.set_center(as_services(bench.work))
    assert bench.tab.scope.text() == "All centers", "the same center begins anew"
    open_ankara(bench)
    assert bench.tab.scope.text() == "Ankara Research Lab"


def test_a_link_to_somebody_of_the_center_leaves_it(bench: Bench) -> None:
    bench.tab.search_for("nobody")
    bench.tab.records._pause.stop()
    bench.tab.reload()
    mehmet = next(row for row in bench.lab.users.rows.rows.values() if row.username == "mehmet.user")
    bench.tab.go_to(Target(User, mehmet.id))
    assert bench.tab.scope.text() == "Istanbul Medical Center"
    assert bench.tab.records.current == mehmet


def test_somebody_made_in_another_center_is_seen_in_the_list(bench: Bench) -> None:
    made = bench.lab.users.rows.put(user("new.user", Role.USER, bench.lab.ankara))
    bench.tab.add_made(made)
    assert bench.tab.scope.text() == "All centers"
    assert names(bench) == sorted([*EVERYBODY, "new.user"])
    assert bench.tab.records.current == made


def test_who_left_the_center_leaves_the_list(bench: Bench) -> None:
    bench.choose("mehmet.user")
    moved = bench.lab.users.change_center(bench.tab.records.current.id, bench.lab.ankara.id).user
    bench.tab.reload()  # the server was faster
    bench.tab._on_deactivated(Changed(moved))
    assert names(bench) == []
    assert bench.tab.records.current is None


def test_centers_say_that_they_are_all(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(CentersTab, make_context, qtbot, Standing.SYSTEM)
    labels = [each.text() for each in bench.tab.records.findChildren(QLabel) if each.isVisible()]
    assert "All centers" in labels


def test_a_long_name_gives_way(bench: Bench, qtbot: QtBot) -> None:
    chip, button = bench.tab.scope, bench.tab.records._end.itemAt(0).widget()
    bench.tab.resize(600, 400)
    qtbot.waitUntil(lambda: bench.tab.records.width() < 600)
    assert button.width() >= button.sizeHint().width(), "what one does is not cut before what one sees"
    assert chip.width() < chip.sizeHint().width()
    assert bench.tab.records.minimumSizeHint().width() < 600, "nor does the list want more room for it"
    shown = QStyleOptionButton()
    chip.initStyleOption(shown)
    assert "…" in shown.text
    assert chip.fontMetrics().horizontalAdvance(shown.text) + chip.iconSize().width() <= chip.width()
    bench.tab.resize(1200, 400)
    qtbot.waitUntil(lambda: chip.width() == chip.sizeHint().width())
    chip.initStyleOption(shown)
    assert shown.text == "Istanbul Medical Center"


def test_who_may_not_manage_users_sees_no_scope(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(UsersTab, make_context, qtbot, Standing.VIEWER)
    assert not bench.tab.scope.isEnabled()
