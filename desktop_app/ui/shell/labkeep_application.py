"""Qt's application, as far as Labkeep adds to it: what macOS asks it to open."""

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication


class LabkeepApplication(QApplication):
    """Says what the system hands over while the program runs.

    macOS starts no second program for a file or a link: it sends an event to the one that runs, also to one that it
    has just started. Elsewhere they are words of the command line.
    """

    opening_asked = Signal(str)
    """The path of a file, or a link."""

    def event(self, event: QEvent) -> bool:
        """Hear of files and links; all else is Qt's."""
        if isinstance(event, QFileOpenEvent):
            url = event.url()
            self.opening_asked.emit(url.toLocalFile() if url.isLocalFile() else url.toEncoded().toStdString())
            return True
        return super().event(event)
