"""About, and the licences behind it."""

import sysconfig
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.ui.dialogs import about
from desktop_app.ui.shell.application import apply_style


def test_licences_are_those_of_the_package_or_beside_the_libraries(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = about.AboutDialog(None)
    qtbot.addWidget(dialog)
    dialog.licences.click()
    (shown,) = dialog.findChildren(about.LicencesDialog)
    assert sysconfig.get_path("purelib") in shown.text.toPlainText()
    shown.reject()
    gathered = tmp_path / "third-party-licences.txt"
    gathered.write_text("Qt 6.11: LGPL-3.0-only\n", encoding="utf-8")
    monkeypatch.setattr(about, "third_party_licences", lambda: gathered)
    packaged = about.LicencesDialog()
    qtbot.addWidget(packaged)
    assert packaged.text.toPlainText() == "Qt 6.11: LGPL-3.0-only\n"
    gathered.unlink()
    unreadable = about.LicencesDialog()
    qtbot.addWidget(unreadable)
    assert str(gathered) in unreadable.text.toPlainText()


def test_the_window_has_the_icon_of_the_menu(qapp: QApplication) -> None:
    apply_style(qapp)
    picture = qapp.windowIcon().pixmap(64, 64).toImage()
    assert picture.pixelColor(32, 5).name() == "#0b6470"
    assert picture.pixelColor(0, 0).alpha() == 0
