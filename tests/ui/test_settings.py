"""The settings: kept in their file, obeyed at once, and honest about what could not be read."""

from pathlib import Path

from PySide6.QtCore import Qt

from desktop_app.config import Appearance, Settings, load_settings, save_settings
from desktop_app.ui.dialogs.settings import SettingsDialog
from desktop_app.ui.shell.application import Look
from tests.ui.editors import choice
from tests.ui.window_fixture import WindowDriver


def opened(driver: WindowDriver) -> SettingsDialog:
    driver.qtbot.keyClick(driver.window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialog: SettingsDialog = driver.dialog(SettingsDialog)
    return dialog


def test_the_look_is_changed_at_once_and_kept(driver: WindowDriver, look: Look) -> None:
    driver.enter()
    dialog = opened(driver)
    choice(dialog.fields["appearance"]).choose(Appearance.DARK)
    dialog.submit()
    assert look.appearance is Appearance.DARK
    assert load_settings(driver.settings_file).settings == Settings(appearance=Appearance.DARK)
    assert opened(driver).settings().appearance is Appearance.DARK, "the next dialog knows it"
    driver.dialog(SettingsDialog).reject()


def test_the_next_start_looks_as_it_was_chosen(driver: WindowDriver, look: Look) -> None:
    save_settings(driver.settings_file, Settings(appearance=Appearance.DARK))
    driver.open()
    assert look.appearance is Appearance.DARK


def test_never_locking_is_said_to_be_what_it_is(driver: WindowDriver) -> None:
    driver.enter()
    dialog = opened(driver)
    assert dialog.banner.text == ""
    choice(dialog.fields["idle_lock_minutes"]).choose(0)
    assert "works in your name" in dialog.banner.text
    dialog.submit()
    assert load_settings(driver.settings_file).settings.idle_lock_minutes == 0


def test_minutes_that_somebody_wrote_into_the_file_are_not_lost(driver: WindowDriver) -> None:
    save_settings(driver.settings_file, Settings(idle_lock_minutes=7))
    driver.enter()
    dialog = opened(driver)
    assert dialog.settings() == Settings(idle_lock_minutes=7)
    dialog.submit()
    assert load_settings(driver.settings_file).settings.idle_lock_minutes == 7


def test_a_file_that_cannot_be_written_is_said_in_the_dialog(driver: WindowDriver) -> None:
    driver.settings_file.mkdir()
    (driver.settings_file / "in the way").touch()
    driver.enter()
    dialog = opened(driver)
    choice(dialog.fields["appearance"]).choose(Appearance.DARK)
    dialog.submit()
    assert "could not be written" in dialog.banner.text
    dialog._discarding = True
    dialog.reject()


def test_damaged_settings_are_said_where_one_looks_first(driver: WindowDriver, tmp_path: Path) -> None:
    driver.settings_file.write_text("appearance = ")
    window = driver.open()
    assert "were damaged and were set aside as" in window.sign_in.banner.text
    window.close()
    driver.settings_file.write_text("appearance = ")
    driver.installation.known = []
    assert "were damaged and were set aside as" in driver.open().first_run.banner.text
