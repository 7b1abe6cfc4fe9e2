"""What a long change waits for, with a way to stop it; seen only where it has to wait."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QWidget

from desktop_app.errors import Cancelled, LabkeepError
from desktop_app.ui.foundation.jobs import Job, Jobs
from desktop_app.ui.text.message_bus import sentence
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.dialog_title import entitle, title_heading
from desktop_app.ui.widgets.styling import column, muted, row

Result = TypeVar("Result")
PATIENCE_MS = 1_000
"""Until it opens though nothing was said, and until it leaves a job that was asked to stop and does not."""


class WaitingDialog(QDialog):
    """Opens at the first sentence and closes with the job; closing it asks the job to stop.

    A job that waits for a server or a folder which does not answer stops only when that answers. The dialog says so, is
    in nobody's way from then on, and says in the end what became of it.
    """

    # Said by the work, shown on the GUI thread. The dialog lives as long as its job.
    _said = Signal(str)

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModal(True)
        entitle(self, title)
        self.setMinimumWidth(460)
        self._job: Job | None = None
        self._busy: Callable[[bool], None] = lambda _busy: None
        self._is_left = False
        self._is_done = False
        self._error: Exception | None = None
        self.sentence = muted("")
        self.stop = Button(self.tr("&Stop"))
        self.stop.clicked.connect(self.reject)
        layout = column(self, margin=24, gap=12)
        layout.addWidget(title_heading(self, 2))
        layout.addWidget(self.sentence)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(self.stop)
        layout.addLayout(buttons)
        self._opening = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._opening.timeout.connect(self._open_unsaid)
        self._leaving = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._leaving.timeout.connect(self._leave)
        self._said.connect(self._on_said, Qt.ConnectionType.AutoConnection)

    def run(
        self,
        jobs: Jobs,
        work: Callable[[Callable[[str], None]], Result],
        done: Callable[[Result], None],
        busy: Callable[[bool], None],
        failed: Callable[[LabkeepError], None] | None = None,
    ) -> None:
        """Do the work; it is given where to say what it waits for, which raises Cancelled when it shall stop."""

        def prepare(job: Job) -> None:
            self._job = job
            job.ended.connect(self._on_ended)

        def working(job: Job) -> Result:
            def say(sentence: str) -> None:
                job.check()
                self._said.emit(sentence)

            try:
                result = work(say)
            except Exception as error:
                self._error = error
                raise
            self._is_done = True
            return result

        self._busy = busy
        busy(True)
        self._opening.start()
        jobs.start(self, working, done, failed, prepare=prepare)

    def reject(self) -> None:
        """Ask the job to stop, and stay until it has, or for a second."""
        if self._job is None or self._is_left:
            super().reject()
            return
        self.stop.set_busy(True)
        self._job.cancel()
        self._leaving.start()

    def _open_unsaid(self) -> None:
        if not self.isVisible():
            self._on_said(self.tr("The server or the folder has not answered yet…"))

    def _leave(self) -> None:
        """Whoever asked the job to stop goes on with something else."""
        self._is_left = True
        self.hide()
        self.setModal(False)
        self.stop.set_busy(False)
        self.stop.setText(self.tr("&Close"))
        self.sentence.setText(
            self.tr(
                "It stops as soon as the server or the folder answers. Until then nobody knows whether it is done; "
                "that is said here. Everything else goes on."
            )
        )
        self.show()

    def _on_said(self, sentence: str) -> None:
        if sentence and self._job is not None and not self._job.is_cancelled:
            self.sentence.setText(sentence)
            self.open()

    def _on_ended(self) -> None:
        self._job = None
        self._opening.stop()
        self._leaving.stop()
        self._busy(False)
        if self._is_left and self.isVisible() and (words := self._words_of_the_end()):
            self.sentence.setText(words)
            self.adjustSize()
            self.finished.connect(self.deleteLater)
            return
        self.accept()
        self.deleteLater()

    def _words_of_the_end(self) -> str:
        """What became of the work; nothing of what nobody foresaw, which has a dialog of its own."""
        if self._is_done:
            return self.tr("It was done before it could be stopped.")
        if self._error is None or isinstance(self._error, Cancelled):
            return self.tr("Stopped. It was not done.")
        return sentence(self._error) if isinstance(self._error, LabkeepError) else ""
