"""A tab is made when it is first wanted, and the others in turns of their own; nothing asks whether it is there."""

from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from pytestqt.qtbot import QtBot

from desktop_app.domain.records import AuditEntry, Document, Sample
from desktop_app.domain.rights import Standing
from desktop_app.services.session.center_services import CenterServices
from desktop_app.ui.foundation.turns import one_per_turn
from desktop_app.ui.shell import workspace as workspace_module
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.tabs.tab_context import Target
from tests.ui.fake_services import Lab
from tests.ui.made_records import sample
from tests.ui.window_fixture import PASSWORD, WindowDriver

CONTROL = Qt.KeyboardModifier.ControlModifier


def fill(lab: Lab) -> None:
    lab.sample_rows = [sample(1, name="Serum"), sample(2, name="Plasma")]


@pytest.fixture
def workspace(driver: WindowDriver, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """One in which no tab is made that nobody asks for."""
    monkeypatch.setattr(workspace_module, "TAB_PAUSE_MS", 1_000_000)
    return driver.enter(Standing.ADMIN, fill)


def there(workspace: Workspace) -> list[str]:
    return [type(tab).title() for tab in workspace.tabs.there]


def test_only_what_is_seen_is_made_at_first(workspace: Workspace) -> None:
    assert there(workspace) == ["Documents"]
    assert workspace.page is workspace.tabs.documents
    bar = workspace.area.bar
    assert [bar.tabText(at) for at in range(bar.count())] == ["Centers", "Users", "Samples", "Documents", "Activity"]


def test_a_shortcut_leads_to_a_tab_that_was_not_there(workspace: Workspace, driver: WindowDriver) -> None:
    driver.qtbot.keyClick(workspace, Qt.Key.Key_3, CONTROL)
    assert there(workspace) == ["Documents"], "in that turn it would be made and shown: a silence of the window"
    driver.qtbot.waitUntil(lambda: there(workspace) == ["Documents", "Samples"])
    assert workspace.page is workspace.tabs.samples
    driver.qtbot.waitUntil(workspace.tabs.samples.isVisible)
    assert [row.name for row in workspace.tabs.samples.records.model.rows] == ["Plasma", "Serum"]


def test_the_bar_leads_to_a_tab_that_was_not_there(workspace: Workspace, driver: WindowDriver) -> None:
    bar = workspace.area.bar
    driver.qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(0).center())
    driver.qtbot.waitUntil(lambda: there(workspace) == ["Documents", "Centers"])
    driver.qtbot.waitUntil(workspace.tabs.centers.isVisible)


def test_who_goes_on_to_another_tab_meanwhile_sees_that_one(workspace: Workspace, driver: WindowDriver) -> None:
    driver.qtbot.keyClick(workspace, Qt.Key.Key_3, CONTROL)
    driver.qtbot.keyClick(workspace, Qt.Key.Key_4, CONTROL)
    driver.qtbot.waitUntil(lambda: there(workspace) == ["Documents", "Samples"])
    passed: list[bool] = []
    one_per_turn(workspace, [lambda: None, lambda: None, lambda: passed.append(True)])
    driver.qtbot.waitUntil(lambda: bool(passed))
    assert workspace.tabs.documents.isVisible()
    assert not workspace.tabs.samples.isVisible()


@pytest.mark.parametrize("wanted", [Target(Sample, search="Serum"), Target(AuditEntry), Target(Document)])
def test_a_link_leads_to_a_tab_that_was_not_there(workspace: Workspace, wanted: Target) -> None:
    workspace.context.go(wanted)
    assert workspace.page.record_class is wanted.kind
    assert workspace.page.isVisible()
    assert workspace.page.work is workspace.work


def test_a_scan_leads_to_a_sample_of_a_tab_that_was_not_there(workspace: Workspace, driver: WindowDriver) -> None:
    assert driver.window is not None
    barcode = fake_barcode(workspace.work)
    driver.window.scanner.scanned.emit(barcode, False)
    assert workspace.page is workspace.tabs.samples
    current = workspace.tabs.samples.records.current
    assert current is not None
    assert current.barcode == barcode


def fake_barcode(work: CenterServices | None) -> str:
    assert work is not None
    return work.samples.list().rows[0].barcode


def test_a_tab_made_later_hears_of_another_center_and_of_what_is_stale(driver: WindowDriver, qtbot: QtBot) -> None:
    workspace: Any = driver.enter(Standing.SYSTEM, fill)
    lab: Any = driver.sign_in.labs[0]
    workspace.open_center(lab.istanbul)
    samples = workspace.tabs.samples
    workspace.show_tab(samples)
    workspace.open_center(lab.ankara)
    assert samples.work is workspace.work
    asked: list[str] = []
    samples.reload = lambda: asked.append("again")
    workspace.monitor.center_moved.emit(True)
    assert asked == ["again"]


def test_the_others_are_made_by_and_by(driver: WindowDriver) -> None:
    workspace = driver.enter()
    driver.qtbot.waitUntil(lambda: len(workspace.tabs.there) == 5, timeout=20_000)
    assert workspace.page is workspace.tabs.documents, "what is made behind it does not come to the front"
    assert workspace.area.stack.currentWidget() is workspace.tabs.documents


def test_nobody_signs_in_twice_while_the_page_is_made(driver: WindowDriver) -> None:
    page = driver.open().sign_in
    page.sign_in_as("ayse.admin", PASSWORD)
    assert page.isVisible(), "it stays until the workspace is there"
    page.sign_in_as("ayse.admin", PASSWORD)
    page.verb.click()
    assert len(driver.sign_in.labs) == 1
    driver.wait_for_workspace()
    assert driver.window is not None
    driver.window.sign_out()
    page.sign_in_as("mehmet", PASSWORD)
    assert len(driver.sign_in.labs) == 2


def test_who_closes_the_window_meanwhile_is_signed_out(driver: WindowDriver) -> None:
    window = driver.open()
    window.sign_in.sign_in_as("ayse.admin", PASSWORD)
    window.close()
    assert driver.sign_in.labs[0].closed
    assert window.workspace is None


def test_each_step_has_a_turn_of_its_own(qtbot: QtBot) -> None:
    owner, done = QTimer(), list[str]()
    owner.timeout.connect(lambda: done.append("turn"))
    one_per_turn(owner, [lambda: done.append("first"), lambda: done.append("second")])
    owner.start(0)
    qtbot.waitUntil(lambda: "second" in done)
    owner.stop()
    assert done.index("second") - done.index("first") > 1, "others had their turn in between"


def test_what_is_left_ends_with_its_owner(qtbot: QtBot) -> None:
    owner, other, done = QTimer(), QTimer(), list[str]()
    one_per_turn(owner, [lambda: done.append("first"), owner.deleteLater, lambda: done.append("never")])
    gone: list[bool] = []
    owner.destroyed.connect(lambda: gone.append(True))
    qtbot.waitUntil(lambda: bool(gone))
    one_per_turn(other, [lambda: None, lambda: None, lambda: done.append("another's")])
    qtbot.waitUntil(lambda: "another's" in done)
    assert done == ["first", "another's"]
    other.deleteLater()
