"""Sheets of samples in memory: rows are looked at by the real code, and what comes in is kept here."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from desktop_app.domain.change_plan import PlanAction
from desktop_app.domain.fields import DefinedField
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.ids import new_id
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import ListedType, Sample
from desktop_app.domain.sheets import Sheet, SheetFields
from desktop_app.domain.sorting import NEWEST_SAMPLES, SampleOrder, Sort
from desktop_app.services.sheets.planned_import import ImportResult
from desktop_app.services.sheets.sample_columns import CenterWords, columns_of, heading_of
from desktop_app.services.sheets.sample_export import ExportResult, SampleExports
from desktop_app.services.sheets.sample_import import (
    SampleImport,
    SampleImports,
    sheet_fields,
)
from desktop_app.services.sheets.sample_rows import Center, SampleRows
from tests.ui import made_records
from tests.ui.in_memory import Rows, Trouble, stands_for

TYPES = (ListedType(code="blood", name="Blood", is_active=True, position=1),)


@stands_for(SampleImports)
class Imports:
    def __init__(self, rows: Rows[Sample], defined: Sequence[DefinedField], trouble: Trouble) -> None:
        self._rows, self._defined, self._trouble = rows, defined, trouble

    def fields_for(self, headings: Sequence[str]) -> SheetFields:
        return sheet_fields(headings, self._defined)

    def plan(
        self,
        sheet: Sheet,
        mapping: Mapping[str, str] | None = None,
        *,
        update: bool = False,
        report: Report = silent,
    ) -> SampleImport:
        del report
        self._trouble.meet("imports.plan")
        fields = self._defined
        columns = columns_of(sheet.headings, mapping or {}, fields)
        there = {row.barcode: row for row in self._rows.rows.values()}
        looked = SampleRows(sheet, columns, Center(CenterWords(TYPES, ()), fields, there), update)
        list(looked.look())
        named = {sheet.headings[place]: heading_of(field, fields) for place, field in columns.items()}
        ignored = tuple(heading for heading in sheet.headings if heading not in named)
        found = (looked.new, looked.changed, looked.unchanged, tuple(looked.problems))
        return SampleImport(new_id(), named, ignored, *found)

    def apply(
        self,
        planned: SampleImport,
        reason: str = "",
        *,
        skip_bad: bool = False,
        action: PlanAction = PlanAction.IMPORT,
        report: Report = silent,
    ) -> ImportResult:
        del reason, action
        report(0, len(planned.new))
        self._trouble.meet("imports.apply")
        if planned.problems and not skip_bad:
            return ImportResult(None, 0, 0, planned.unchanged, planned.problems)
        for each in planned.new:
            values = {name: each.values[name] for name in ("name", "barcode", "description", "metadata")}
            self._rows.put(made_records.sample(each.row, **values))
        for changed in planned.changed:
            self._rows.change(changed.sample, **changed.after)
        counts = (len(planned.new), len(planned.changed), planned.unchanged)
        return ImportResult(planned.id, *counts, planned.problems)


@stands_for(SampleExports)
class Exports:
    def __init__(self, rows: Rows[Sample], trouble: Trouble) -> None:
        self._rows, self._trouble = rows, trouble

    def write(
        self,
        target: Path,
        filter: SampleFilter | None = None,
        sort: Sort[SampleOrder] = NEWEST_SAMPLES,
        columns: Sequence[str] = (),
        report: Report = silent,
        *,
        overwrite: bool = False,
    ) -> ExportResult:
        del sort, report, overwrite
        self._trouble.meet("exports.write")
        wanted = filter or SampleFilter()
        found = [row for row in self._rows.rows.values() if wanted.search.lower() in row.name.lower()]
        target.write_text(",".join(columns))
        return ExportResult(target, len(found))
