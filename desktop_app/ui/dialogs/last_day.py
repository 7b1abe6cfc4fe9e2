"""The last day of a membership, typed into a form."""

from datetime import date

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit

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


def day_of(text: str) -> date | None:
    """The typed day; None where there is none, or none that can be read."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def day_problems(text: str) -> dict[str, str]:
    """What is wrong with it."""
    return {"until": _tr("A day is written 2026-12-31.")} if text.strip() and day_of(text) is None else {}
