"""The center's fields of several samples at once: what is given or taken away here is so in all; the rest stays."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QBoxLayout, QWidget

from desktop_app.domain.fields import DefinedField
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.widgets.center_fields import CenterFields


class EditFieldsDialog(FormDialog):
    """Changes nothing: ``saved`` brings the values by key, of which a plan is made and shown."""

    def __init__(
        self,
        jobs: Jobs,
        what: str,
        fields: Sequence[DefinedField],
        sample_types: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        text = FormText(
            _tr("Edit fields of {what}").format(what=what),
            _tr("Show what changes…"),
            _tr(
                "What says “As it is” stays as each of them has it; “No value” takes the value away. Nothing changes "
                "before you have seen what would."
            ),
        )
        super().__init__(jobs, text, parent)
        self._center_fields = CenterFields(of_several=True)
        made = self._center_fields.define(fields)
        self.set_form([], self.problems, self._collect_work)
        self.add_fields(made)
        page = self._page.layout()
        if isinstance(page, QBoxLayout):
            page.insertWidget(0, self._center_fields)
        self._center_fields.show_for(sample_types)
        if made:
            first = next(each for each in made if not each.isHidden())
            first.editor.setFocus()

    def problems(self) -> Mapping[str, str]:
        """What was typed and does not fit, or that nothing was given."""
        values, problems = self._values()
        if values or problems:
            return problems
        return {"": _tr("Nothing would change: give a value, or take one away.")}

    def _values(self) -> tuple[dict[str, Any], dict[str, str]]:
        return self._center_fields.changes()

    def _collect_work(self) -> Work:
        values = self._values()[0]
        return lambda: values


def _tr(text: str) -> str:
    return QCoreApplication.translate("EditFieldsDialog", text)
