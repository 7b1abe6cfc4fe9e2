"""About, and the licences behind it."""

import sysconfig
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.ui.dialogs import about


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
