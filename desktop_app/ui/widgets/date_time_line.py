"""A date and time that may be left out, typed the way a lab writes it."""

from datetime import datetime

from PySide6.QtWidgets import QLineEdit

from desktop_app.ui.text.typed_dates import date_time_of, typed_date_time


class DateTimeLine(QLineEdit):
    """A line of text that is a moment in local time, or nothing."""

    def set_moment(self, moment: datetime | None) -> None:
        """Show a moment."""
        self.setText(typed_date_time(moment))

    @property
    def moment(self) -> datetime | None:
        """What was typed, with this computer's time zone; None where it is empty or no date."""
        return date_time_of(self.text())

    @property
    def problem(self) -> str:
        """What is wrong with what was typed, or an empty text."""
        if self.text().strip() and self.moment is None:
            return self.tr("This is not a date and time, such as 2026-11-21 09:30.")
        return ""
