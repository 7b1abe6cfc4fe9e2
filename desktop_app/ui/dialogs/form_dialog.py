"""The frame of every form: Enter accepts, Escape leaves, problems under fields, the rest in a banner."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QWidget

from desktop_app.errors import ConflictError, InvalidInputError, LabkeepError
from desktop_app.ui.dialogs.confirm import Question, ask
from desktop_app.ui.jobs import Jobs
from desktop_app.ui.messages import sentence, tone_of
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.field import Field, Fields, LongText
from desktop_app.ui.widgets.styling import column, heading, muted, row


@dataclass(frozen=True)
class FormText:
    """What a form is called, what its button does, and what there is to know before."""

    title: str
    verb: str
    intro: str = ""
    width: int = 520


Work = Callable[[], Any]


class FormDialog(QDialog):
    """A dialog of fields; a subclass calls ``set_form`` once, and ``saved`` brings what the work returned."""

    saved = Signal(object)
    stale = Signal()
    """Somebody else changed the record meanwhile: what the dialog was opened with is old."""

    def __init__(self, jobs: Jobs, text: FormText, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(text.title)
        self._jobs = jobs
        self._text = text
        self._collect: Callable[[], Work] = lambda: lambda: None
        self._discarding = False
        self.fields = Fields((), dict)
        self.banner = Banner(closable=False)
        self.verb = Button(text.verb, kind=Kind.PRIMARY)
        self.cancel = Button(self.tr("Cancel"))
        self.verb.setDefault(True)
        self.verb.clicked.connect(self.submit)
        self.cancel.clicked.connect(self.reject)

    def set_form(
        self, rows: Sequence[Sequence[Field]], problems: Callable[[], Mapping[str, str]], collect: Callable[[], Work]
    ) -> None:
        """Show the fields in rows. *collect* reads them on this thread and returns the work for another."""
        self._collect = collect
        self.fields = Fields([field for line in rows for field in line], problems)
        self._build(rows)
        self.fields.remember()
        for line in rows:
            for field in line:
                if isinstance(field.editor, LongText):
                    field.editor.accepted.connect(self.submit)
        first = next((field for line in rows for field in line if field.editor.isEnabled()), None)
        if first is not None:
            first.editor.setFocus()

    def submit(self) -> None:
        """Check, and save if nothing is wrong."""
        if self.verb.is_busy:
            return
        self.banner.clear()
        if self.fields.has_problems:
            self._say_rest(self.fields.check())
            return
        self._jobs.write(self, self._collect(), self._on_saved, self._on_failed, self._set_busy)

    def reject(self) -> None:
        """Leave; unsaved work is asked about once."""
        if self.verb.is_busy:
            return
        if self.fields.is_changed and not self._discarding:
            question = Question(
                self.tr("Leave without saving?"),
                self.tr("What you typed here is lost."),
                self.tr("Leave"),
                danger=True,
                cancel=self.tr("Go on editing"),
            )
            ask(self, question, self._on_discarded)
            return
        super().reject()

    def _build(self, rows: Sequence[Sequence[Field]]) -> None:
        page = QWidget()
        page.setProperty("clear", "true")
        inside = column(page, gap=14)
        inside.setContentsMargins(2, 2, 10, 2)
        for line in rows:
            side = row(gap=16)
            for field in line:
                side.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
            inside.addLayout(side)
        inside.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(page)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.verb)
        layout = column(self, margin=24, gap=14)
        layout.addWidget(heading(self._text.title, 1))
        if self._text.intro:
            layout.addWidget(muted(self._text.intro))
        layout.addWidget(self.banner)
        layout.addWidget(scroll, 1)
        layout.addLayout(buttons)
        around = 200 if self._text.intro else 150
        self.resize(self._text.width, min(page.sizeHint().height() + around, 720))

    def _set_busy(self, busy: bool) -> None:
        self.verb.set_busy(busy)
        self.cancel.setEnabled(not busy)

    def _on_saved(self, result: object) -> None:
        self._discarding = True
        self.verb.set_busy(False)
        self.saved.emit(result)
        self.accept()

    def _on_failed(self, error: LabkeepError) -> None:
        if isinstance(error, InvalidInputError):
            self._say_rest(self.fields.show(error.problems))
            return
        self.banner.say(sentence(error), tone_of(error))
        if isinstance(error, ConflictError):
            self.stale.emit()

    def _say_rest(self, problems: Mapping[str, str]) -> None:
        if problems:
            self.banner.say(" ".join(problems.values()))

    def _on_discarded(self) -> None:
        self._discarding = True
        self.reject()
