"""Keeps what is typed into a form until it is saved or discarded, and puts it back after a crash."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPlainTextEdit

from desktop_app.deferred import deferred
from desktop_app.ui.dialogs.form_dialog import FormDialog
from desktop_app.ui.dialogs.kept_typing import KeptTyping
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.widgets.field import ChoiceBox, Field

if TYPE_CHECKING:
    from desktop_app.services.session import drafts as draft_services
    from desktop_app.services.session.drafts import Draft, Drafts
else:
    draft_services = deferred("desktop_app.services.session.drafts")


@dataclass(frozen=True)
class FormPlace:
    """Whose form it is."""

    kind: str
    center_id: UUID | None
    record_id: UUID | None
    name: str
    """The record's; empty for a new one."""


class FormDraft(QObject):
    """Of one open form, whose child it is."""

    def __init__(
        self, dialog: FormDialog, jobs: Jobs, drafts: "Drafts", place: FormPlace, left: "Draft | None" = None
    ) -> None:
        super().__init__(dialog)
        self._dialog = dialog
        self._place = place
        self._left = left
        self._typing = KeptTyping(dialog, jobs, drafts, self._content, left)
        self._typing.taken_elsewhere.connect(self._on_taken_elsewhere)
        if left is not None:
            self._fill(left)
        for field in dialog.fields:
            field.edited.connect(self._typing.note)
        dialog.fields_added.connect(self._on_fields_added)
        dialog.began_anew.connect(self._typing.write_now)

    def _on_taken_elsewhere(self) -> None:
        self._dialog.banner.say(self.tr("This was continued in another window already."), Tone.WARNING)

    def _on_fields_added(self, fields: Sequence[Field]) -> None:
        if self._left is not None:
            self._put_back(self._left, fields)
        for field in fields:
            field.edited.connect(self._typing.note)

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
        title = f"{self._dialog.accessibleName()}: {place.name or first}" if place.name or first else ""
        return draft_services.FormContent(
            place.kind, place.center_id, place.record_id, title or self._dialog.accessibleName(), changed
        )

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
