"""Fields of a center from a spreadsheet's file, as one change."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from desktop_app.domain.progress import Report
from desktop_app.domain.sheets import Sheet, SheetFields, SheetProblem
from desktop_app.services.sheets.field_import import FieldImport
from desktop_app.services.sheets.sample_import import ImportResult
from desktop_app.ui.text import formatting
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.field import Field

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices


class FieldsFromSheet:
    """What the dialog of a sheet is told of fields; ``imported`` brings an ImportResult then."""

    def __init__(self, work: "CenterServices") -> None:
        self.title = _tr("Import fields")
        self._imports = work.field_imports
        self.update_box = Field("update", _tr("&Change fields that are there already"), QCheckBox())
        self.boxes: Sequence[Field] = (self.update_box,)
        self.reason = QLineEdit()
        self.reason.setAccessibleName(_tr("Reason"))
        self.reason.setPlaceholderText(_tr("It stays on the record"))
        label = PlainLabel(_tr("&Reason"))
        label.setBuddy(self.reason)
        self.line: Sequence[QWidget] = (label, self.reason)

    def fields_for(self, headings: Sequence[str]) -> SheetFields:
        """The same in every center."""
        return self._imports.fields_for(headings)

    def planning(self) -> Callable[[Sheet, Mapping[str, str], Report], FieldImport]:
        """New fields, and changes of those that are there."""
        imports, update = self._imports, bool(self.update_box.value)
        return lambda sheet, mapping, report: imports.plan(sheet, mapping, update=update, report=report)

    def bringing_in(self, planned: FieldImport, *, skip_bad: bool) -> Callable[[Report], ImportResult]:
        """All of it, or nothing."""
        imports, reason = self._imports, self.reason.text().strip()
        return lambda report: imports.apply(planned, reason, skip_bad=skip_bad, report=report)

    def what_came(self, result: ImportResult) -> tuple[bool, Sequence[SheetProblem], str]:
        """It comes in as a whole."""
        words = _tr("Nothing came in: others changed fields of this file meanwhile.")
        return result.plan is not None, result.problems, words

    def counts_of(self, planned: FieldImport) -> str:
        """What becomes of the rows."""
        return _tr("{new} new, {changed} changed, {unchanged} unchanged, {bad} with problems").format(
            new=formatting.number(len(planned.new)),
            changed=formatting.number(len(planned.changed)),
            unchanged=formatting.number(planned.unchanged),
            bad=formatting.number(planned.refused),
        )

    def number_of(self, planned: FieldImport) -> int:
        """New and changed."""
        return len(planned.new) + len(planned.changed)

    def counted(self, number: int) -> str:
        """So many fields."""
        return formatting.fields(number)

    def missing(self) -> str:
        """Nothing."""
        return ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("import_fields", text)
