"""The field that a list is searched by."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.ui.foundation import icons
from desktop_app.ui.text.plain import give_tip


def search_field(placeholder: str, parent: QWidget | None = None) -> QLineEdit:
    """A search field with its sign and a button that empties it."""
    field = QLineEdit(parent)
    field.setPlaceholderText(placeholder)
    field.setAccessibleName(placeholder)
    give_tip(field, placeholder)
    field.setClearButtonEnabled(True)
    put_sign(field, "search")
    return field


def put_sign(field: QLineEdit, name: str) -> QAction:
    """An icon at the left end of a field, 8 px from its words, and one of ours on the button that empties it."""
    empties = field.findChild(QAction, "_q_qlineeditclearaction")
    if empties is not None:
        empties.setIcon(icons.icon("x", icons.MUTED))
    # Qt leaves 14 px between them.
    field.setTextMargins(-6, 0, 0, 0)
    return field.addAction(icons.icon(name, icons.MUTED), QLineEdit.ActionPosition.LeadingPosition)
