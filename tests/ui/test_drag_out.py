"""A document dragged out of the list: in clear only once somebody asks for it, said, and wiped at the end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent, QMouseEvent
from PySide6.QtWidgets import QApplication

from desktop_app.domain.rights import Standing
from desktop_app.errors import UnavailableError
from desktop_app.ui.shell import drag_out
from tests.ui.fake_services import Lab
from tests.ui.made_records import document
from tests.ui.window_fixture import WindowDriver

TITLE = "Blood count"
Hand = Callable[[QDrag], Qt.DropAction]


def fill(lab: Lab) -> None:
    lab.document_rows = [document(1, title=TITLE, file_name="blood.txt"), document(2, title="Other")]


def copies(driver: WindowDriver) -> list[Path]:
    """What lies in clear in the private folder."""
    folder = driver.external_copies._folder._open_dir
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"]


def drag(driver: WindowDriver, monkeypatch: pytest.MonkeyPatch, hand: Hand) -> Any:
    """Press on the first row, move the mouse, and do with the drag what *hand* does."""
    workspace = driver.enter(Standing.VIEWER, fill)
    monkeypatch.setattr(drag_out, "run_drag", hand)
    table = workspace.tabs.documents.records.table
    row = next(at for at, record in enumerate(table._model.rows) if record.title == TITLE)
    start = table.visualRect(table.model().index(row, 0)).center()
    qtbot, viewport, left = driver.qtbot, table.viewport(), Qt.MouseButton.LeftButton
    qtbot.mousePress(viewport, left, pos=start)
    for step in range(1, QApplication.startDragDistance() + 2):
        move(viewport, start + QPoint(0, step * 3))
    qtbot.mouseRelease(viewport, left, pos=start)
    assert table.currentIndex().row() == row, "no other row is chosen on the way"
    return workspace


def move(widget: Any, to: QPoint) -> None:
    left = Qt.MouseButton.LeftButton
    spot = QPointF(to)
    over = QPointF(widget.mapToGlobal(to))
    event = QMouseEvent(
        QEvent.Type.MouseMove, spot, over, Qt.MouseButton.NoButton, left, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(widget, event)


def test_the_copy_is_made_for_whoever_takes_it(driver: WindowDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[Path]] = []

    def take(made: QDrag) -> Qt.DropAction:
        mime = made.mimeData()
        assert mime.hasUrls()
        seen.append(copies(driver))
        seen.append([Path(url.toLocalFile()) for url in mime.urls()])
        seen.append([Path(url.toLocalFile()) for url in mime.urls()])
        return Qt.DropAction.CopyAction

    workspace = drag(driver, monkeypatch, take)
    before, first, again = seen
    assert before == [], "nothing is in clear while it is only dragged"
    assert first == again == copies(driver)
    assert [path.name for path in first] == ["blood.txt"]
    assert first[0].read_bytes() == b"text\n"
    assert f"A copy of “{TITLE}” in clear lies where you dropped it" in workspace.banner.text
    assert "no longer protects" in workspace.banner.text
    window: Any = driver.window
    window.lock()
    assert copies(driver) == []


def test_who_asks_after_the_drop_gets_it_and_it_is_said_then(
    driver: WindowDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As under X, where the drag is over for the window before the other program asks."""
    kept: list[QMimeData] = []

    def drop(made: QDrag) -> Qt.DropAction:
        kept.append(made.mimeData())
        return Qt.DropAction.CopyAction

    workspace = drag(driver, monkeypatch, drop)
    assert (copies(driver), workspace.banner.text) == ([], "")
    [url] = kept[0].urls()
    assert Path(url.toLocalFile()).read_bytes() == b"text\n"
    assert "no longer protects" in workspace.banner.text


@pytest.mark.parametrize("fate", ["locked", "refused"])
def test_who_asks_too_late_gets_nothing(driver: WindowDriver, monkeypatch: pytest.MonkeyPatch, fate: str) -> None:
    kept: list[QMimeData] = []

    def drop(made: QDrag) -> Qt.DropAction:
        kept.append(made.mimeData())
        return Qt.DropAction.CopyAction if fate == "locked" else Qt.DropAction.IgnoreAction

    drag(driver, monkeypatch, drop)
    window: Any = driver.window
    if fate == "locked":
        window.lock()
    assert kept[0].urls() == []
    assert copies(driver) == []


def test_a_drag_that_nobody_takes_leaves_nothing(driver: WindowDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    def look_and_leave(made: QDrag) -> Qt.DropAction:
        assert made.mimeData().urls()
        assert copies(driver)
        return Qt.DropAction.IgnoreAction

    workspace = drag(driver, monkeypatch, look_and_leave)
    assert copies(driver) == []
    assert workspace.banner.text == ""


def test_what_cannot_be_read_is_said(driver: WindowDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_any: object, **_more: object) -> None:
        raise UnavailableError("The store is away.")

    monkeypatch.setattr(driver.external_copies, "drag", refuse)

    def take(made: QDrag) -> Qt.DropAction:
        assert made.mimeData().urls() == []
        return Qt.DropAction.CopyAction

    workspace = drag(driver, monkeypatch, take)
    assert "The store is away." in workspace.banner.text


def test_the_windows_own_drag_is_no_drop(driver: WindowDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def over_the_tab(made: QDrag) -> Qt.DropAction:
        window: Any = driver.window
        tab, mime = window.workspace.tabs.documents, made.mimeData()
        none = Qt.KeyboardModifier.NoModifier
        event = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, none)
        monkeypatch.setattr(QDragEnterEvent, "source", lambda _self: tab)
        QApplication.sendEvent(tab, event)
        asked.append(event.isAccepted())
        assert copies(driver) == [], "it did not ask for the file"
        return Qt.DropAction.IgnoreAction

    drag(driver, monkeypatch, over_the_tab)
    assert asked == [False]
