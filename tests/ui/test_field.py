"""A field of a form says what it is, also where its editor is a box to tick."""

from PySide6.QtWidgets import QCheckBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.ui.dialogs.new_key import new_key_field
from desktop_app.ui.widgets.field import Field
from desktop_app.ui.widgets.styling import column


def test_a_box_to_tick_says_what_it_is_for(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    layout = column(page)
    for field in (Field("exposed", "&Somebody may know it", QCheckBox(), "Ends your other windows."), new_key_field()):
        layout.addWidget(field)
    page.show()
    for box in page.findChildren(QCheckBox):
        name = box.accessibleName()
        assert name
        assert box.text().replace("&", "") == name
        shown = [label.text() for label in page.findChildren(QLabel) if label.isVisible()]
        assert name not in [text.replace("&", "") for text in shown], "said twice"
