"""Sheets of fields in memory: rows are looked at by the real code, and what comes in is kept here."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from desktop_app.domain.progress import Report, silent
from desktop_app.domain.sheets import Sheet, SheetFields
from desktop_app.services.sheets.field_columns import columns_of, field_fields
from desktop_app.services.sheets.field_import import FieldImport, FieldImports, planned_import
from desktop_app.services.sheets.field_rows import FieldRows
from desktop_app.services.sheets.list_exports import FieldExports
from desktop_app.services.sheets.planned_import import ImportResult
from desktop_app.services.sheets.sample_columns import CenterWords
from desktop_app.services.sheets.sample_export import ExportResult
from tests.ui.fake_fields import Fields
from tests.ui.fake_vocabulary import Vocabulary
from tests.ui.in_memory import Trouble, stands_for


@stands_for(FieldImports)
class FieldImportsInMemory:
    def __init__(self, fields: Fields, vocabulary: Vocabulary, trouble: Trouble) -> None:
        self._fields, self._vocabulary, self._trouble = fields, vocabulary, trouble

    def fields_for(self, headings: Sequence[str]) -> SheetFields:
        return field_fields(headings)

    def plan(
        self,
        sheet: Sheet,
        mapping: Mapping[str, str] | None = None,
        *,
        update: bool = False,
        report: Report = silent,
    ) -> FieldImport:
        del report
        self._trouble.meet("field_imports.plan")
        columns = columns_of(sheet.headings, mapping or {})
        words = CenterWords(self._vocabulary.types, ())
        looked = FieldRows(sheet, columns, words, tuple(self._fields.rows), update)
        list(looked.look())
        return planned_import(sheet, columns, looked)

    def apply(
        self, planned: FieldImport, reason: str = "", *, skip_bad: bool = False, report: Report = silent
    ) -> ImportResult:
        del reason, report
        self._trouble.meet("field_imports.apply")
        if planned.problems and not skip_bad:
            return ImportResult(None, 0, 0, planned.unchanged, planned.problems)
        changed = {each.before.id: each.after for each in planned.changed}
        self._fields.rows[:] = [changed.get(each.id, each) for each in self._fields.rows]
        self._fields.rows.extend(each.field for each in planned.new)
        counts = (len(planned.new), len(changed), planned.unchanged)
        return ImportResult(planned.id, *counts, planned.problems)


@stands_for(FieldExports)
class FieldExportsInMemory:
    def __init__(self, fields: Fields, trouble: Trouble) -> None:
        self._fields, self._trouble = fields, trouble

    def write(self, target: Path, report: Report = silent, *, overwrite: bool = False) -> ExportResult:
        del report, overwrite
        self._trouble.meet("field_exports.write")
        target.write_text("\n".join(each.name for each in self._fields.rows), "utf-8")
        return ExportResult(target, len(self._fields.rows))
