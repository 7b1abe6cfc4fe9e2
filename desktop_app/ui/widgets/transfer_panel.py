"""The panel at the window's foot: what is being sealed, how fast, and what became of it; folded when idle."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFrame, QMenu, QProgressBar, QWidget

from desktop_app.ui.foundation import icons
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.transfer_rows import RETRYABLE, Stage, Transfer
from desktop_app.ui.models.transfers import Transfers
from desktop_app.ui.text import formatting
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.icon_mark import IconMark
from desktop_app.ui.widgets.spinner import Spinner
from desktop_app.ui.widgets.styling import column, row
from desktop_app.ui.widgets.table import RecordTable

BODY_HEIGHT = 176
_SIGNS = {Tone.GOOD: "circle-check", Tone.WARNING: "triangle-alert", Tone.DANGER: "circle-x"}


class TransferPanel(QFrame):
    """One line with the sum and the buttons; unfolded, a row for each file."""

    document_asked = Signal(object, object)
    """Where a file went, and the id of the document that it is now."""

    def __init__(self, transfers: Transfers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transfer_panel")
        self._transfers = transfers
        self._was_active = False
        self._spinner = Spinner(18, self)
        self._sign = IconMark("info", 18)
        self.line = PlainLabel()
        self.line.setWordWrap(True)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setFixedWidth(220)
        self.answer = Button(self.tr("Answer…"), "info", Kind.PRIMARY)
        self.show_document = Button(self.tr("Show document"), "arrow-right")
        self.cancel = Button(self.tr("Cancel all"), "x")
        self.retry = Button(self.tr("Try again"), "rotate-ccw")
        self.close_button = Button("", "x", Kind.QUIET)
        self.fold = Button("", "chevron-down", Kind.QUIET)
        self.table = RecordTable(transfers.table, self.tr("Transfers"), self)
        self.table.setFixedHeight(BODY_HEIGHT)
        self._build()
        self._connect()
        self.hide()

    @property
    def is_folded(self) -> bool:
        """Whether the rows are hidden."""
        return self.table.isHidden()

    def set_folded(self, folded: bool) -> None:
        """Hide or show the rows."""
        self.table.setVisible(not folded)
        self.fold.setIcon(icons.icon("chevron-up" if folded else "chevron-down"))
        words = self.tr("Show the files") if folded else self.tr("Hide the files")
        self.fold.set_tip(words)
        self.fold.setAccessibleName(words)

    def _build(self) -> None:
        self.close_button.set_tip(self.tr("Close this list"))
        self.close_button.setAccessibleName(self.tr("Close this list"))
        self.cancel.set_tip(self.tr("Stop; what is already added stays"))
        line = row(gap=12)
        line.setContentsMargins(16, 8, 12, 8)
        line.addWidget(self._spinner)
        line.addWidget(self._sign)
        line.addWidget(self.line, 1)
        line.addWidget(self._bar)
        for button in (self.answer, self.show_document, self.retry, self.cancel, self.fold, self.close_button):
            line.addWidget(button)
        layout = column(self, gap=0)
        layout.addLayout(line)
        layout.addWidget(self.table)

    def _connect(self) -> None:
        self._transfers.changed.connect(self._on_changed)
        self._transfers.summed_up.connect(self._on_summed_up)
        self.show_document.clicked.connect(self._show_chosen)
        self.table.selectionModel().currentChanged.connect(lambda *_: self._offer_document())
        self._transfers.table.modelReset.connect(self._offer_document)
        self.cancel.clicked.connect(self._transfers.cancel)
        self.retry.clicked.connect(lambda: self._transfers.retry())
        self.fold.clicked.connect(lambda: self.set_folded(not self.is_folded))
        self.close_button.clicked.connect(self._transfers.clear)
        again = QAction(self.tr("Try again"), self.table)
        again.setShortcut(QKeySequence("F5"))
        again.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        again.triggered.connect(self._retry_chosen)
        self.table.addAction(again)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._on_menu)
        self.table.opened.connect(self._on_opened)
        self.table.entered.connect(self._on_opened)

    def _on_changed(self) -> None:
        rows = self._transfers.table.rows
        active = self._transfers.is_active
        self.setVisible(bool(rows))
        if active and not self._was_active:
            self.set_folded(False)
        self._was_active = active
        for widget in (self._spinner, self._bar, self.cancel):
            widget.setVisible(active)
        self.cancel.setEnabled(not self._transfers.is_stopping)
        self.answer.setVisible(self._transfers.is_asking)
        self._offer_document()
        self._sign.setVisible(not active)
        self.close_button.setVisible(not active)
        self.retry.setVisible(not active and any(each.stage in RETRYABLE for each in rows))
        if active:
            self._show_progress()

    def _show_progress(self) -> None:
        rows = self._transfers.table.rows
        sealed = sum(each.stage is Stage.SAVED for each in rows)
        lost = sum(each.stage in (Stage.SKIPPED, Stage.FAILED, Stage.CANCELLED) for each in rows)
        total, done = sum(each.size for each in rows), sum(min(each.done, each.size) for each in rows)
        speed = self._transfers.speed
        parts = [self.tr("Added: {done} of {files}").format(done=sealed, files=formatting.files(len(rows)))]
        if questions := self._transfers.questions:
            waits = self.tr("1 file waits for your answer")
            if len(questions) > 1:
                waits = self.tr("{count} files wait for your answer").format(count=formatting.number(len(questions)))
            parts.insert(0, waits)
        if seconds := self._transfers.away_seconds:
            away = self.tr("The server does not answer; it is asked again for {count} s")
            parts.insert(0, away.format(count=formatting.number(round(seconds))))
        if self._transfers.is_stopping:
            # A call into a share that does not answer cannot be taken back.
            said = self.tr(
                "Stopping as soon as the share and the server answer; only what is reported as added is saved"
            )
            parts.insert(0, said)
        if lost:
            parts.append(self.tr("{count} not saved").format(count=formatting.number(lost)))
        if total:
            parts.append(self.tr("{done} of {total}").format(done=formatting.size(done), total=formatting.size(total)))
        going = (Stage.SEALING, Stage.CHECKING)
        # A folder waits without a size as long as one of its files does.
        under_way = [each for each in rows if each.stage in going or (each.stage is Stage.WAITING and each.size)]
        if speed > 0 and (under_way or not questions):
            parts.append(self.tr("{speed}/s").format(speed=formatting.size(int(speed))))
            # How long a person takes to answer nobody knows.
            if to_go := sum(each.size - min(each.done, each.size) for each in under_way):
                parts.append(formatting.duration(to_go / speed))
        self.line.setText(" · ".join(parts))
        self._bar.setValue(round(1000 * done / total) if total else 0)

    def _on_summed_up(self, text: str, tone: Tone) -> None:
        self.line.setText(text)
        self._sign.set(_SIGNS.get(tone, "info"), tone.value)
        self.set_folded(tone is Tone.GOOD)

    def _on_menu(self, at: QPoint) -> None:
        transfer = self._transfers.table.record(self.table.indexAt(at))
        if transfer is None or transfer.stage not in RETRYABLE or self._transfers.is_active:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(icons.icon("rotate-ccw"), self.tr("Try again"), self._retry_chosen)
        menu.popup(self.table.viewport().mapToGlobal(at))

    def _chosen(self) -> Transfer | None:
        """The saved file that is chosen, or the only one there is."""
        rows = self._transfers.table.rows
        chosen = self._transfers.table.record(self.table.currentIndex()) or (rows[0] if len(rows) == 1 else None)
        return chosen if chosen is not None and chosen.document_id is not None else None

    def _offer_document(self) -> None:
        self.show_document.setVisible(self._chosen() is not None)

    def _show_chosen(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self.document_asked.emit(self._transfers.destination(chosen), chosen.document_id)

    def _on_opened(self) -> None:
        transfer = self._transfers.table.record(self.table.currentIndex())
        if transfer is not None and transfer.stage is Stage.ASKED:
            self.answer.click()
        self._show_chosen()
        self._retry_chosen()

    def _retry_chosen(self) -> None:
        transfer = self._transfers.table.record(self.table.currentIndex())
        if transfer is not None and transfer.stage in RETRYABLE:
            self._transfers.retry([transfer])
