"""The sheet of shortcuts: what each key does, made of the actions themselves."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.detail import Facts
from desktop_app.ui.widgets.dialog_size import fit_to_screen
from desktop_app.ui.widgets.styling import column, heading, row, scrolling

WIDTH, HEIGHT = 480, 620
Keyed = tuple[str, tuple[str, ...]]
"""What is done, and the keys that do it."""


class ShortcutsDialog(QDialog):
    """Groups of lines, one below the other."""

    def __init__(self, groups: Mapping[str, Sequence[Keyed]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(self.tr("Shortcuts"))
        page = QWidget()
        inside = column(page, gap=12)
        for title, lines in groups.items():
            inside.addWidget(heading(title, 3))
            facts = Facts(page)
            facts.set([(", ".join(keys), words) for words, keys in lines])
            inside.addWidget(facts)
        inside.addStretch(1)
        done = Button(self.tr("Close"), kind=Kind.PRIMARY)
        done.setDefault(True)
        done.clicked.connect(self.accept)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(done)
        layout = column(self, margin=24, gap=12)
        layout.addWidget(scrolling(page, self), 1)
        layout.addLayout(buttons)
        fit_to_screen(self, WIDTH, HEIGHT)
