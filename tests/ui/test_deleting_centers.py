"""Deleting a center in the window: its name is typed, and its files are counted while they go."""

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.rights import Standing
from desktop_app.errors import UnavailableError
from desktop_app.ui.dialogs.delete import DeleteDialog
from desktop_app.ui.tabs.centers import CentersTab
from desktop_app.ui.widgets.background_tasks import TaskStrip
from tests.ui.conftest import MakeContext
from tests.ui.editors import line, lines
from tests.ui.tab_bench import Bench


@pytest.mark.parametrize("is_away", [False, True], ids=["removed", "away"])
def test_a_closed_center_is_deleted_by_its_name_and_for_a_reason(
    make_context: MakeContext, qtbot: QtBot, is_away: bool
) -> None:
    bench = Bench(CentersTab, make_context, qtbot, Standing.SYSTEM)
    strip = TaskStrip(bench.context.tasks)
    qtbot.addWidget(strip)
    seen: list[str] = []
    bench.context.tasks.started.connect(
        lambda task, job: job.progressed.connect(lambda _done, _total: seen.append(strip.label.text()))
    )
    if is_away:
        bench.lab.trouble.next("deleted.remove_files", UnavailableError("The store is away."))
    bench.choose("ankara")
    assert not bench.tab.delete.isVisible()
    bench.lab.centers.deactivate(bench.lab.ankara.id)
    bench.tab._inactive.setChecked(True)
    bench.choose("ankara")
    bench.tab.delete.click()
    dialog = bench.dialog(DeleteDialog)
    line(dialog.fields["name"]).setText("Ankara Research Lab")
    dialog.submit()
    assert dialog.fields["reason"].problem
    lines(dialog.fields["reason"]).setPlainText("moved away")
    dialog.submit()
    assert [row.slug for row in bench.tab.records.model.rows] == ["istanbul"]
    assert seen == ["Removing the files of Ankara Research Lab · 2 of 3 files"]
    ends = "; its files could not all be removed now, and are later." if is_away else ", with its files."
    deleted = "Ankara Research Lab is deleted for good"
    assert bench.said.remarks[-2:] == [f"{deleted}.", f"{deleted}{ends}"]
