"""The strip that says that scan mode is on, whatever is in front."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from desktop_app.domain.scanned import ScanList
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text import formatting
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.icon_mark import IconMark
from desktop_app.ui.widgets.styling import column, row


class ScanStrip(QWidget):
    """Hidden while scan mode is off."""

    list_asked = Signal()
    leave_asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        frame = QFrame(self)
        frame.setProperty("banner", Tone.INFO.value)
        self.words = PlainLabel(parent=frame)
        self.show_list = Button(self.tr("Show list"), parent=frame)
        self.leave = Button(self.tr("Leave"), parent=frame)
        self.leave.set_tip(self.tr("Scans open their samples again (F8)"))
        line = row(frame, gap=8)
        line.setContentsMargins(12, 4, 8, 4)
        line.addWidget(IconMark("scan-barcode", 18, Tone.INFO.value, frame), 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.words, 1)
        line.addWidget(self.show_list)
        line.addWidget(self.leave)
        layout = column(self)
        layout.setContentsMargins(16, 8, 16, 0)
        layout.addWidget(frame)
        self.show_list.clicked.connect(self.list_asked)
        self.leave.clicked.connect(self.leave_asked)
        self.hide()

    def say(self, scans: ScanList) -> None:
        """Say how far it is."""
        waiting = sum(not row.is_looked_up for row in scans.rows)
        parts = [formatting.samples(len(scans.samples)) if scans.rows else self.tr("nothing scanned yet")]
        for number, text in (
            (scans.unknown, self.tr("{count} unknown")),
            (scans.twice, self.tr("{count} twice")),
            (waiting, self.tr("{count} being looked up")),
        ):
            parts += [text.format(count=formatting.number(number))] if number else []
        self.words.setText(self.tr("Scan mode: {what}").format(what=", ".join(parts)))
