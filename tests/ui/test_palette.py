"""What the header's field finds while one types, and the keys between lists and the fields that search them."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from desktop_app.domain.rights import Standing
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.widgets.center_switcher import CenterPopup
from tests.ui.fake_services import Lab
from tests.ui.made_records import document, sample
from tests.ui.window_fixture import WindowDriver

CONTROL = Qt.KeyboardModifier.ControlModifier


def fill(lab: Lab) -> None:
    lab.sample_rows = [sample(1, name="Serum"), sample(2, name="<b>Plasma</b>")]
    lab.document_rows = [document(1, title="Serum report")]


@pytest.fixture
def space(driver: WindowDriver) -> Workspace:
    made = driver.enter(Standing.SYSTEM, fill)
    made.open_center(driver.sign_in.labs[0].istanbul)
    made.show_tab(made.tabs.samples)
    return made


def typed(space: Workspace, driver: WindowDriver, text: str) -> list[str]:
    field = space.header.search
    QTest.keyClick(space, Qt.Key.Key_P, CONTROL)
    assert field.hasFocus()
    QTest.keyClicks(field, text)
    driver.qtbot.waitUntil(lambda: field.text() == text and not space.palette_of_all._pause.isActive())
    return [hit.words for hit in space.palette_of_all.hits]


def test_hits_of_every_kind_appear_while_one_types(space: Workspace, driver: WindowDriver) -> None:
    assert typed(space, driver, "serum") == ["Serum", "Serum report"]
    QTest.keyClick(space.header.search, Qt.Key.Key_Return)
    current = space.tabs.samples.records.current
    assert current is not None
    assert current.name == "Serum"
    assert space.header.search.text() == ""
    assert not space.palette_of_all.isVisible()


def test_down_and_enter_go_to_a_document_and_to_a_center(space: Workspace, driver: WindowDriver) -> None:
    typed(space, driver, "serum")
    QTest.keyClick(space.header.search, Qt.Key.Key_Down)
    QTest.keyClick(space.header.search, Qt.Key.Key_Return)
    assert space.page is space.tabs.documents
    assert "Ankara Research Lab" in typed(space, driver, "ankara")
    QTest.keyClick(space.header.search, Qt.Key.Key_Return)
    assert space.work is not None
    assert space.work.center.name == "Ankara Research Lab"


def test_an_action_is_done(space: Workspace, driver: WindowDriver) -> None:
    assert typed(space, driver, "new sample")[0] == "Samples: New sample"
    QTest.keyClick(space.header.search, Qt.Key.Key_Escape)
    assert typed(space, driver, "samples: new sample") == ["Samples: New sample"], "as one reads it"
    QTest.keyClick(space.header.search, Qt.Key.Key_Return)
    driver.dialog(SampleDialog).close()


def test_an_action_that_cannot_be_done_says_why(space: Workspace, driver: WindowDriver) -> None:
    said: list[str] = []
    space.context.messages.said.connect(said.append)
    assert "Samples: Start processing" in typed(space, driver, "start proc")
    QTest.keyClick(space.header.search, Qt.Key.Key_Return)
    assert said == ["Choose a record first."]
    assert space.header.search.text() == "start proc", "what cannot be done takes nothing away"


def test_what_every_tab_has_is_offered_for_the_one_in_front_first(space: Workspace, driver: WindowDriver) -> None:
    for tab in (space.tabs.documents, space.tabs.samples):
        space.show_tab(tab)
        assert typed(space, driver, "delete for")[0] == f"{tab.title()}: Delete for good"
        QTest.keyClick(space.header.search, Qt.Key.Key_Escape)
        space.header.search.clear()


def test_names_are_shown_as_they_are(space: Workspace, driver: WindowDriver) -> None:
    assert typed(space, driver, "plasma") == ["<b>Plasma</b>"]


def test_ctrl_p_offers_every_action_and_escape_gives_the_list_back(space: Workspace, driver: WindowDriver) -> None:
    assert len(typed(space, driver, "")) == len(list(space.actions_of_all))
    QTest.keyClick(space.header.search, Qt.Key.Key_Escape)
    assert not space.palette_of_all.isVisible()
    QTest.keyClick(space.header.search, Qt.Key.Key_Escape)
    assert space.tabs.samples.records.table.hasFocus()


def test_what_fails_is_said_in_the_palette(space: Workspace, driver: WindowDriver, monkeypatch: Any) -> None:
    work: Any = space.work
    from desktop_app.errors import UnavailableError
    from desktop_app.message import Message

    def away(*_args: object) -> None:
        raise UnavailableError(Message("The server does not answer."))

    monkeypatch.setattr(work.samples, "list", away)
    assert typed(space, driver, "serum")[-1] == "The server does not answer."


def test_a_click_goes_there(space: Workspace, driver: WindowDriver) -> None:
    typed(space, driver, "serum")
    table = space.palette_of_all.table
    row = table.rowHeight(0)
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, row + row // 2))
    assert space.page is space.tabs.documents


def test_a_switch_of_tabs_goes_into_the_list(space: Workspace, driver: WindowDriver) -> None:
    space.header.search.setFocus()
    QTest.keyClick(space, Qt.Key.Key_4, CONTROL)
    assert space.tabs.documents.records.table.hasFocus()
    bar = space.area.bar
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(2).center())
    assert space.tabs.samples.records.table.hasFocus()


def test_who_goes_through_a_list_by_the_keys_stays_in_it(space: Workspace, driver: WindowDriver) -> None:
    table = space.tabs.samples.records.table
    assert space.tabs.samples.records.current is None, "to be in the list is not to have chosen something"
    for _ in range(2):
        QTest.keyClick(table, Qt.Key.Key_Down)
        driver.qtbot.wait(1)  # whatever the system says to that has its turn
        assert table.hasFocus()
        assert space.window().isActiveWindow()
    assert space.tabs.samples.records.current is not None


def test_down_escape_and_escape_go_between_search_and_list(space: Workspace) -> None:
    records = space.tabs.samples.records
    QTest.keyClick(space, Qt.Key.Key_F, CONTROL)
    assert records.search.hasFocus()
    QTest.keyClick(records.search, Qt.Key.Key_Down)
    assert QApplication.focusWidget() is records.table
    assert records.current is not None
    QTest.keyClick(records.table, Qt.Key.Key_Escape)
    assert records.search.hasFocus()
    records.search.setText("Ser")
    QTest.keyClick(records.search, Qt.Key.Key_Escape)
    assert records.search.text() == ""


def test_the_switcher_marks_the_open_center(space: Workspace) -> None:
    space.header.switcher.open()
    [popup] = [each for each in space.header.switcher.findChildren(CenterPopup) if each.isVisible()]
    model = popup.list.model()
    words = [model.index(at, 0).data() for at in range(model.rowCount())]
    assert words == ["Ankara Research Lab", "Istanbul Medical Center (open)"]
    popup.close()


def test_of_more_than_a_few_it_is_said_how_many_there_are_and_they_are_all_in_the_list(driver: WindowDriver) -> None:
    def many(lab: Lab) -> None:
        lab.sample_rows = [sample(at, name=f"Serum {at}") for at in range(1, 13)]
        lab.document_rows = [document(1, title="Serum report")]

    space = driver.enter(Standing.SYSTEM, many)
    space.open_center(driver.sign_in.labs[0].istanbul)
    space.show_tab(space.tabs.documents)
    words = typed(space, driver, "serum")
    assert words[5:] == ["More samples…", "Serum report"], "of the documents there is no other"
    beyond = space.palette_of_all.hits[5]
    assert beyond.more == "7 more"
    for _ in range(5):
        QTest.keyClick(space.header.search, Qt.Key.Key_Down)
    QTest.keyClick(space.header.search, Qt.Key.Key_Return)
    assert space.page is space.tabs.samples
    assert space.tabs.samples.records.search.text() == "serum"
    driver.qtbot.waitUntil(lambda: space.tabs.samples.records.model.rowCount() == 12)
    assert space.header.search.text() == ""


def test_a_search_that_is_taken_off_takes_its_cross_along(space: Workspace, driver: WindowDriver) -> None:
    records = space.tabs.samples.records
    QTest.keyClicks(records.search, "serum")
    cross = next(
        each for each in records.search.findChildren(QToolButton) if each.defaultAction().objectName().startswith("_q_")
    )
    driver.qtbot.waitUntil(lambda: cross.property("opacity") == 1.0)
    space.tabs.samples.take_filters_off()
    assert records.search.text() == ""
    driver.qtbot.waitUntil(lambda: cross.property("opacity") == 0.0)
    assert not records._pause.isActive(), "nobody is asked for the list by it"
