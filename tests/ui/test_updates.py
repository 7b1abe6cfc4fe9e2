"""A newer version is said in the foot and in About; nothing is opened, fetched or installed."""

from PySide6.QtWidgets import QLabel

from desktop_app.domain.rights import Standing
from desktop_app.message import Message
from desktop_app.services.maintenance.updates import Update, UpdateState
from desktop_app.ui.dialogs.about import AboutDialog
from desktop_app.ui.shell.workspace import Workspace
from tests.ui.fake_services import Lab
from tests.ui.window_fixture import WindowDriver

NEWER = Update(UpdateState.NEWER, "/x", "9.9", "With labels.", "https://lab.example/<b>labkeep</b>")


def signed_in(driver: WindowDriver, found: Update) -> Workspace:
    def fill(lab: Lab) -> None:
        lab.updates.found = found

    return driver.enter(Standing.VIEWER, fill)


def words(driver: WindowDriver) -> str:
    dialog = driver.dialog(AboutDialog)
    found = "\n".join(each.text() for each in dialog.findChildren(QLabel) if each.isVisible())
    dialog.accept()
    return found


def test_a_newer_version_is_said_and_about_says_the_rest(driver: WindowDriver) -> None:
    space = signed_in(driver, NEWER)
    link = space.foot.update_link
    assert link.isVisible()
    assert link.text() == "Labkeep 9.9 is out"
    link.click()
    said = words(driver)
    assert "Your administrators want Labkeep 9.9 to be used. With labels." in said
    assert "https://lab.example/<b>labkeep</b>" in said, "as it is, and nothing to be clicked"


def test_nothing_new_says_nothing(driver: WindowDriver) -> None:
    space = signed_in(driver, Update(UpdateState.CURRENT, "/x", "0.1"))
    assert not space.foot.update_link.isVisible()
    space.header.about_asked.emit()
    assert "administrators want" not in words(driver)


def test_what_is_ignored_is_said_in_about_alone(driver: WindowDriver) -> None:
    ignored = Update(
        UpdateState.FORGED, "/x", reason=Message("The manifest of newer versions is ignored. It was changed.")
    )
    space = signed_in(driver, ignored)
    assert not space.foot.update_link.isVisible()
    assert space.banner.text == ""
    space.header.about_asked.emit()
    assert "is ignored. It was changed." in words(driver)


def test_behind_the_lock_nobody_looks(driver: WindowDriver) -> None:
    space = signed_in(driver, NEWER)
    assert driver.window is not None
    assert space.updates._timer.isActive()
    driver.window.lock()
    assert not space.updates._timer.isActive()
