"""Spreadsheets in the tab of samples: a file comes in as one change that can be undone, and the list goes out."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QCoreApplication, QObject

from desktop_app.deferred import deferred
from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Verb
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.paged import Source
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.widgets.actions import Action, ActionAppearance, Allowed

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices
    from desktop_app.services.sheets.sample_export import ExportResult
    from desktop_app.services.sheets.sample_import import ImportResult
    from desktop_app.ui.dialogs import export_sheet, import_sheet
    from desktop_app.ui.tabs.samples.page import SamplesTab
else:  # whoever looks at samples reads no workbook
    export_sheet = deferred("desktop_app.ui.dialogs.export_sheet")
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
    """Adds its actions to the tab."""

    def __init__(self, tab: "SamplesTab") -> None:
        super().__init__(tab)
        self._tab = tab
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
        face = ActionAppearance(
            _tr("E&xport…"), "download", tip=_tr("What the list shows, into a workbook or CSV file")
        )
        self.export_action = tab.add_own_action(
            Action(
                "export_sheet",
                face,
                lambda _none: self.ask_for_target(),
                lambda _none: self._may_export(),
                keys=["Ctrl+Shift+E"],
            )
        )

    def ask_for_file(self) -> None:
        """Which file comes in."""
        import_sheet.choose_sheet(self._tab, self.show_file)

    def show_file(self, path: Path) -> None:
        """What would come in of it."""
        work = self._tab.work
        if work is None:
            return
        dialog = import_sheet.ImportSheetDialog(
            self._tab.context.jobs, work, path, lambda headings: self._remembered(work, headings), self._tab
        )
        dialog.imported.connect(
            lambda result: self._on_imported(work, dialog.path, result, (dialog.headings, dialog.columns.chosen))
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def ask_for_target(self) -> None:
        """Where to, and which columns."""
        work = self._tab.work
        if work is not None:
            name = _tr("Samples {center}").format(center=work.center.name)
            dialog = export_sheet.ExportSheetDialog(self._tab.context.jobs, name, self._tab)
            dialog.saved.connect(self.write)
            dialog.open()

    def write(self, request: "export_sheet.ExportRequest") -> None:
        """Write what the list shows, in the background, and say what became of it."""
        work, source = self._tab.work, self._tab.source()
        if work is None or not isinstance(source, Source):
            return
        wanted, sort = self._tab.views.filter, self._tab.records.sort
        shown = self._tab.records.table.list_layout.shown if request.as_shown else ()
        columns = [FIELDS.get(key, key) for key in shown]
        exports, target, overwrite = work.exports, request.target, request.overwrite
        self._tab.context.tasks.run(
            self._tab,
            _tr("Writing {name}").format(name=target.name),
            lambda job: exports.write(target, wanted, sort, columns, job.report, overwrite=overwrite),
            self._on_written,
            counted=lambda done, total: _tr("{done} of {total} samples").format(
                done=formatting.number(done), total=formatting.number(total)
            ),
        )

    def _may_export(self) -> Allowed:
        return self._tab.may_export() if self._tab.work is not None else (False, _tr("No center is open."))

    def _on_written(self, made: "ExportResult") -> None:
        text = _tr("{path} has {what}.").format(path=made.path, what=formatting.samples(made.rows))
        self._tab.context.messages.say(text)

    def _on_imported(
        self,
        work: "CenterServices",
        path: Path,
        result: "ImportResult",
        columns: tuple[Sequence[str], Sequence[str]],
    ) -> None:
        headings, chosen = columns
        kept = QByteArray(json.dumps(list(chosen)).encode())
        self._tab.context.window_state.keep_layout(self._name_of(work, headings), kept)
        self._tab.mark_stale()
        self._tab.context.events.changed.emit(Sample, None)
        text = _tr("Imported from {file}: {new} new, {changed} changed.").format(
            file=path.name, new=formatting.number(result.created), changed=formatting.number(result.updated)
        )
        left_out = len({problem.row for problem in result.problems})
        if left_out:
            text += " " + _tr("Rows left out: {count}.").format(count=formatting.number(left_out))
        notice = Notice(text, Tone.WARNING if left_out else Tone.GOOD)
        if result.plan is not None:
            self._tab.bulk.offer_back(notice, work, result.plan, formatting.samples)

    def _name_of(self, work: "CenterServices", headings: Sequence[str]) -> str:
        """Each person's own, in this center, for these headings; which stay unsaid, because they may name anything."""
        digest = hashlib.sha256("\0".join(headings).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return f"sheet_{work.center.id.hex}_{self._tab.context.lab.user.id.hex}_{digest}"

    def _remembered(self, work: "CenterServices", headings: Sequence[str]) -> Sequence[str]:
        kept = self._tab.context.window_state.layout(self._name_of(work, headings))
        try:
            said = json.loads(bytes(kept.data())) if kept is not None else []
        except ValueError:
            return ()
        return [str(each) for each in said] if isinstance(said, list) else ()


def _tr(text: str) -> str:
    return QCoreApplication.translate("sample_sheets", text)
