"""What a center defines: fields of its samples, sample types, and reasons for rejection; added, edited, out of use."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QTabWidget, QWidget

from desktop_app.domain.fields import DefinedField, FieldDraft, next_place
from desktop_app.domain.records import ListedType, RejectionReason
from desktop_app.domain.rights import Verb
from desktop_app.ui.dialogs.field_definition import FieldDialog, WordDialog
from desktop_app.ui.dialogs.field_sheets import FieldSheets, SheetRules
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText
from desktop_app.ui.dialogs.looking import LookingDialog
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.columns import Column
from desktop_app.ui.text import formatting
from desktop_app.ui.text.field_values import kind_name
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.small_table import ShortModel
from desktop_app.ui.widgets.styling import column, row
from desktop_app.ui.widgets.table import RecordTable

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices

WIDTH, HEIGHT = 820, 560
Word = TypeVar("Word", DefinedField, ListedType, RejectionReason)


@dataclass(frozen=True)
class _Known:
    fields: tuple[DefinedField, ...]
    types: tuple[ListedType, ...]
    reasons: tuple[RejectionReason, ...]


class WordList(QWidget, Generic[Word]):
    """One of the lists with its buttons; what they do is the dialog's."""

    def __init__(
        self,
        columns: Sequence[Column[Word]],
        identity: Callable[[Word], object],
        name: str,
        further: Sequence[Button] = (),
    ) -> None:
        super().__init__()
        self.model: ShortModel[Word] = ShortModel(columns, identity, self)
        self.table = RecordTable(self.model, name, self)
        self.table.setProperty("framed", "true")
        self.new = Button(_tr("&New…"), "plus")
        self.edit = Button(_tr("&Edit…"), "pencil")
        self.active = Button(_tr("Deacti&vate"), "circle-slash")
        self._why_not = ""
        buttons = row(gap=8)
        for button in (self.new, self.edit, self.active):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for button in further:
            buttons.addWidget(button)
        self.setFocusProxy(self.table)
        layout = column(self, gap=8)
        layout.setContentsMargins(0, 12, 0, 0)
        layout.addWidget(self.table, 1)
        layout.addLayout(buttons)
        self.table.selectionModel().currentRowChanged.connect(lambda _now, _before: self._offer())
        for asked in (self.table.opened, self.table.entered):
            asked.connect(self.edit.click)

    @property
    def current(self) -> Word | None:
        """The chosen one."""
        return self.model.record(self.table.currentIndex())

    def show_words(self, words: Sequence[Word], why_not: str) -> None:
        """Show these; *why_not* says why nothing may be changed, or is empty."""
        self._why_not = why_not
        chosen = None if self.current is None else self.model.identity_at(self.table.currentIndex().row())
        self.model.set_rows(words)
        at = self.model.row_of(chosen)
        if words:
            self.table.choose_row(max(at, 0))
        self._offer()

    def _offer(self) -> None:
        chosen = self.current
        self.new.set_allowed(not self._why_not, self._why_not)
        for button in (self.edit, self.active):
            button.set_allowed(not self._why_not and chosen is not None, self._why_not or _tr("Choose one first."))
        is_active = chosen is None or chosen.is_active
        self.active.setText(_tr("Deacti&vate") if is_active else _tr("&Restore"))


