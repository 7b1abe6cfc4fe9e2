"""The last day of a membership, typed into a form."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit

from desktop_app.ui.text.typed_dates import day_of
from desktop_app.ui.widgets.field import Field


def _tr(text: str) -> str:
    return QCoreApplication.translate("last_day", text)


def last_day_field() -> Field:
    """Empty for who stays."""
    return Field(
        "until",
        _tr("&Last day"),
        QLineEdit(),
        _tr("For guests, such as 2026-12-31 (it ends at midnight UTC)."),
    )


def day_problems(text: str) -> dict[str, str]:
    """What is wrong with it."""
    return {"until": _tr("A day is written 2026-12-31.")} if text.strip() and day_of(text) is None else {}
