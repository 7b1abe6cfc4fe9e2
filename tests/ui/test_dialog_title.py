"""A dialog says once what it is called: in its heading, and by its name to who does not see it."""

from PySide6.QtWidgets import QDialog, QLabel
from pytestqt.qtbot import QtBot

from desktop_app.ui.dialogs.confirm import Confirm, Question
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText
from desktop_app.ui.foundation.jobs import Jobs


def test_the_frame_does_not_repeat_the_heading(qtbot: QtBot) -> None:
    jobs = Jobs()
    form = FormDialog(jobs, FormText("New sample", "Create sample"))
    form.set_form([], dict, lambda: lambda: None)
    dialogs: list[tuple[QDialog, str]] = [
        (Confirm(Question("Archive A-1?", "For good.", "Archive A-1")), "Archive A-1?"),
        (form, "New sample"),
    ]
    for dialog, title in dialogs:
        qtbot.addWidget(dialog)
        assert dialog.windowTitle() == "Labkeep"
        assert dialog.accessibleName() == title
        assert [each.text() for each in dialog.findChildren(QLabel)].count(title) == 1
    jobs.close()
