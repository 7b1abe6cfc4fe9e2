"""The head of a record: one filled button for the next step, Edit, and the rest behind the dots."""

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.rights import Standing
from desktop_app.ui.tabs.samples import SamplesTab
from desktop_app.ui.widgets.actions import ActionButton
from tests.ui.conftest import MakeContext
from tests.ui.fake_services import Lab
from tests.ui.made_records import sample
from tests.ui.tab_bench import Bench

NEXT = {
    SampleStatus.PENDING: "Start processing",
    SampleStatus.PROCESSING: "Complete",
    SampleStatus.COMPLETED: "Archive",
    SampleStatus.REJECTED: "Archive",
}


def fill(lab: Lab) -> None:
    lab.sample_rows = [sample(at, status=status, rejection_reason="x") for at, status in enumerate(SampleStatus)]


def shown(bench: Bench, status: SampleStatus) -> list[tuple[str, object]]:
    rows = bench.tab.records.model.rows
    bench.tab.records.table.choose_row(next(at for at, row in enumerate(rows) if row.status is status))
    buttons = bench.tab.detail.verbs.findChildren(ActionButton)
    return [(each.text(), each.property("kind")) for each in buttons if each.isVisible()]


@pytest.mark.parametrize("status", NEXT)
def test_one_filled_button_for_the_next_step(make_context: MakeContext, qtbot: QtBot, status: SampleStatus) -> None:
    bench = Bench(SamplesTab, make_context, qtbot, Standing.ADMIN, fill)
    assert shown(bench, status) == [(NEXT[status], "primary"), ("Edit…", "plain")]
    entries = [entry.text().replace("&", "") for entry in bench.tab.detail.verbs.more.menu_of_now().actions()]
    assert ("Reject…" in entries) is (status in (SampleStatus.PENDING, SampleStatus.PROCESSING))
    assert {"History", "Copy link", "Deactivate"} <= set(entries)


def test_who_may_only_read_sees_one_line(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(SamplesTab, make_context, qtbot, Standing.VIEWER, fill)
    assert shown(bench, SampleStatus.PENDING) == []
    assert bench.tab.detail.verbs.why_not.isVisible()
    assert "may do this" in bench.tab.detail.verbs.why_not.text()
    assert bench.tab.history.isEnabled()


def test_the_inspector_is_there_while_something_is_chosen(make_context: MakeContext, qtbot: QtBot) -> None:
    bench = Bench(SamplesTab, make_context, qtbot, Standing.ADMIN, fill)
    bench.tab.resize(1300, 700)
    assert bench.tab._halves.right.isHidden()
    bench.tab.records.table.choose_row(0)
    qtbot.waitUntil(lambda: bench.tab._halves.right.width() == 380)
    bench.tab.forget()
    assert bench.tab._halves.right.isHidden()
