"""Keeps what is typed into a form until it is saved or discarded, and puts it back after a crash."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import shiboken6
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPlainTextEdit

from desktop_app.deferred import deferred
from desktop_app.errors import LabkeepError
from desktop_app.ui.dialogs.form_dialog import FormDialog
from desktop_app.ui.foundation.jobs import Jobs, Lane
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.widgets.field import ChoiceBox, Field

if TYPE_CHECKING:
    from desktop_app.services.session import drafts as draft_services
    from desktop_app.services.session.drafts import Draft, Drafts
else:
    draft_services = deferred("desktop_app.services.session.drafts")

PAUSE_MS = 700
"""From the first key to the disk; a crash takes no more than what came after."""


@dataclass(frozen=True)
class FormPlace:
    """Whose form it is."""

    kind: str
    center_id: UUID | None
    record_id: UUID | None
    name: str
    """The record's; empty for a new one."""


class FormDraft(QObject):
    """Of one open form, whose child it is. What cannot be kept is not said: nothing is lost by it yet."""

    def __init__(
        self, dialog: FormDialog, jobs: Jobs, drafts: "Drafts", place: FormPlace, left: "Draft | None" = None
    ) -> None:
        super().__init__(dialog)
        self._dialog = dialog
        self._jobs = jobs
        self._place = place
        self._kept = drafts.keep(None if left is None else left.id)
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self._write)
        self._answered = answered = list[bool]()
        kept = self._kept
        self._left = left
        if left is not None:
            self._fill(left)
            jobs.read(self, "take", kept.take, self._on_taken, _ignore, Lane.LOCAL)
        for field in dialog.fields:
            field.edited.connect(self._on_edited)
        dialog.fields_added.connect(self._on_fields_added)
        dialog.began_anew.connect(self._on_begun_anew)
        dialog.finished.connect(lambda _result: self._on_finished())
        # An answered form is gone before what was kept of it is.
        dialog.destroyed.connect(lambda: None if answered else kept.let_go())
        dialog.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A window that is locked hides its forms, and a moment later it has no keys."""
        # A form that is destroyed as it stands hides, too, and asking a half of it ends the program.
        there = shiboken6.isValid(self._dialog)
        if there and event.type() == QEvent.Type.Hide and self._timer.isActive() and not self._answered:
            self._timer.stop()
            self._keep(self._content())
        return super().eventFilter(watched, event)

    def _on_taken(self, taken: bool) -> None:
        if not taken:
            self._dialog.banner.say(self.tr("This was continued in another window already."), Tone.WARNING)

    def _on_fields_added(self, fields: Sequence[Field]) -> None:
        if self._left is not None:
            self._put_back(self._left, fields)
        for field in fields:
            field.edited.connect(self._on_edited)

    def _on_edited(self) -> None:
        # Not begun anew by each key: who types without a pause is not forgotten.
        if not self._timer.isActive() and not self._answered:
            self._timer.start()

    def _on_begun_anew(self) -> None:
        # Else a crash would offer again what is saved.
        self._timer.stop()
        self._write()

    def _write(self) -> None:
        content = self._content()
        self._jobs.read(self, "draft", lambda: self._keep(content), _ignore, _ignore, Lane.LOCAL)

    def _keep(self, content: "draft_services.FormContent | None") -> None:
        try:
            self._kept.write(content)
        except LabkeepError:
            return

    def _content(self) -> "draft_services.FormContent | None":
        secret = {field.name for field in self._dialog.fields if _is_secret(field)}
        changed = {
            name: (_said(before), _said(now))
            for name, (before, now) in self._dialog.fields.changed.items()
            if name not in secret
        }
        if not changed:
            return None
        place = self._place
        first = next((str(field.value) for field in self._dialog.fields if isinstance(field.editor, QLineEdit)), "")
        title = f"{self._dialog.windowTitle()}: {place.name or first}" if place.name or first else ""
        return draft_services.FormContent(
            place.kind, place.center_id, place.record_id, title or self._dialog.windowTitle(), changed
        )

    def _on_finished(self) -> None:
        self._answered.append(True)
        self._timer.stop()
        kept = self._kept
        self._jobs.read(self._jobs, f"draft {id(kept)}", kept.remove, _ignore, _ignore, Lane.LOCAL)

    def _fill(self, left: "Draft") -> None:
        clashes = self._put_back(left, list(self._dialog.fields))
        text = self.tr("This is what you were writing; it is not saved.")
        if clashes:
            also = self.tr("Others changed meanwhile: {fields}. What you save takes its place.")
            text = f"{text} {also.format(fields=', '.join(clashes))}"
        self._dialog.banner.say(text, Tone.WARNING if clashes else Tone.INFO)

    def _put_back(self, left: "Draft", fields: Sequence[Field]) -> list[str]:
        """What was written into these fields; the names of those that others changed meanwhile."""
        clashes = []
        for field in fields:
            if field.name not in left.content.fields:
                continue
            before, now = left.content.fields[field.name]
            if left.content.record_id is not None and _said(field.value) not in (before, now):
                clashes.append(field.editor.accessibleName())
            _put(field, now)
            field.touch()
        self._dialog.fields.show_touched()
        return clashes


def _ignore(_outcome: object) -> None:
    return None


def _is_secret(field: Field) -> bool:
    return isinstance(field.editor, QLineEdit) and field.editor.echoMode() is not QLineEdit.EchoMode.Normal


def _said(value: Any) -> Any:
    """A field's value as it can be written down."""
    return value if value is None or (isinstance(value, bool | str) and type(value) in (bool, str)) else str(value)


def _put(field: Field, value: Any) -> None:
    match field.editor:
        case QLineEdit() | QPlainTextEdit():
            field.set_value("" if value is None else str(value))
        case QCheckBox():
            field.set_value(bool(value))
        case ChoiceBox() as box:
            if not box.choose_where(lambda offered: _said(offered) == value):
                # Such as people, who are read while the form is open already.
                box.model().rowsInserted.connect(lambda *_: box.choose_where(lambda offered: _said(offered) == value))
