"""The action of a tab by which all that its list finds goes into a spreadsheet's file, in the background."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject

from desktop_app.deferred import deferred
from desktop_app.domain.progress import Report
from desktop_app.ui.text import formatting
from desktop_app.ui.widgets.actions import Action, ActionAppearance, Allowed

if TYPE_CHECKING:
    from desktop_app.services.sheets.sample_export import ExportResult
    from desktop_app.ui.dialogs import export_sheet
    from desktop_app.ui.tabs.record_tab import RecordTab
else:  # whoever looks at a list writes no workbook
    export_sheet = deferred("desktop_app.ui.dialogs.export_sheet")

Write = Callable[[Report], "ExportResult"]


@dataclass(frozen=True)
class ExportedList:
    """What a tab says of its list."""

    face: str
    """The action's words."""
    words: Callable[[], "export_sheet.ExportWords"]
    writing: Callable[["export_sheet.ExportRequest"], Write | None]
    """What writes the list as it is found now; done by a job. None where there is no list."""
    allowed: Callable[[], Allowed]
    counted: Callable[[int], str]
    """So many rows of the sheet."""
    with_columns: bool = False


class SheetExport(QObject):
    """Adds the action to the tab."""

    def __init__(self, tab: "RecordTab[Any]", exported: ExportedList) -> None:
        super().__init__(tab)
        self._tab, self._exported = tab, exported
        face = ActionAppearance(exported.face, "download", tip=_tr("What the list shows, into a workbook or CSV file"))
        self.action = tab.add_own_action(
            Action(
                "export_sheet",
                face,
                lambda _none: self.ask(),
                lambda _none: self._may(),
                keys=["Ctrl+Shift+E"],
            )
        )

    def ask(self) -> None:
        """Where to, and which columns."""
        dialog = export_sheet.ExportSheetDialog(
            self._tab.context.jobs, self._exported.words(), self._tab, with_columns=self._exported.with_columns
        )
        dialog.saved.connect(self.write)
        dialog.open()

    def write(self, request: "export_sheet.ExportRequest") -> None:
        """Write it, and say what became of it."""
        write = self._exported.writing(request)
        if write is None:
            return
        self._tab.context.tasks.run(
            self._tab,
            _tr("Writing {name}").format(name=request.target.name),
            lambda job: write(job.report),
            self._on_written,
            counted=lambda done, total: _tr("{done} of {total} rows").format(
                done=formatting.number(done), total=formatting.number(total)
            ),
        )

    def _may(self) -> Allowed:
        may = self._exported.allowed()
        return self._tab.may_export() if may[0] else may

    def _on_written(self, made: "ExportResult") -> None:
        text = _tr("{path} has {what}.").format(path=made.path, what=self._exported.counted(made.rows))
        self._tab.context.messages.say(text)


def _tr(text: str) -> str:
    return QCoreApplication.translate("sheet_export", text)
