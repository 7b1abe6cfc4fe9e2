"""The center's own fields in a form: an editor of its kind for each, those of the chosen type, in two columns."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QWidget

from desktop_app.domain.fields import PROBLEM_OF, DefinedField, FieldKind, misfit, same, typed
from desktop_app.ui.text.field_values import field_label, typed_text
from desktop_app.ui.text.messages import said
from desktop_app.ui.widgets.field import ChoiceBox, Field

ABSENT = object()
"""Of a value that is not there."""
TAKEN_AWAY = object()
"""Of a value that shall not be there any more, of several samples that each may have another one."""


class FieldEditor:
    """The editor of one field, and what was saved in it: what nobody touches stays, whether it fits or not."""

    def __init__(self, defined: DefinedField, nothing: str, *, of_several: bool) -> None:
        self.defined = defined
        self._saved: Any = ABSENT
        removable = of_several and not defined.required
        editor = _editor(defined, nothing, removable=removable)
        self.field = Field(f"{PROBLEM_OF}{defined.key}", field_label(defined), editor, _help(defined))
        editor.setAccessibleName(defined.name)
        self.no_value: QCheckBox | None = None
        """Beside a line: that the value is taken away."""
        if of_several and isinstance(editor, QLineEdit):
            editor.setPlaceholderText(nothing)
            if removable:
                self.no_value = _no_value_box(defined, editor, nothing)
                self.field.put_beside(self.no_value)
        self._untouched = self.field.value

    def show_value(self, value: Any) -> None:
        """Begin with this value, or with ABSENT."""
        self._saved = value
        wrong = None if value is ABSENT else misfit(self.defined, value)
        self.field.set_help(said(wrong) if wrong else _help(self.defined))
        editor = self.field.editor
        if isinstance(editor, ChoiceBox):
            if value is not ABSENT and wrong:
                editor.offer([(typed_text(value), value)])
            self.field.set_value(None if value is ABSENT else value)
        else:
            self.field.set_value("" if value is ABSENT else typed_text(value))
        self._untouched = self.field.value

    @property
    def saved(self) -> Any:
        """What it began with."""
        return self._saved

    @property
    def is_changed(self) -> bool:
        """Whether something else stands there than in the beginning."""
        now = self.field.value
        return not (now == self._untouched and isinstance(now, bool) is isinstance(self._untouched, bool))

    def value(self) -> Any:
        """What is to be saved, or ABSENT, or TAKEN_AWAY; ValueError with a sentence."""
        if self.no_value is not None and self.no_value.isChecked():
            return TAKEN_AWAY
        if not self.is_changed:
            return self._saved
        now = self.field.value
        if now is None or now == "":
            return ABSENT
        if not isinstance(now, str):
            return now
        return ABSENT if not now.strip() else typed(self.defined, now)


class CenterFields(QWidget):
    """The editors of all fields; shown are those of one type. The form knows them once they are made."""

    def __init__(self, parent: QWidget | None = None, *, of_several: bool = False) -> None:
        """*of_several*: what is not given stays as each of several samples has it, and may be taken away."""
        super().__init__(parent)
        self._of_several = of_several
        self._nothing = _tr("As it is") if of_several else "—"
        self.editors: dict[str, FieldEditor] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(12)
        for side in (0, 1):
            self._grid.setColumnStretch(side, 1)
        self.hide()

    def define(self, fields: Sequence[DefinedField]) -> list[Field]:
        """Make the editors, in the center's order."""
        self.editors = {each.key: FieldEditor(each, self._nothing, of_several=self._of_several) for each in fields}
        return [each.field for each in self.editors.values()]

    def show_values(self, values: Mapping[str, Any]) -> None:
        """Begin with these."""
        for key, editor in self.editors.items():
            editor.show_value(values.get(key, ABSENT))

    def show_for(self, sample_types: Sequence[str], before: QWidget | None = None) -> None:
        """Show the fields of a type (of several: those that any has), to be reached by Tab after *before*."""
        at, last = 0, before
        for each in self.editors.values():
            shown = any(each.defined.is_of(code) for code in sample_types)
            each.field.setVisible(shown)
            self._grid.removeWidget(each.field)
            if shown:
                self._grid.addWidget(each.field, at // 2, at % 2, Qt.AlignmentFlag.AlignTop)
                at += 1
                if last is not None:
                    QWidget.setTabOrder(last, each.field.editor)
                last = each.field.editor
                if each.no_value is not None:
                    QWidget.setTabOrder(last, each.no_value)
                    last = each.no_value
            else:
                each.field.setParent(self)
        self.setVisible(at > 0)

    def changes(self) -> tuple[dict[str, Any], dict[str, str]]:
        """What was given of the fields that are shown (None: taken away), and what is wrong with it."""
        found: dict[str, Any] = {}
        problems: dict[str, str] = {}
        for key, editor in self.editors.items():
            try:
                value = ABSENT if editor.field.isHidden() else editor.value()
            except ValueError as error:
                problems[f"{PROBLEM_OF}{key}"] = error.args[0]
                continue
            if value is not ABSENT:
                found[key] = None if value is TAKEN_AWAY else value
        return found, problems

    def values(self, sample_type: str) -> tuple[dict[str, Any], dict[str, str]]:
        """What is to be saved of a sample of this type, and what is wrong with what was typed.

        A field of another type keeps what was saved in it.
        """
        found: dict[str, Any] = {}
        problems: dict[str, str] = {}
        for key, editor in self.editors.items():
            try:
                value = editor.value() if editor.defined.is_of(sample_type) else editor.saved
            except ValueError as error:
                problems[f"{PROBLEM_OF}{key}"] = error.args[0]
                continue
            if value is not ABSENT:
                found[key] = value
        return found, problems


def _editor(defined: DefinedField, nothing: str, *, removable: bool) -> QLineEdit | ChoiceBox:
    first = [(nothing, None), *([(_tr("No value"), TAKEN_AWAY)] if removable else [])]
    if defined.kind is FieldKind.CHOICE:
        return ChoiceBox([*first, *((each, each) for each in defined.choices)])
    if defined.kind is FieldKind.YES_NO:
        return _TruthBox([*first, (_tr("Yes"), True), (_tr("No"), False)])
    return QLineEdit()


def _no_value_box(defined: DefinedField, line: QLineEdit, nothing: str) -> QCheckBox:
    box = QCheckBox(_tr("No value"))
    box.setAccessibleName(_tr("{field}: No value").format(field=defined.name))

    def take_away(away: bool) -> None:
        line.clear()
        line.setEnabled(not away)
        line.setPlaceholderText(_tr("No value") if away else nothing)

    box.toggled.connect(take_away)
    return box


class _TruthBox(ChoiceBox):
    """To Python 1 is True, and what was saved as the number is no answer."""

    def offer(self, entries: Iterable[tuple[str, Any]]) -> None:
        """Add entries that are not there, by what they are, too."""
        for text, value in entries:
            if not any(same(each, value) for each in self._values):
                self._values.append(value)
                with QSignalBlocker(self):
                    self.addItem(text)

    def choose(self, value: Any) -> None:
        """Choose a value by what it is, too."""
        if not self.choose_where(lambda each: each is value or (each is not None and same(each, value))):
            self.setCurrentIndex(0)


def _help(defined: DefinedField) -> str:
    return _tr("Such as 2026-11-21.") if defined.kind is FieldKind.DATE else ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("center_fields", text)
