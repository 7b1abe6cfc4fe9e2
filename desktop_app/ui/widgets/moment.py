"""A date and time that may be left out, typed the way a lab writes it."""

from datetime import datetime

from PySide6.QtWidgets import QLineEdit

_FORMATS = (
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
)


class MomentText(QLineEdit):
    """A line of text that is a moment in local time, or nothing."""

    def set_moment(self, moment: datetime | None) -> None:
        """Show a moment."""
        self.setText("" if moment is None else moment.astimezone().strftime(_FORMATS[0]))

    @property
    def moment(self) -> datetime | None:
        """What was typed, with this computer's time zone; None where it is empty or no date."""
        text = self.text().strip().replace("T", " ")
        for each in _FORMATS:
            try:
                return datetime.strptime(text, each).astimezone()
            except (ValueError, OSError, OverflowError):
                continue
        return None

    @property
    def problem(self) -> str:
        """What is wrong with what was typed, or an empty text."""
        if self.text().strip() and self.moment is None:
            return self.tr("This is not a date and time, such as 2026-11-21 09:30.")
        return ""
