"""The system's file dialogs begin in a folder that is there, with no name that nobody chose."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.ui.widgets.file_choice import choose_file


@pytest.mark.parametrize("there", [True, False], ids=["documents", "no documents"])
def test_it_begins_in_a_folder_that_is_there(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, there: bool
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    if there:
        (tmp_path / "Documents").mkdir()
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = choose_file(parent, "Import", lambda _path: None)
    assert Path(dialog.directory().path()) == (tmp_path / "Documents" if there else tmp_path)
    [name] = [each.text() for each in dialog.findChildren(QLineEdit, "fileNameEdit")]
    assert name == ""
    dialog.reject()
