"""The list of documents into a spreadsheet's file; of their contents nothing."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop_app.deferred import deferred
from desktop_app.domain.filters import DocumentFilter
from desktop_app.domain.records import Document
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.tabs.sheet_export import ExportedList, SheetExport, Write
from desktop_app.ui.text import formatting

if TYPE_CHECKING:
    from desktop_app.ui.dialogs import export_sheet
else:
    export_sheet = deferred("desktop_app.ui.dialogs.export_sheet")


def document_export(tab: RecordTab[Document], found: Callable[[], DocumentFilter]) -> SheetExport:
    """What the tab adds to its actions; *found* is what its list finds."""

    def writing(request: "export_sheet.ExportRequest") -> Write | None:
        if (work := tab.work) is None:
            return None
        exports, wanted, sort = work.document_exports, found(), tab.records.sort
        return lambda report: exports.write(request.target, wanted, sort, report, overwrite=request.overwrite)

    exported = ExportedList(
        _tr("E&xport list…"),
        lambda: export_sheet.ExportWords(
            _tr("Export the list of documents"),
            _tr("All documents that the list finds by its search and filters, in its order, without their contents."),
            _tr("Documents {center}").format(center=tab.work.center.name if tab.work else ""),
        ),
        writing,
        lambda: (tab.work is not None, _tr("No center is open.")),
        formatting.documents,
    )
    return SheetExport(tab, exported)


def _tr(text: str) -> str:
    return QCoreApplication.translate("document_sheets", text)
