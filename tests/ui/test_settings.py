"""The settings: kept in their file, obeyed at once, and honest about what could not be read."""

from pathlib import Path

from PySide6.QtCore import Qt

from desktop_app.config import Appearance, Settings, load_settings, save_settings
from desktop_app.ui.dialogs.settings import SettingsDialog
from desktop_app.ui.shell.application import Look
from tests.ui.editors import choice
from tests.ui.window_fixture import Front


def opened(front: Front) -> SettingsDialog:
    front.qtbot.keyClick(front.window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialog: SettingsDialog = front.dialog(SettingsDialog)
    return dialog


def test_the_look_is_changed_at_once_and_kept(front: Front, look: Look) -> None:
    front.enter()
    dialog = opened(front)
    choice(dialog.fields["appearance"]).choose(Appearance.DARK)
    dialog.submit()
    assert look.appearance is Appearance.DARK
    assert load_settings(front.settings_file).settings == Settings(appearance=Appearance.DARK)
    assert opened(front).settings().appearance is Appearance.DARK, "the next dialog knows it"
    front.dialog(SettingsDialog).reject()


def test_the_next_start_looks_as_it_was_chosen(front: Front, look: Look) -> None:
    save_settings(front.settings_file, Settings(appearance=Appearance.DARK))
    front.open()
    assert look.appearance is Appearance.DARK


def test_never_locking_is_said_to_be_what_it_is(front: Front) -> None:
    front.enter()
    dialog = opened(front)
    assert dialog.banner.text == ""
    choice(dialog.fields["idle_lock_minutes"]).choose(0)
    assert "works in your name" in dialog.banner.text
    dialog.submit()
    assert load_settings(front.settings_file).settings.idle_lock_minutes == 0


def test_minutes_that_somebody_wrote_into_the_file_are_not_lost(front: Front) -> None:
    save_settings(front.settings_file, Settings(idle_lock_minutes=7))
    front.enter()
    dialog = opened(front)
    assert dialog.settings() == Settings(idle_lock_minutes=7)
    dialog.submit()
    assert load_settings(front.settings_file).settings.idle_lock_minutes == 7


def test_a_file_that_cannot_be_written_is_said_in_the_dialog(front: Front) -> None:
    front.settings_file.mkdir()
    (front.settings_file / "in the way").touch()
    front.enter()
    dialog = opened(front)
    choice(dialog.fields["appearance"]).choose(Appearance.DARK)
    dialog.submit()
    assert "could not be written" in dialog.banner.text
    dialog._discarding = True
    dialog.reject()


def test_damaged_settings_are_said_where_one_looks_first(front: Front, tmp_path: Path) -> None:
    front.settings_file.write_text("appearance = ")
    window = front.open()
    assert "were damaged and were set aside as" in window.sign_in.banner.text
    window.close()
    front.settings_file.write_text("appearance = ")
    front.house.known = []
    assert "were damaged and were set aside as" in front.open().first_run.banner.text
