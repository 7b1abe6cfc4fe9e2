"""Today: what wants to be looked at, and the way to it."""

from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyle, QStyleOptionButton

from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.rights import Standing
from desktop_app.errors import UnavailableError
from desktop_app.ui.foundation.theme import LIGHT
from desktop_app.ui.models.transfers import Destination
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.list_filters import Owner
from tests.ui.fake_services import Lab
from tests.ui.made_records import document, sample
from tests.ui.window_fixture import PASSWORD, WindowDriver
from tools.driver import Drag


def fill(lab: Lab) -> None:
    lab.sample_rows = [sample(1, name="<b>Serum</b>"), sample(2, name="Plasma", status=SampleStatus.REJECTED)]
    lab.document_rows = [document(1, title="Report & more")]


@pytest.fixture
def space(driver: WindowDriver) -> Workspace:
    return driver.enter(Standing.ADMIN, fill)


def lines(space: Workspace) -> list[str]:
    return [each.text() for each in space.today.findChildren(Button) if each.isVisible()]


def test_the_house_leads_to_today_and_a_line_to_its_record(space: Workspace, driver: WindowDriver) -> None:
    assert not space.today.isVisible()
    space.header.home.click()
    driver.qtbot.waitUntil(lambda: lines(space) == ["Plasma", "<b>Serum</b>", "Report && more"])
    assert "11.2 GB" in {each.text() for each in space.today.findChildren(PlainLabel)}
    next(each for each in space.today.findChildren(Button) if each.text() == "Plasma").click()
    assert not space.today.isVisible()
    assert space.page is space.tabs.samples
    assert space.page.isVisible()
    current = space.tabs.samples.records.current
    assert current is not None
    assert current.name == "Plasma"


def test_no_tab_looks_chosen_while_today_is_in_its_place(space: Workspace) -> None:
    bar = space.area.bar

    def line_below() -> list[str]:
        place = bar.tabRect(bar.currentIndex())
        shot = bar.grab(place).toImage()
        return [shot.pixelColor(place.width() // 2, shot.height() - 1 - up).name() for up in range(3)]

    assert LIGHT.accent in line_below()
    space.show_today()
    assert LIGHT.accent not in line_below()
    space.show_tab(space.page)
    assert LIGHT.accent in line_below()


def test_files_dropped_on_today_are_for_the_center_and_for_no_sample(
    space: Workspace, driver: WindowDriver, tmp_path: Path
) -> None:
    (note := tmp_path / "note.txt").write_text("for everybody")
    # The documents that are behind it may be those of one sample.
    space.tabs.documents._sample.put_on(Owner(UUID(int=1), "LK-1"))
    space.show_today()
    drag = Drag(space.today.drop, [note])
    assert (drag.is_taken, drag.said) == (True, "Seal 1 file for Istanbul Medical Center")
    told: list[Destination] = []
    space.transfers.finished.connect(lambda _summary, destination: told.append(destination))
    assert drag.drop()
    driver.qtbot.waitUntil(lambda: bool(told))
    assert [(each.work, each.sample_id) for each in told] == [(space.work, None)]


def test_who_may_not_add_files_is_told_over_today(driver: WindowDriver, tmp_path: Path) -> None:
    space = driver.enter(Standing.VIEWER, fill)
    space.show_today()
    drag = Drag(space.today.drop, [tmp_path])
    assert not drag.is_taken
    assert drag.said


def test_the_tab_that_was_in_front_is_a_click_away(space: Workspace) -> None:
    QTest.keyClick(space, Qt.Key.Key_Home, Qt.KeyboardModifier.AltModifier)
    assert space.today.isVisible()
    bar = space.area.bar
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(bar.currentIndex()).center())
    assert not space.today.isVisible()
    assert space.page.isVisible()


def test_what_cannot_be_read_is_said_there(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(now: object = None) -> None:
        raise UnavailableError("The server does not answer.")

    assert space.work is not None
    monkeypatch.setattr(space.work.today, "read", away)
    space.show_today()
    assert space.today.banner.text == "The server does not answer."


def test_the_program_opens_with_it(driver: WindowDriver) -> None:
    window = driver.open()
    window.opens_today = True
    window.sign_in.sign_in_as("ayse.admin", PASSWORD)
    assert driver.wait_for_workspace().today.isVisible()


def test_the_line_that_has_the_focus_is_not_cut(space: Workspace) -> None:
    space.header.home.click()
    line = next(each for each in space.findChildren(Button) if each.property("kind") == "link" and each.isVisible())

    def room() -> QRect:
        option = QStyleOptionButton()
        line.initStyleOption(option)
        return line.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, line)

    space.header.home.setFocus()
    before = room()
    line.setFocus()
    assert line.hasFocus()
    assert room() == before