class CenterListsDialog(LookingDialog[_Known]):
    """Shows them to every member; the center's administrators change them."""

    def __init__(
        self, jobs: Jobs, work: "CenterServices", changed: Callable[[], None], rules: SheetRules, parent: QWidget
    ) -> None:
        """*changed* is called when something became another."""
        super().__init__(jobs, parent)
        self._work, self._changed = work, changed
        self.sheets = FieldSheets(jobs, work, rules, self)
        self.banner = Banner()
        self._types: tuple[ListedType, ...] = ()
        self._next_place = self._next_type = self._next_reason = next_place(())
        self.fields: WordList[DefinedField] = WordList(
            self._field_columns(), lambda each: each.id, _tr("Fields"), self.sheets.buttons
        )
        self.types: WordList[ListedType] = WordList(type_columns(), lambda each: each.code, _tr("Sample types"))
        self.reasons: WordList[RejectionReason] = WordList(
            reason_columns(), lambda each: each.id, _tr("Reasons for rejection")
        )
        self.tabs = QTabWidget()
        for words, title in (
            (self.fields, _tr("&Fields")),
            (self.types, _tr("Sample &types")),
            (self.reasons, _tr("&Reasons for rejection")),
        ):
            self.tabs.addTab(words, title)
        self.body.addWidget(self.banner)
        self.body.addWidget(self.tabs, 1)
        self._connect()
        title = _tr("Fields and lists of {center}").format(center=work.center.name)
        self.begin(title, (WIDTH, HEIGHT), self._fetch_known, self._show_known)

    def _connect(self) -> None:
        self.sheets.told.connect(self.banner.show_notice)
        self.sheets.changed.connect(self._on_changed)
        self.fields.new.clicked.connect(lambda: self._on_field(None))
        self.fields.edit.clicked.connect(lambda: self._on_field(self.fields.current))
        self.fields.active.clicked.connect(self._on_field_active)
        self.types.new.clicked.connect(self._on_new_type)
        self.types.edit.clicked.connect(self._on_type)
        self.types.active.clicked.connect(self._on_type_active)
        self.reasons.new.clicked.connect(self._on_new_reason)
        self.reasons.edit.clicked.connect(self._on_reason)
        self.reasons.active.clicked.connect(self._on_reason_active)

    def _fetch_known(self) -> _Known:
        fields, vocabulary = self._work.fields, self._work.vocabulary
        return _Known(
            fields.list(include_inactive=True),
            vocabulary.sample_types(include_inactive=True),
            vocabulary.rejection_reasons(include_inactive=True),
        )

    def _show_known(self, found: _Known) -> None:
        self._types = found.types
        self._next_place = next_place(each.position for each in found.fields)
        self._next_type = next_place(each.position for each in found.types)
        self._next_reason = next_place(each.position for each in found.reasons)
        # The keyboard is in the list, not on its tab.
        self.tabs.currentWidget().setFocus(Qt.FocusReason.OtherFocusReason)
        allowed = self._work.may(Verb.EDIT_CENTER)
        why_not = "" if allowed else formatting.why_not(self._work.standing, Verb.EDIT_CENTER)
        self.sheets.allow(why_not)
        self.fields.show_words(found.fields, why_not)
        self.types.show_words(found.types, why_not)
        self.reasons.show_words(found.reasons, why_not)
        self.say(Tone.INFO, _tr("What {center} keeps of its samples").format(center=self._work.center.name))

    def _open(self, dialog: FormDialog) -> None:
        dialog.saved.connect(lambda _done: self._on_changed())
        dialog.open()

    def _on_changed(self) -> None:
        self._changed()
        self.look()

    def _set(self, button: Button, act: Callable[[], Any]) -> None:
        self._jobs.write(self, act, lambda _done: self._on_changed(), busy=button.set_busy)

    def _on_field(self, field: DefinedField | None) -> None:
        services = self._work.fields

        def save(draft: FieldDraft) -> DefinedField:
            return services.create(draft) if field is None else services.update(field, draft)

        self._open(FieldDialog(self._jobs, self._types, save, field, self, place=self._next_place))

    def _on_field_active(self) -> None:
        field, services = self.fields.current, self._work.fields
        if field is not None:
            self._set(self.fields.active, lambda: services.set_active(field, active=not field.is_active))

    def _on_new_type(self) -> None:
        text = FormText(_tr("New sample type"), _tr("Add type"))
        self._open(
            WordDialog(
                self._jobs,
                text,
                self._work.vocabulary.add_sample_type,
                self,
                longest=80,
                with_code=True,
                position=self._next_type,
            )
        )

    def _on_type(self) -> None:
        found, vocabulary = self.types.current, self._work.vocabulary
        if found is not None:
            text = FormText(_tr("Edit sample type"), _tr("Save"))

            def save(_code: str, name: str, place: int) -> None:
                vocabulary.change_sample_type(replace(found, name=name, position=place))

            self._open(WordDialog(self._jobs, text, save, self, longest=80, name=found.name, position=found.position))

    def _on_type_active(self) -> None:
        found, vocabulary = self.types.current, self._work.vocabulary
        if found is not None:
            turned = replace(found, is_active=not found.is_active)
            self._set(self.types.active, lambda: vocabulary.change_sample_type(turned))

    def _on_new_reason(self) -> None:
        text, vocabulary = FormText(_tr("New reason"), _tr("Add reason")), self._work.vocabulary

        def save(_code: str, name: str, place: int) -> RejectionReason:
            return vocabulary.add_rejection_reason(name, place)

        self._open(WordDialog(self._jobs, text, save, self, longest=200, position=self._next_reason))

    def _on_reason(self) -> None:
        found, vocabulary = self.reasons.current, self._work.vocabulary
        if found is not None:
            text = FormText(
                _tr("Edit reason"), _tr("Save"), _tr("Samples that were rejected for it keep the words of that day.")
            )

            def save(_code: str, name: str, place: int) -> None:
                vocabulary.change_rejection_reason(replace(found, name=name, position=place))

            self._open(WordDialog(self._jobs, text, save, self, longest=200, name=found.name, position=found.position))

    def _on_reason_active(self) -> None:
        found, vocabulary = self.reasons.current, self._work.vocabulary
        if found is not None:
            turned = replace(found, is_active=not found.is_active)
            self._set(self.reasons.active, lambda: vocabulary.change_rejection_reason(turned))

    def _field_columns(self) -> tuple[Column[DefinedField], ...]:
        def types(field: DefinedField) -> str:
            names = {each.code: formatting.type_name(each.code, each.name) for each in self._types}
            return ", ".join(names.get(code, code) for code in field.sample_types) or _tr("All")

        return (
            Column(_tr("Name"), lambda each: each.name, 0),
            Column(_tr("Kind"), lambda each: kind_name(each.kind), 96),
            Column(_tr("Unit"), lambda each: each.unit, 72),
            Column(_tr("Required"), lambda each: _tr("Yes") if each.required else "", 84),
            Column(_tr("Sample types"), types, 160, muted=True),
            Column(_tr("Place"), lambda each: formatting.number(each.position), 72, right=True, muted=True),
            Column(_tr("State"), _state, 110, muted=True),
        )


def type_columns() -> tuple[Column[ListedType], ...]:
    """Name, code, place, and whether it is in use."""
    return (
        Column(_tr("Name"), lambda each: formatting.type_name(each.code, each.name), 0),
        Column(_tr("Code"), lambda each: each.code, 160, muted=True),
        Column(_tr("Place"), lambda each: formatting.number(each.position), 72, right=True, muted=True),
        Column(_tr("State"), _state, 110, muted=True),
    )


def reason_columns() -> tuple[Column[RejectionReason], ...]:
    """Its words, place, and whether it is in use."""
    return (
        Column(_tr("Reason"), lambda each: each.name, 0),
        Column(_tr("Place"), lambda each: formatting.number(each.position), 72, right=True, muted=True),
        Column(_tr("State"), _state, 110, muted=True),
    )


def _state(word: DefinedField | ListedType | RejectionReason) -> str:
    return "" if word.is_active else _tr("Deactivated")


def _tr(text: str) -> str:
    return QCoreApplication.translate("center_lists", text)
