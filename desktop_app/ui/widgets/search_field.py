"""The field that a list is searched by."""

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
    field.addAction(icons.icon("search", icons.MUTED), QLineEdit.ActionPosition.LeadingPosition)
    return field
