"""What a dialog is called: said once, by the heading in it."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QDialog, QLabel

from desktop_app.ui.widgets.styling import heading


def entitle(dialog: QDialog, title: str) -> None:
    """The frame names the program, as that of a message does; who does not see the heading hears it as the name."""
    dialog.setAccessibleName(title)
    dialog.setWindowTitle(QCoreApplication.translate("dialog_title", "Labkeep"))


def title_heading(dialog: QDialog, level: int = 1) -> QLabel:
    """The heading of a dialog that is entitled."""
    return heading(dialog.accessibleName(), level)
