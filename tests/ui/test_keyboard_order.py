"""Where Tab leads in the window, and what a screen reader is told there."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.rights import Standing
from desktop_app.ui.dialogs.drafts import DraftsDialog
from desktop_app.ui.shell.pages.first_run_pages import PlacePage
from desktop_app.ui.shell.status_strip import StatusStrip
from desktop_app.ui.shell.workspace import Workspace
from tests.ui.window_fixture import WindowDriver


def stops(space: Workspace) -> list[QWidget]:
    """What Tab reaches in the window, in its order."""
    found: list[QWidget] = []
    widget = space.window().nextInFocusChain()
    while widget is not None and widget is not space.window():
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            found.append(widget)
        widget = widget.nextInFocusChain()
    return found


def test_the_center_is_reached_and_the_foot_comes_last(driver: WindowDriver) -> None:
    space = driver.enter(Standing.SYSTEM)
    space.open_center(driver.sign_in.labs[0].istanbul)
    for name in ("centers", "users"):
        space.show_tab(getattr(space.tabs, name))
        strip, found = space.findChildren(StatusStrip)[0], stops(space)
        assert space.header.switcher in found
        assert found.index(space.header.switcher) < found.index(space.page.records.table)
        assert found[-1] is strip.place, name


def test_the_foot_comes_last_in_scan_mode_too(driver: WindowDriver) -> None:
    space = driver.enter(Standing.SYSTEM)
    space.open_center(driver.sign_in.labs[0].istanbul)
    assert driver.window is not None
    scans = driver.window.scans
    assert scans is not None
    scans.mode.enter()
    strip, found = space.findChildren(StatusStrip)[0], stops(space)
    assert scans.mode.page.code in found
    assert found[-1] is strip.place


def test_who_is_of_one_center_hears_which_one(driver: WindowDriver) -> None:
    space = driver.enter(Standing.ADMIN)
    assert space.header.switcher in stops(space)
    space.header.switcher.click()
    assert QApplication.activePopupWidget() is None, "there is no other one"


def test_what_the_preview_shows_has_a_name(driver: WindowDriver) -> None:
    preview = driver.enter(Standing.SYSTEM).tabs.documents.preview
    assert all(each.accessibleName() for each in (preview.text, preview.table, preview.pages))


def test_the_choices_of_the_first_start_are_explained(qtbot: QtBot) -> None:
    page = PlacePage()
    qtbot.addWidget(page)
    assert all(each.accessibleDescription() for each in page.findChildren(QRadioButton))


def test_enter_goes_on_with_what_was_being_written(qtbot: QtBot) -> None:
    content = SimpleNamespace(title="New sample: Serum")
    draft = cast(Any, SimpleNamespace(content=content, at=datetime(2026, 11, 30, tzinfo=UTC)))
    window = QWidget()
    qtbot.addWidget(window)
    dialog = DraftsDialog([draft, draft], window)
    dialog.open()
    focus = dialog.focusWidget()
    assert focus is not None
    assert focus.accessibleName() == "Continue New sample: Serum"
    dialog.reject()
