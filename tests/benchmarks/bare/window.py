"""A bare PySide6 window with a few widgets; ends when it is painted."""

import os

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget


class Painted(QObject):
    """Ends the process once the watched widget was painted."""

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, lambda: os._exit(0))
        return False


application = QApplication([])
window = QWidget()
window.resize(1280, 800)
column = QVBoxLayout(window)
button = QPushButton("Sign in")
for widget in (QLabel("User name"), QLineEdit(), QLabel("Password"), QLineEdit(), button):
    column.addWidget(widget)
painted = Painted()
button.installEventFilter(painted)
window.show()
application.exec()
