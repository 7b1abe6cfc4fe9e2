"""The text of a choice that has no room for all of it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox


def shorten(box: QComboBox, option: QStyleOptionComboBox) -> None:
    """Shorten what is drawn to the room beside icon and arrow, and say by dots that there is more."""
    place = box.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, box
    )
    room = place.width() - (0 if option.currentIcon.isNull() else option.iconSize.width() + 4)
    option.currentText = box.fontMetrics().elidedText(box.currentText(), Qt.TextElideMode.ElideRight, room)
