"""The frame of every form: Enter accepts, Escape leaves, problems under fields, the rest in a banner."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QWidget

from desktop_app.errors import ConflictError, InvalidInputError, LabkeepError, NotFoundError, RefusedError
from desktop_app.services.context.merged_edit import ArchivedMeanwhileError, DeletedMeanwhileError, EditConflictError
from desktop_app.ui.dialogs.confirm import Question, ask
from desktop_app.ui.dialogs.edit_conflict import EditConflictDialog
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.text import formatting
from desktop_app.ui.text.audit import label
from desktop_app.ui.text.message_bus import sentence, tone_of
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.dialog_size import fit_to_screen, room_for
from desktop_app.ui.widgets.dialog_title import entitle, title_heading
from desktop_app.ui.widgets.field import Field, Fields, LongText
from desktop_app.ui.widgets.styling import column, muted, row, scrolling

HIGHEST = 760
"""Logical pixels; a longer form scrolls."""


@dataclass(frozen=True)
class FormText:
    """What a form is called, what its button does, and what there is to know before."""

    title: str
    verb: str
    intro: str = ""
    width: int = 520
    danger: bool = False
    """What cannot be taken back: red, and Enter in a field only goes on to the next one."""


FORBIDDEN = ("not_allowed", "center_closed")
"""The codes of what the database itself forbids to the person."""
Work = Callable[[], Any]


class FormDialog(QDialog):
    """A dialog of fields; a subclass calls ``set_form`` once, and ``saved`` brings what the work returned."""

    saved = Signal(object)
    fields_added = Signal(object)
    """Fields that became known while the form was open already."""
    began_anew = Signal()
    """What stood in the fields is saved, and another record begins in the same form."""
    stale = Signal()
    """Somebody else changed the record meanwhile: what the dialog was opened with is old."""

    def __init__(self, jobs: Jobs, text: FormText, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        entitle(self, text.title)
        self._jobs = jobs
        self._text = text
        self._collect: Callable[[], Work] = lambda: lambda: None
        self._discarding = False
        self.fields = Fields((), dict)
        self._page = QWidget()
        self._buttons = row()
        self._scroll = scrolling(self._page)
        self.banner = Banner(closable=False)
        self.verb = Button(text.verb, kind=Kind.DANGER if text.danger else Kind.PRIMARY)
        self.cancel = Button(self.tr("Cancel"))
        (self.cancel if text.danger else self.verb).setDefault(True)
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

    def add_fields(self, fields: Sequence[Field]) -> None:
        """Take fields that the form was not made with; where they stand is the subclass's."""
        self.fields.add(fields)
        self.fields_added.emit(fields)

    def adopt(self, record: Any, draft: Any) -> None:
        """For a form that edits: *record* is what it is edited from now on, and *draft* what stands in the fields."""

    @property
    def is_changed(self) -> bool:
        """Whether something was typed that is not saved."""
        return self.fields.is_changed

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
        if self.is_changed and not self._discarding:
            question = Question(
                self.tr("Leave without saving?"),
                self.tr("What you typed here is lost."),
                self.tr("Leave"),
                danger=True,
                cancel=self.tr("Continue editing"),
            )
            ask(self, question, self._on_discarded)
            return
        super().reject()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What destroys is never an Enter away."""
        if self._text.danger and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            self.focusNextChild()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """What it shows changed: take the room for it."""
        taken = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show):
            self._grow()
        return taken

    def _grow(self) -> None:
        """Be as high as the fields and their problems need, where the screen has the room; what is left scrolls."""
        layout, page = self.layout(), self._page.layout()
        if layout is None or page is None or not self.isVisible():
            return
        layout.activate()
        room = self._scroll.viewport().size()
        missing = page.totalHeightForWidth(room.width()) - room.height()
        highest = min(HIGHEST, room_for(self).height())
        if missing > 0 and self.height() < highest:
            self.resize(self.width(), min(self.height() + missing, highest))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the page: its scroll area does not tell that it wants to be higher."""
        taken = super().eventFilter(watched, event)
        if watched is self._page and event.type() == QEvent.Type.LayoutRequest:
            self._grow()
        return taken

    def _build(self, rows: Sequence[Sequence[Field]]) -> None:
        page, scroll = self._page, self._scroll
        inside = column(page, gap=12)
        inside.setContentsMargins(0, 0, 0, 0)
        for line in rows:
            side = row(gap=16)
            for field in line:
                side.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
            inside.addLayout(side)
        inside.addStretch(1)
        buttons = self._buttons
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.verb)
        layout = column(self, margin=24, gap=12)
        layout.addWidget(title_heading(self))
        if self._text.intro:
            layout.addWidget(muted(self._text.intro))
        layout.addWidget(self.banner)
        layout.addWidget(scroll, 1)
        layout.addLayout(buttons)
        page.installEventFilter(self)
        self.ensurePolished()
        # Near enough to be put into the middle; what the style adds is seen when it is shown.
        around = layout.totalHeightForWidth(self._text.width) - scroll.sizeHint().height()
        height = inside.totalHeightForWidth(self._text.width - 48) + around
        fit_to_screen(self, self._text.width, min(height, HIGHEST))

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
        if isinstance(error, EditConflictError):
            self._ask_whose(error)
        else:
            self.banner.say(self._sentence(error), tone_of(error))
        if isinstance(error, ConflictError | NotFoundError | RefusedError):
            self.stale.emit()
        if error.code in FORBIDDEN:
            # Not this form alone: the center was closed, or the person's role is another one.
            self._jobs.failed.emit(error)

    def _sentence(self, error: LabkeepError) -> str:
        kept = self.tr("What you typed is still here to be copied.")
        if isinstance(error, ArchivedMeanwhileError):
            who = formatting.when_and_who(error.read.updated_at, error.read.updated_by)
            archived = self.tr("This was archived meanwhile and is read-only ({who}); nothing was saved.")
            return f"{archived.format(who=who)} {kept}"
        return f"{sentence(error)} {kept}" if isinstance(error, DeletedMeanwhileError) else sentence(error)

    def _ask_whose(self, conflict: EditConflictError) -> None:
        def go_on(draft: object) -> None:
            self.adopt(conflict.read, draft)
            self.submit()

        dialog = EditConflictDialog(conflict, self._label, self)
        dialog.settled.connect(go_on)
        dialog.open()

    def _label(self, name: str) -> str:
        """What people call a field; what others changed may have none in this form, such as a role."""
        return self.fields[name].editor.accessibleName() if name in self.fields else label(name).capitalize()

    def _say_rest(self, problems: Mapping[str, str]) -> None:
        if problems:
            self.banner.say(" ".join(problems.values()))

    def _on_discarded(self) -> None:
        self._discarding = True
        self.reject()
