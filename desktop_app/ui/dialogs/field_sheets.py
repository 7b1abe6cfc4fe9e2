"""Spreadsheets beside the list of a center's fields: they come in from a file as one change, and go out into one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop_app.deferred import deferred
from desktop_app.domain.change_plan import PlanResult
from desktop_app.errors import LabkeepError
from desktop_app.ui.dialogs.column_memory import ColumnMemory
from desktop_app.ui.dialogs.plan import undone_words
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.foundation.window_state import WindowState
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice, sentence, tone_of
from desktop_app.ui.widgets.buttons import Button

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices
    from desktop_app.services.sheets.planned_import import ImportResult
    from desktop_app.services.sheets.sample_export import ExportResult
    from desktop_app.ui.dialogs import export_sheet, import_records, import_sheet
else:  # whoever looks at fields reads no workbook
    export_sheet = deferred("desktop_app.ui.dialogs.export_sheet")
    import_records = deferred("desktop_app.ui.dialogs.import_records")
    import_sheet = deferred("desktop_app.ui.dialogs.import_sheet")


@dataclass(frozen=True)
class SheetRules:
    """Where the chosen columns are remembered, and why nothing may be written in clear here (empty: it may)."""

    state: WindowState
    person: UUID
    why_no_export: str = ""


class FieldSheets(QObject):
    """Two buttons; ``told`` says what became of it, ``changed`` that the fields are others now."""

    told = Signal(object)
    changed = Signal()

    def __init__(self, jobs: Jobs, work: "CenterServices", rules: SheetRules, parent: QWidget) -> None:
        super().__init__(parent)
        self._jobs, self._work, self._rules, self._window = jobs, work, rules, parent
        self.bring_in = Button(_tr("&Import…"), "upload")
        self.write_out = Button(_tr("E&xport…"), "download")
        self.bring_in.clicked.connect(self.ask_for_file)
        self.write_out.clicked.connect(self.ask_for_target)
        self.write_out.set_allowed(not rules.why_no_export, rules.why_no_export)

    @property
    def buttons(self) -> Sequence[Button]:
        """To stand beside the list."""
        return self.bring_in, self.write_out

    def allow(self, why_not: str) -> None:
        """Fields may come in, or *why_not*."""
        self.bring_in.set_allowed(not why_not, why_not)

    def ask_for_file(self) -> None:
        """Which file comes in."""
        import_sheet.choose_sheet(self._window, _tr("Import fields"), self.show_file)

    def show_file(self, path: Path) -> None:
        """What would come in of it."""
        place = f"fields_{self._work.center.id.hex}_{self._rules.person.hex}"
        kind = import_records.fields_from_sheet(self._work)
        memory = ColumnMemory(self._rules.state, place)
        dialog = import_sheet.ImportSheetDialog(self._jobs, kind, path, memory, self._window)
        dialog.imported.connect(lambda result: self._on_imported(dialog.path, result))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def ask_for_target(self) -> None:
        """Where to."""
        words = export_sheet.ExportWords(
            _tr("Export fields"),
            _tr("All fields of the center, also those that are deactivated. The file can be imported again."),
            _tr("Fields {center}").format(center=self._work.center.name),
        )
        dialog = export_sheet.ExportSheetDialog(self._jobs, words, self._window)
        dialog.saved.connect(self.write)
        dialog.open()

    def write(self, request: "export_sheet.ExportRequest") -> None:
        """Write it, and say what became of it."""
        exports, target, overwrite = self._work.field_exports, request.target, request.overwrite
        self._jobs.write(
            self,
            lambda: exports.write(target, overwrite=overwrite),
            self._on_written,
            self._on_failed,
            busy=self.write_out.set_busy,
        )

    def _on_written(self, made: "ExportResult") -> None:
        text = _tr("{path} has {what}.").format(path=made.path, what=formatting.fields(made.rows))
        self.told.emit(Notice(text, Tone.GOOD))

    def _on_imported(self, path: Path, result: "ImportResult") -> None:
        text = _tr("Imported from {file}: {new} new, {changed} changed.").format(
            file=path.name, new=formatting.number(result.created), changed=formatting.number(result.updated)
        )
        left_out = len({problem.row for problem in result.problems})
        if left_out:
            text += " " + _tr("Rows left out: {count}.").format(count=formatting.number(left_out))
        tone, plan = Tone.WARNING if left_out else Tone.GOOD, result.plan
        self._say(Notice(text, tone, _tr("Undo") if plan else "", None if plan is None else self._undo(plan)))

    def _undo(self, plan_id: UUID) -> Callable[[], None]:
        plans = self._work.plans

        def act() -> PlanResult:
            return plans.apply(plans.plan_undo(plan_id))

        return lambda: self._jobs.write(self, act, self._on_undone, self._on_failed)

    def _on_undone(self, result: PlanResult) -> None:
        tone = Tone.WARNING if result.left_alone else Tone.GOOD
        self._say(Notice(undone_words(result, formatting.fields), tone))

    def _say(self, notice: Notice) -> None:
        self.changed.emit()
        self.told.emit(notice)

    def _on_failed(self, error: LabkeepError) -> None:
        self.told.emit(Notice(sentence(error), tone_of(error)))


def _tr(text: str) -> str:
    return QCoreApplication.translate("field_sheets", text)
