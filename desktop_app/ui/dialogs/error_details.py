"""The details of something unexpected, to be read and copied."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.dialog_size import fit_to_screen
from desktop_app.ui.widgets.dialog_title import entitle, title_heading
from desktop_app.ui.widgets.styling import column, muted, row

WIDTH, HEIGHT = 640, 420


class ErrorDetailsDialog(QDialog):
    """Says what the details hold and what they do not."""

    def __init__(self, details: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        entitle(self, self.tr("Something unexpected happened"))
        self.text = QPlainTextEdit(details)
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setProperty("preview", "true")
        self.text.setAccessibleName(self.tr("Details"))
        self.copy = Button(self.tr("&Copy"), "copy")
        self.copy.clicked.connect(self._on_copy)
        done = Button(self.tr("Close"), kind=Kind.PRIMARY)
        done.setDefault(True)
        done.clicked.connect(self.accept)
        layout = column(self, margin=24, gap=12)
        layout.addWidget(title_heading(self, 2))
        explained = self.tr(
            "Send this to whoever looks after Labkeep. It holds places in the program and numbers: no names, no "
            "contents, no passwords."
        )
        layout.addWidget(muted(explained))
        layout.addWidget(self.text, 1)
        buttons = row()
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        buttons.addWidget(done)
        layout.addLayout(buttons)
        fit_to_screen(self, WIDTH, HEIGHT)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copy.setText(self.tr("Copied"))
