"""A new recovery kit in the place of the former one."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QProgressBar, QWidget

from desktop_app.errors import LabkeepError
from desktop_app.ui.dialogs.confirm import Question, ask
from desktop_app.ui.dialogs.kit_page import KitPage
from desktop_app.ui.foundation.jobs import Job, Jobs
from desktop_app.ui.text.message_bus import sentence, tone_of
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.dialog_size import fit_to_screen
from desktop_app.ui.widgets.dialog_title import entitle, title_heading
from desktop_app.ui.widgets.styling import column, muted, row, scrolling

if TYPE_CHECKING:
    from desktop_app.services.maintenance.recovery import Recovery

WIDTH = 640


class NewKitDialog(QDialog):
    """Shows the words, asks three of them back, and only then puts the kit in force."""

    replaced = Signal()

    def __init__(self, jobs: Jobs, recovery: "Recovery", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        entitle(self, self.tr("A new recovery kit"))
        self._jobs = jobs
        self._recovery = recovery
        self._kit: Any = None
        self._job: Job | None = None
        self.page = KitPage(jobs)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self.again = Button(self.tr("&Show the words again"), kind=Kind.LINK)
        self.cancel = Button(self.tr("Cancel"))
        self.verb = Button("", kind=Kind.PRIMARY)
        self._build()
        self.verb.clicked.connect(self._on_verb)
        self.cancel.clicked.connect(self.reject)
        self.again.clicked.connect(self.page.show_words)
        self.page.changed.connect(self._update)
        self.page.accepted.connect(self._on_verb)
        self._update()
        jobs.read(self, "kit", recovery.make, self._on_made, self._on_failed)

    def reject(self) -> None:
        """Leave; words that were shown and are not in force are asked about."""
        if self._job is not None:
            return
        if not self.page.holds_words:
            super().reject()
            return
        question = Question(
            self.tr("Leave without the new kit?"),
            self.tr("These words are shown only here. The former kit stays in force, if somebody has it."),
            self.tr("Leave"),
            danger=True,
            cancel=self.tr("Stay here"),
        )
        ask(self, question, self._leave)

    def _build(self) -> None:
        inside = QWidget()
        body = column(inside, gap=12)
        body.setContentsMargins(0, 0, 0, 0)
        body.addWidget(
            muted(
                self.tr(
                    "If all administrators lose their passwords, only these words bring the documents back. Print "
                    "them, save them on a stick or write them down, and lock them away. A former kit opens nothing "
                    "any more once this one is in force."
                )
            )
        )
        body.addWidget(self.page)
        body.addStretch(1)
        buttons = row()
        buttons.addWidget(self.again)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.verb)
        layout = column(self, margin=24, gap=12)
        layout.addWidget(title_heading(self))
        layout.addWidget(scrolling(inside), 1)
        layout.addWidget(self._bar)
        layout.addLayout(buttons)
        fit_to_screen(self, WIDTH, 540)

    def _update(self) -> None:
        asking, working = self.page.is_asking, self._job is not None
        self.verb.setText(self.tr("Use this kit") if asking else self.tr("Continue"))
        ready = self.page.holds_words and not working and (not asking or self.page.is_kept)
        self.verb.set_allowed(ready, self.tr("Type the three words first.") if asking else "")
        self.again.setVisible(asking and not working)
        self.cancel.setEnabled(not working)
        self._bar.setVisible(working)

    def _on_made(self, made: Any) -> None:
        self._kit, text = made
        self.page.show_kit(text)
        self._update()

    def _on_verb(self) -> None:
        if not self.page.is_asking:
            self.page.ask_back()
        elif self.page.is_kept and self._job is None:
            kit, recovery = self._kit, self._recovery

            def prepare(job: Job) -> None:
                self._job = job
                job.progressed.connect(self._on_progress)
                job.ended.connect(self._on_ended)

            self._bar.setRange(0, 0)
            work = lambda job: recovery.replace(kit, job.report)  # noqa: E731 - the job is given by start()
            self._jobs.start(self, work, self._on_replaced, self._on_failed, prepare=prepare)
            self._update()

    def _on_progress(self, done: int, total: int) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    def _on_ended(self) -> None:
        self._job = None
        self._update()

    def _on_replaced(self, _none: None) -> None:
        self._leave()
        self.replaced.emit()

    def _on_failed(self, error: LabkeepError) -> None:
        self.page.banner.say(sentence(error), tone_of(error))

    def _leave(self) -> None:
        self._kit, self._job = None, None
        self.page.clear()
        super().reject()
