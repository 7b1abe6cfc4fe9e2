"""Space shows a document over the whole window, and nothing of it outlives the preview."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from desktop_app.domain.rights import Standing
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.widgets.large_preview import LargePreview
from tests.ui.fake_services import Lab
from tests.ui.made_records import document
from tests.ui.window_fixture import WindowDriver


def fill(lab: Lab) -> None:
    lab.document_rows = [document(1), document(2)]


@pytest.fixture
def space(driver: WindowDriver) -> Workspace:
    made = driver.enter(Standing.ADMIN, fill)
    made.show_tab(made.tabs.documents)
    made.page.records.table.choose_row(0)
    driver.qtbot.waitUntil(lambda: made.tabs.documents.preview.shown == "text")
    return made


def large() -> list[LargePreview]:
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, LargePreview) and each.isVisible()]


def test_space_opens_it_and_closes_it(space: Workspace, driver: WindowDriver) -> None:
    QTest.keyClick(space.page.records.table, Qt.Key.Key_Space)
    [shown] = large()
    assert shown.geometry() == space.window().geometry()
    [text] = shown.findChildren(QPlainTextEdit)
    assert text.toPlainText() == space.tabs.documents.preview.text.toPlainText()
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    driver.qtbot.waitUntil(lambda: not large())


def test_pages_are_turned_zoomed_and_rotated(space: Workspace, driver: WindowDriver) -> None:
    images = []
    for _ in range(3):
        image = QImage(400, 200, QImage.Format.Format_RGB32)
        image.fill(QColor("white"))
        images.append(image)
    preview = space.tabs.documents.preview
    preview.pages.show_images(tuple(images))
    preview._stack.setCurrentIndex(4)
    shown = preview.enlarge("<b>scan</b>")
    assert shown is not None
    pages = shown.pages
    assert pages is not None
    driver.qtbot.waitUntil(shown.isActiveWindow)
    QTest.keyClick(shown, Qt.Key.Key_PageDown)
    driver.qtbot.waitUntil(lambda: pages.at == 1)
    assert shown._where.text() == "Page 2 of 3"
    before = pages.transform().m11()
    QTest.keyClick(shown, Qt.Key.Key_Plus)
    driver.qtbot.waitUntil(lambda: pages.transform().m11() > before)
    for _ in range(50):
        pages.zoom(1.25)
    assert pages.transform().m11() <= 8
    QTest.keyClick(shown, Qt.Key.Key_R)
    driver.qtbot.waitUntil(lambda: pages.transform().m11() == pytest.approx(0, abs=1e-9))
    shown.close()


def test_the_lock_takes_it_away(space: Workspace, driver: WindowDriver) -> None:
    QTest.keyClick(space.page.records.table, Qt.Key.Key_Space)
    assert driver.window is not None
    driver.window.lock()
    driver.qtbot.waitUntil(lambda: not large())
    assert not driver.window.findChildren(LargePreview) or not large()
    driver.window.locking.leave()
