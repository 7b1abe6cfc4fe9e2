"""Samples or fields of a center from a spreadsheet's file, as one change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from desktop_app.domain.progress import Report
from desktop_app.domain.sheets import Sheet, SheetFields, SheetProblem
from desktop_app.services.sheets.planned_import import ImportResult, Imports, PlannedImport
from desktop_app.ui.text import formatting
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.field import Field

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices

Planned = PlannedImport[Any, Any]


@dataclass(frozen=True)
class ImportWords:
    """What is said of one kind of record."""

    title: str
    update: str
    """At the box with which what is there changes, too."""
    nothing_came: str
    """Where others were first."""
    counted: Callable[[int], str]


def samples_from_sheet(work: "CenterServices") -> "RecordsFromSheet":
    """New samples, and changes of those that are there."""
    words = ImportWords(
        _tr("Import samples"),
        _tr("&Change samples that are there already (by barcode)"),
        _tr("Nothing came in: others changed samples of this file meanwhile."),
        formatting.samples,
    )
    return RecordsFromSheet(work.imports, words)


def fields_from_sheet(work: "CenterServices") -> "RecordsFromSheet":
    """New fields, and changes of those that are there."""
    words = ImportWords(
        _tr("Import fields"),
        _tr("&Change fields that are there already"),
        _tr("Nothing came in: others changed fields of this file meanwhile."),
        formatting.fields,
    )
    return RecordsFromSheet(work.field_imports, words)


class RecordsFromSheet:
    """What the dialog of a sheet is told; ``imported`` brings an ImportResult then."""

    def __init__(self, imports: Imports[Any, Any], words: ImportWords) -> None:
        self.title = words.title
        self._imports, self._words = imports, words
        self.update_box = Field("update", words.update, QCheckBox())
        self.boxes: Sequence[Field] = (self.update_box,)
        self.reason = QLineEdit()
        self.reason.setAccessibleName(_tr("Reason"))
        self.reason.setPlaceholderText(_tr("It stays on the record"))
        label = PlainLabel(_tr("&Reason"))
        label.setBuddy(self.reason)
        self.line: Sequence[QWidget] = (label, self.reason)

    def fields_for(self, headings: Sequence[str]) -> SheetFields:
        """Of samples the center's own fields, too."""
        return self._imports.fields_for(headings)

    def planning(self) -> Callable[[Sheet, Mapping[str, str], Report], Planned]:
        """What is new, and what changes of what is there."""
        imports, update = self._imports, bool(self.update_box.value)
        return lambda sheet, mapping, report: imports.plan(sheet, mapping, update=update, report=report)

    def bringing_in(self, planned: Planned, *, skip_bad: bool) -> Callable[[Report], ImportResult]:
        """All of it, or nothing."""
        imports, reason = self._imports, self.reason.text().strip()
        return lambda report: imports.apply(planned, reason, skip_bad=skip_bad, report=report)

    def what_came(self, result: ImportResult) -> tuple[bool, Sequence[SheetProblem], str]:
        """It comes in as a whole."""
        return result.plan is not None, result.problems, self._words.nothing_came

    def counts_of(self, planned: Planned) -> str:
        """What becomes of the rows."""
        return _tr("{new} new, {changed} changed, {unchanged} unchanged, {bad} with problems").format(
            new=formatting.number(len(planned.new)),
            changed=formatting.number(len(planned.changed)),
            unchanged=formatting.number(planned.unchanged),
            bad=formatting.number(planned.refused),
        )

    def number_of(self, planned: Planned) -> int:
        """New and changed."""
        return len(planned.new) + len(planned.changed)

    def counted(self, number: int) -> str:
        """So many of them."""
        return self._words.counted(number)

    def missing(self) -> str:
        """Nothing."""
        return ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("import_records", text)
