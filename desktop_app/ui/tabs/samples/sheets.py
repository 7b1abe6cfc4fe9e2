"""Tables in the tab of samples: typed or from a file they come in as one change to be undone, and the list goes out."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject

from desktop_app.deferred import deferred
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Verb
from desktop_app.ui.dialogs.column_memory import ColumnMemory
from desktop_app.ui.dialogs.table_draft import TABLE, TableDraft
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.list_source import Source
from desktop_app.ui.tabs.bulk_changes import BulkChanges
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.tabs.sheet_export import ExportedList, SheetExport, Write
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.widgets.actions import Action, ActionAppearance

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices
    from desktop_app.services.session.drafts import Draft
    from desktop_app.services.sheets.planned_import import ImportResult
    from desktop_app.ui.dialogs import add_many, export_sheet, import_records, import_sheet
else:  # whoever looks at samples reads no workbook
    add_many = deferred("desktop_app.ui.dialogs.add_many")
    export_sheet = deferred("desktop_app.ui.dialogs.export_sheet")
    import_records = deferred("desktop_app.ui.dialogs.import_records")
    import_sheet = deferred("desktop_app.ui.dialogs.import_sheet")

FIELDS = {
    "barcode": "barcode",
    "name": "name",
    "type": "sample_type",
    "status": "status",
    "responsible": "user_id",
    "created": "created_at",
    "updated": "updated_at",
    "created_by": "created_by",
    "collected": "collected_at",
    "place": "collected_place",
    "documents": "documents",
    "id": "id",
}
"""What a sheet calls the columns of the list."""


class SampleSheets(QObject):
    """Adds its actions to the tab; *wanted* is what its list finds."""

    def __init__(self, tab: RecordTab[Sample], bulk: BulkChanges, wanted: Callable[[], SampleFilter]) -> None:
        super().__init__(tab)
        self._tab, self._bulk, self._wanted = tab, bulk, wanted
        tip = _tr("Samples in a table that takes a paste from a spreadsheet")
        self.add_many = tab.add_own_action(
            Action(
                "add_many",
                ActionAppearance(_tr("&Add many…"), "file-spreadsheet", tip=tip),
                lambda _none: self.show_table(),
                lambda _none: tab.may(Verb.EDIT_SAMPLES),
                keys=["Ctrl+Shift+N"],
            )
        )
        face = ActionAppearance(_tr("&Import…"), "upload", tip=_tr("Samples from a CSV file or a workbook"))
        self.import_action = tab.add_own_action(
            Action(
                "import_sheet",
                face,
                lambda _none: self.ask_for_file(),
                lambda _none: tab.may(Verb.EDIT_SAMPLES),
                keys=["Ctrl+Shift+I"],
            )
        )
        exported = ExportedList(
            _tr("E&xport…"),
            lambda: export_sheet.ExportWords(
                _tr("Export samples"),
                _tr("All samples that the list finds by its search and filters, in its order."),
                _tr("Samples {center}").format(center=tab.work.center.name if tab.work else ""),
            ),
            self._writing,
            lambda: (tab.work is not None, _tr("No center is open.")),
            formatting.samples,
            with_columns=True,
        )
        self.export_action = SheetExport(tab, exported).action

    def show_table(self, left: "Draft | None" = None) -> None:
        """A table of new samples: empty, or with what was left of one by a crash."""
        work, context = self._tab.work, self._tab.context
        if work is not None:
            dialog = add_many.AddManyDialog(context.jobs, work, self._tab)
            TableDraft(dialog, context.jobs, context.lab.drafts, work.center.id, left)
            dialog.created.connect(lambda result: self._on_created(work, result))
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    def open_left(self, left: "Draft") -> bool:
        """Continue it where it is a table; whether it is."""
        if is_table := TABLE in left.content.fields:
            self.show_table(left)
        return is_table

    def ask_for_file(self) -> None:
        """Which file comes in."""
        import_sheet.choose_sheet(self._tab, _tr("Import samples"), self.show_file)

    def show_file(self, path: Path) -> None:
        """What would come in of it."""
        work = self._tab.work
        if work is None:
            return
        tab = self._tab
        # Each person's own, in this center.
        memory = ColumnMemory(tab.context.window_state, f"{work.center.id.hex}_{tab.context.lab.user.id.hex}")
        kind = import_records.samples_from_sheet(work)
        dialog = import_sheet.ImportSheetDialog(tab.context.jobs, kind, path, memory, tab)
        dialog.imported.connect(lambda result: self._on_imported(work, dialog.path, result))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _writing(self, request: "export_sheet.ExportRequest") -> "Write | None":
        work, source = self._tab.work, self._tab.source()
        if work is None or not isinstance(source, Source):
            return None
        wanted, sort = self._wanted(), self._tab.records.sort
        shown = self._tab.records.table.list_layout.shown if request.as_shown else ()
        columns = [FIELDS.get(key, key) for key in shown]
        exports, target, overwrite = work.exports, request.target, request.overwrite
        return lambda report: exports.write(target, wanted, sort, columns, report, overwrite=overwrite)

    def _on_created(self, work: "CenterServices", result: "ImportResult") -> None:
        text = _tr("Created: {what}.").format(what=formatting.samples(result.created))
        self._say_with_way_back(work, result, Notice(text, Tone.GOOD))

    def _on_imported(self, work: "CenterServices", path: Path, result: "ImportResult") -> None:
        text = _tr("Imported from {file}: {new} new, {changed} changed.").format(
            file=path.name, new=formatting.number(result.created), changed=formatting.number(result.updated)
        )
        left_out = len({problem.row for problem in result.problems})
        if left_out:
            text += " " + _tr("Rows left out: {count}.").format(count=formatting.number(left_out))
        self._say_with_way_back(work, result, Notice(text, Tone.WARNING if left_out else Tone.GOOD))

    def _say_with_way_back(self, work: "CenterServices", result: "ImportResult", notice: Notice) -> None:
        self._tab.mark_stale()
        self._tab.context.events.changed.emit(Sample, None)
        if result.plan is not None:
            self._bulk.offer_back(notice, work, result.plan, formatting.samples)


def _tr(text: str) -> str:
    return QCoreApplication.translate("sample_sheets", text)
