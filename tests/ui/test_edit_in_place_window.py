"""Values that are edited where they stand, in the whole window: with a scanner, behind the lock, beside the form."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.domain.records import Sample
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.tabs.samples import SamplesTab
from desktop_app.ui.widgets.field import Field
from tests.ui import scanner_keyboard
from tests.ui.editors import line
from tests.ui.scanner_keyboard import Keyboard, settle
from tests.ui.test_locking import lock, seen
from tests.ui.window_fixture import WindowDriver


@pytest.fixture
def named(driver: WindowDriver) -> tuple[SamplesTab, Sample, Field]:
    """The whole window, with the editor of the first sample's name open."""
    tab = scanner_keyboard.enter(driver).tabs.samples
    tab.records.table.choose_row(0)
    one = tab.records.current
    assert one is not None
    QTest.mouseDClick(tab.detail.title, Qt.MouseButton.LeftButton)
    field = tab.detail.in_place.field
    assert field is not None
    return tab, one, field


def names(tab: SamplesTab) -> dict[str, str]:
    return {each.barcode: each.name for each in tab.records.model.rows if each is not None}


def test_a_scan_is_not_typed_into_an_open_editor(driver: WindowDriver, named: tuple[SamplesTab, Sample, Field]) -> None:
    tab, one, field = named
    line(field).setText("Typed")
    before = names(tab)
    other = next(code for code in scanner_keyboard.CODES if code != one.barcode)
    Keyboard(driver).scan(other)
    settle(driver)
    driver.qtbot.waitUntil(lambda: tab.detail.title.text() == before[other])
    assert names(tab) == before | {one.barcode: "Typed"}, "it is saved to the sample that it was typed for"


@pytest.mark.parametrize("typed", ["A secret", "secret" * 50])
def test_nothing_of_an_open_editor_is_seen_behind_the_lock(
    driver: WindowDriver, named: tuple[SamplesTab, Sample, Field], typed: str
) -> None:
    tab, one, field = named
    line(field).setText(typed)
    lock(driver)
    assert "secret" not in seen(driver)
    fits = len(typed) < 200
    assert names(tab)[one.barcode] == (typed if fits else one.name)
    assert (tab.detail.in_place.field is None) is fits, "what does not fit is there again with the window"


def test_the_form_opens_with_f2_where_no_value_has_the_focus(
    driver: WindowDriver, named: tuple[SamplesTab, Sample, Field]
) -> None:
    tab, _one, field = named
    QTest.keyClick(field.editor, Qt.Key.Key_Escape)
    tab.detail.title.setFocus()
    QTest.keyClick(tab.detail.title, Qt.Key.Key_F2)
    assert tab.detail.in_place.field is not None
    assert not tab.findChildren(SampleDialog)
    QTest.keyClick(tab.detail.in_place.field.editor, Qt.Key.Key_Escape)
    tab.records.table.setFocus()
    QTest.keyClick(tab.records.table, Qt.Key.Key_F2)
    driver.dialog(SampleDialog).reject()
