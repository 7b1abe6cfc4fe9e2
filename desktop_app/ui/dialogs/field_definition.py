"""Making and editing what a center defines: a field, a sample type, a reason for rejection."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QGridLayout, QLineEdit, QWidget

from desktop_app.domain.fields import DefinedField, FieldDraft, FieldKind, place_problem
from desktop_app.domain.records import ListedType
from desktop_app.domain.text_rules import SAMPLE_TYPE, clean, line_problem
from desktop_app.message import Message
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.text import formatting
from desktop_app.ui.text.field_values import kind_name
from desktop_app.ui.widgets.field import ChoiceBox, Field, LongText
from desktop_app.ui.widgets.styling import heading, muted


class FieldDialog(FormDialog):
    """A new field, or one to be edited; *save* gets the draft and runs away from the GUI thread."""

    def __init__(
        self,
        jobs: Jobs,
        types: Sequence[ListedType],
        save: Callable[[FieldDraft], Any],
        field: DefinedField | None = None,
        parent: QWidget | None = None,
        *,
        place: int | None = None,
    ) -> None:
        """*place* is offered to a new one; None: after the last one."""
        text = (
            FormText(_tr("New field"), _tr("Create field"))
            if field is None
            else FormText(
                _tr("Edit field"),
                _tr("Save"),
                _tr("Samples keep all of their values; what fits no more is shown as such."),
            )
        )
        super().__init__(jobs, text, parent)
        self._save = save
        self._name = Field("name", _tr("&Name"), QLineEdit(), _tr("What people read, type and search by."))
        self._kinds = ChoiceBox((kind_name(kind), kind) for kind in FieldKind)
        self._kind = Field("kind", _tr("&Kind"), self._kinds)
        self._unit = Field("unit", _tr("&Unit"), QLineEdit(), _tr("Such as ml; may be empty."))
        self._choices = Field("choices", _tr("&Choices"), LongText(4), _tr("One in each line."))
        self._required = Field("required", _tr("&Required"), QCheckBox(), _tr("No new sample without it."))
        self._types = {
            each.code: Field(
                f"type.{each.code}", formatting.type_name(each.code, each.name).replace("&", "&&"), QCheckBox()
            )
            for each in types
            if each.is_active or (field is not None and each.code in field.sample_types)
        }
        self._position = Field("position", _tr("&Place in the order"), QLineEdit(), _tr("A number; the least first."))
        if field is not None:
            self._show(field)
        elif place is not None:
            self._position.set_value(str(place))
        rows = [[self._name], [self._kind, self._unit], [self._choices], [self._position], [self._required]]
        self._kind.edited.connect(self._show_choices)
        self.set_form(rows, self.problems, self._collect_work)
        self._put_types()
        self._show_choices()

    def problems(self) -> dict[str, str]:
        """Property to sentence."""
        found = self._draft().problems()
        place = self._position.value.strip()
        if place and not (place.isascii() and place.isdecimal()):
            found["position"] = Message("A whole number, such as 10.")
        return found

    def _show(self, field: DefinedField) -> None:
        self._name.set_value(field.name)
        self._kind.set_value(field.kind)
        self._unit.set_value(field.unit)
        self._choices.set_value("\n".join(field.choices))
        self._required.set_value(field.required)
        self._position.set_value(str(field.position))
        for code, box in self._types.items():
            box.set_value(code in field.sample_types)

    def _put_types(self) -> None:
        """The types at the end, three in a row under words that say what they are for."""
        boxes, page = list(self._types.values()), self._page.layout()
        if not boxes or not isinstance(page, QBoxLayout):
            return
        self.add_fields(boxes)
        group = QWidget()
        grid = QGridLayout(group)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.addWidget(heading(_tr("Sample types"), 3), 0, 0, 1, 3)
        grid.addWidget(muted(_tr("Ticked: only samples of these have it. None ticked: all."), caption=True), 1, 0, 1, 3)
        page.insertWidget(page.count() - 1, group)
        last = self._required.editor
        for at, box in enumerate(boxes):
            grid.addWidget(box, 2 + at // 3, at % 3)
            QWidget.setTabOrder(last, box.editor)
            last = box.editor

    def _show_choices(self) -> None:
        self._choices.setVisible(self._kind.value is FieldKind.CHOICE)

    def _draft(self) -> FieldDraft:
        is_choice = self._kind.value is FieldKind.CHOICE
        lines = self._choices.value.splitlines() if is_choice else ()
        return FieldDraft(
            name=clean(self._name.value),
            kind=self._kind.value,
            unit=clean(self._unit.value),
            choices=tuple(clean(each) for each in lines if each.strip()),
            required=self._required.value,
            sample_types=tuple(code for code, box in self._types.items() if box.value),
            position=_place(self._position.value.strip()),
        )

    def _collect_work(self) -> Work:
        draft, save = self._draft(), self._save
        return lambda: save(draft)


def _place(text: str) -> int | None:
    """What is typed; None for nothing: it stays, or comes after the last one."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else -1


class WordDialog(FormDialog):
    """One of the center's words: with a code, a sample type; *save* gets code, name and place."""

    def __init__(
        self,
        jobs: Jobs,
        text: FormText,
        save: Callable[[str, str, int], Any],
        parent: QWidget | None = None,
        *,
        longest: int,
        with_code: bool = False,
        name: str = "",
        position: int,
    ) -> None:
        super().__init__(jobs, text, parent)
        self._save, self._longest, self._with_code = save, longest, with_code
        self._code = Field(
            "code", _tr("&Code"), QLineEdit(), _tr("Cannot be changed later: lower-case letters, digits, - and _.")
        )
        self._name = Field("name", _tr("&Name"), QLineEdit())
        self._position = Field("position", _tr("&Place in the order"), QLineEdit(), _tr("A number; the least first."))
        self._name.set_value(name)
        self._position.set_value(str(position))
        rows = [[self._name], [self._position]]
        self.set_form([[self._code], *rows] if with_code else rows, self.problems, self._collect_work)

    def problems(self) -> dict[str, str]:
        """Field name to sentence."""
        found: dict[str, str] = {}
        if problem := line_problem(clean(self._name.value), longest=self._longest, required=True):
            found["name"] = problem
        if self._with_code and not SAMPLE_TYPE.fullmatch(self._code.value.strip()):
            found["code"] = Message("Lower-case letters, digits, - and _, such as bone-marrow.")
        place = self._position.value.strip()
        is_number = place.isascii() and place.isdecimal()
        if problem := place_problem(int(place[:9]) if is_number else -1):
            found["position"] = problem
        return found

    def _collect_work(self) -> Work:
        code, name, place = self._code.value.strip(), clean(self._name.value), int(self._position.value.strip())
        save = self._save
        return lambda: save(code, name, place)


def _tr(text: str) -> str:
    return QCoreApplication.translate("field_definition", text)
