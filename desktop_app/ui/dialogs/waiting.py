"""What a long change waits for, with a way to stop it; seen only where it has to wait."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation.jobs import Job, Jobs
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.styling import column, heading, muted, row

Result = TypeVar("Result")


class WaitingDialog(QDialog):
    """Opens at the first sentence and closes with the job; closing it asks the job to stop."""

    # Said by the work, shown on the GUI thread. The dialog lives as long as its job.
    _said = Signal(str)

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModal(True)
        self.setWindowTitle(title)
        self.setMinimumWidth(460)
        self._job: Job | None = None
        self.sentence = muted("")
        self.stop = Button(self.tr("&Stop"))
        self.stop.clicked.connect(self.reject)
        layout = column(self, margin=24, gap=12)
        layout.addWidget(heading(title, 2))
        layout.addWidget(self.sentence)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(self.stop)
        layout.addLayout(buttons)
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
            job.ended.connect(lambda: busy(False))

        def working(job: Job) -> Result:
            def say(sentence: str) -> None:
                job.check()
                self._said.emit(sentence)

            return work(say)

        busy(True)
        jobs.start(self, working, done, failed, prepare=prepare)

    def reject(self) -> None:
        """Ask the job to stop, and stay until it has."""
        if self._job is None:
            super().reject()
            return
        self.stop.set_busy(True)
        self._job.cancel()

    def _on_said(self, sentence: str) -> None:
        if sentence and self._job is not None:
            self.sentence.setText(sentence)
            self.open()

    def _on_ended(self) -> None:
        self._job = None
        self.accept()
        self.deleteLater()
