"""The choices of a list's filters say how many there are of each, as soon as somebody opens them."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.rights import Role, Standing
from desktop_app.errors import UnavailableError
from desktop_app.ui.tabs.activity import ActivityTab
from desktop_app.ui.tabs.samples import SamplesTab
from desktop_app.ui.tabs.users import UsersTab
from desktop_app.ui.widgets.list_filters import ChoiceFilter
from tests.ui.conftest import MakeContext
from tests.ui.fake_services import Lab
from tests.ui.made_records import entry, sample, user
from tests.ui.tab_bench import Bench

ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole


def fill(lab: Lab) -> None:
    lab.sample_rows = [
        sample(at, name=f"Serum {at}", status=SampleStatus.PENDING if at % 2 else SampleStatus.COMPLETED)
        for at in range(1, 8)
    ]
    lab.sample_rows.append(sample(9, name="Plasma", sample_type="urine", status=SampleStatus.REJECTED))
    lab.entries = [entry(at, lab.sample_rows[0].id, {"name": "a"}, {"name": "b"}) for at in range(1, 4)]


@pytest.fixture
def bench(make_context: MakeContext, qtbot: QtBot) -> Bench:
    return Bench(SamplesTab, make_context, qtbot, Standing.ADMIN, fill)


def counts(choice: ChoiceFilter) -> dict[str, str]:
    return {choice.itemText(at): choice.count_text(at) for at in range(choice.count())}


def opened(choice: ChoiceFilter) -> dict[str, str]:
    choice.showPopup()
    found = counts(choice)
    choice.hidePopup()
    return found


def test_each_choice_says_how_many_there_are(bench: Bench) -> None:
    status = bench.tab._status
    assert set(counts(status).values()) == {""}, "nothing is counted for nobody"
    calls = bench.lab.trouble.calls
    before = calls.count("samples.count")
    assert opened(status) == {
        "All statuses": "8", "Pending": "4", "Processing": "0", "Completed": "3", "Rejected": "1", "Archived": "0"
    }  # fmt: skip
    assert calls.count("samples.count") == before + 6
    assert set(counts(status).values()) == {""}, "they would be old the next time"
    assert status.currentText() == "All statuses"


def test_they_are_counted_under_the_other_filters(bench: Bench) -> None:
    bench.tab.search_for("Serum")
    bench.tab.reload()
    bench.tab._status.choose(SampleStatus.REJECTED)
    assert opened(bench.tab._status)["Rejected"] == "0"
    assert opened(bench.tab._status)["All statuses"] == "7", "not under its own choice"
    bench.tab._status.choose(SampleStatus.COMPLETED)
    assert opened(bench.tab._type)["All types"] == "3"
    assert bench.tab.views.filter.sample_type is None, "what a view would keep is what is chosen"
    assert bench.tab.views.filter.status is SampleStatus.COMPLETED


def test_many_are_counted_as_far_as_the_list_is(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    count = bench.work.samples.count
    monkeypatch.setattr(bench.work.samples, "count", lambda wanted, _cap: count(wanted, 2))
    assert opened(bench.tab._status)["Pending"] == "2+"


def test_a_server_that_is_away_leaves_the_choices_as_they_are(bench: Bench) -> None:
    bench.lab.trouble.next("samples.count", UnavailableError("Away."))
    assert set(opened(bench.tab._status).values()) == {""}
    assert bench.said.notices == []
    bench.tab.set_center(None)
    assert set(opened(bench.tab._status).values()) == {""}


def test_late_counts_are_not_shown_in_what_is_closed(bench: Bench) -> None:
    bench.tab._status.show_counts(["1"] * 6)
    assert set(counts(bench.tab._status).values()) == {""}


def test_a_count_is_read_aloud_with_its_choice(bench: Bench) -> None:
    status = bench.tab._status
    status.showPopup()
    assert status.itemData(1, ACCESSIBLE) == "Pending, 4"
    status.hidePopup()
    assert status.itemData(1, ACCESSIBLE) is None


def test_users_and_activity_count_too(make_context: MakeContext, qtbot: QtBot) -> None:
    def fill_users(lab: Lab) -> None:
        fill(lab)
        lab.users.rows.put(user("can.user", Role.USER, lab.istanbul))

    users = Bench(UsersTab, make_context, qtbot, Standing.ADMIN, fill_users).tab
    assert opened(users._role) == {"All roles": "3", "Viewer": "0", "User": "2", "Administrator": "1"}
    activity = Bench(ActivityTab, make_context, qtbot, Standing.ADMIN, fill).tab
    assert opened(activity._table)["Samples"] == "3"
    assert opened(activity._action)["Sign-ins"] == "0"
    viewer = Bench(ActivityTab, make_context, qtbot, Standing.VIEWER, fill)
    assert set(opened(viewer.tab._table).values()) == {""}, "what may not be read is not counted"
