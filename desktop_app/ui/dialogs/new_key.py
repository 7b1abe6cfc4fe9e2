"""The choice to give a center a new key when somebody leaves it."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox

from desktop_app.ui.widgets.field import Field


def _tr(text: str) -> str:
    return QCoreApplication.translate("new_key", text)


def new_key_words() -> tuple[str, str]:
    """What is offered, and why."""
    return (
        _tr("Give the center a new &key"),
        _tr("What is saved from now on is closed to the person, too."),
    )


def new_key_field() -> Field:
    """Ticked, unless somebody has a reason."""
    text, why = new_key_words()
    field = Field("new_key", text, QCheckBox(), why)
    field.set_value(True)
    return field
