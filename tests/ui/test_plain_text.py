"""Names that look like HTML are shown letter by letter, everywhere, and nothing that they name is loaded."""

import ctypes
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QTextDocument
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QToolTip, QWidget

from desktop_app.domain.records import Membership
from desktop_app.domain.rights import Role, Standing
from desktop_app.ui.dialogs.confirm import Confirm, Question
from desktop_app.ui.dialogs.one_time_password import OneTimePasswordDialog
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.text.plain import PlainLabel, plain_tip
from tests.ui.fake_services import Lab
from tests.ui.made_pictures import encoded
from tests.ui.made_records import document, entry, sample, user
from tests.ui.window_fixture import WindowDriver

IN_OPEN = 0x20


class Watched:
    """A file, and whether anybody has opened it: as the system counts it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._queue = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        assert self._queue >= 0
        assert self._libc.inotify_add_watch(self._queue, os.fsencode(path), IN_OPEN) >= 0

    def times_opened(self) -> int:
        try:
            return len(os.read(self._queue, 65_536)) // struct.calcsize("iIII")
        except BlockingIOError:
            return 0

    def close(self) -> None:
        os.close(self._queue)


@pytest.fixture
def picture(tmp_path: Path) -> Iterator[Watched]:
    path = tmp_path / "loaded.png"
    path.write_bytes(encoded("png"))
    watched = Watched(path)
    yield watched
    watched.close()


def evil(picture: Watched) -> str:
    return f'<img src="{picture.path.as_uri()}"> <b>bold</b>'


def fill(lab: Lab, name: str) -> None:
    lab.sample_rows = [
        sample(1, name=name, barcode=name, description=name, results=name, collected_place=name, metadata={name: name})
    ]
    lab.document_rows = [document(1, title=name, file_name=name, document_type=name, tags=(name,))]
    place = Membership(center_id=lab.istanbul.id, center=name, role=Role.USER)
    lab.users.rows.put(user("aaa", Role.USER, None, is_system=False, first_name=name, memberships=(place,)))
    lab.entries = [entry(1, lab.sample_rows[0].id, {"name": name}, {"name": name, "barcode": name}, who=name)]


def hover(widget: QWidget, at: QPoint | None = None) -> str:
    """The tooltip as it is shown, without a mouse."""
    at = at or widget.rect().center()
    QToolTip.hideText()
    QCoreApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, at, widget.mapToGlobal(at)))
    return QToolTip.text()


def in_sight(root: QWidget) -> list[QWidget]:
    found = [each for each in root.findChildren(QWidget) if each.isVisible()]
    return [each for each in found if each.objectName() != "qtooltip_label"]  # Qt's own, looked at by hovering


def literal(tip: str) -> str:
    """What a person reads of a tooltip."""
    shown = QTextDocument()
    if "<" in tip or "&lt;" in tip:
        shown.setHtml(tip)
    else:
        shown.setPlainText(tip)
    assert "\ufffc" not in shown.toPlainText(), "a picture stands in it"
    return shown.toPlainText()


def look_at_everything(root: QWidget, name: str) -> int:
    """Hover over everything in sight; how often the name was to be read."""
    seen = 0
    for widget in in_sight(root):
        if isinstance(widget, QLabel):
            assert widget.textFormat() is Qt.TextFormat.PlainText, widget.text()
            seen += name in widget.text()
        tip = hover(widget)
        seen += bool(tip) and name in literal(tip)
        if isinstance(widget, QAbstractItemView) and widget.model() is not None:
            row = max(0, widget.currentIndex().row())
            for column in range(widget.model().columnCount()):
                index = widget.model().index(row, column)
                tip = hover(widget.viewport(), widget.visualRect(index).center())
                seen += bool(tip) and name in literal(tip)
    QToolTip.hideText()
    return seen


def test_the_watch_itself_notices(picture: Watched, qtbot: Any) -> None:
    label = QLabel(evil(picture))
    qtbot.addWidget(label)
    label.show()
    qtbot.waitUntil(lambda: label.isVisible())
    label.grab()
    assert picture.times_opened() > 0


def test_names_that_look_like_html_load_nothing_and_are_read_as_they_are(
    driver: WindowDriver, picture: Watched
) -> None:
    name = evil(picture)
    workspace = driver.enter(Standing.ADMIN, lambda lab: fill(lab, name))
    seen = {}
    for page in (workspace.tabs.users, workspace.tabs.samples, workspace.tabs.documents, workspace.tabs.activity):
        workspace.show_tab(page)
        rows = page.records.model.rowCount()
        at = next((row for row in range(rows) if name in str(page.records.model.index(row, 1).data())), 0)
        page.records.table.choose_row(at)
        QCoreApplication.processEvents()
        assert driver.window is not None
        seen[type(page).__name__] = look_at_everything(driver.window, name)
        driver.window.grab()
    assert all(seen.values()), seen
    workspace.context.messages.notice(Notice(name))
    workspace.context.messages.say(name)
    for dialog in (
        Confirm(Question(name, name, name, danger=True, type_name=name), workspace),
        OneTimePasswordDialog(name, name, name, workspace),
    ):
        dialog.open()
        assert look_at_everything(dialog, name)
        dialog.grab()
        dialog.done(0)
    look_at_everything(workspace, name)
    workspace.grab()
    QApplication.processEvents()
    assert picture.times_opened() == 0


@pytest.mark.parametrize(
    "text", ["<b>x</b>", "a <img src=x> & b", "&lt;b&gt;", "<?xml?>", "<", "1 < 2\nand 3", "a & b", "plain", ""]
)
def test_a_tooltip_is_read_as_it_was_meant(text: str) -> None:
    assert literal(plain_tip(text)) == text


def test_a_label_is_plain() -> None:
    assert PlainLabel("<b>x</b>").textFormat() is Qt.TextFormat.PlainText
