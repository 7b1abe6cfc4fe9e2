"""Samples of a center into a sheet: what is seen, in its order, such that it can come in again without a change."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop_app.db import sheet_rows
from desktop_app.db.fields import list_fields
from desktop_app.db.people import list_people
from desktop_app.db.samples import count_samples
from desktop_app.db.vocabulary import sample_types
from desktop_app.domain.fields import DefinedField
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.sorting import NEWEST_SAMPLES, SampleOrder, Sort
from desktop_app.errors import RefusedError
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.sheets.sample_columns import (
    HEADINGS,
    OF_METADATA,
    SHOWN_ONLY,
    CenterWords,
    cell_text,
    field_named,
    heading_of,
)
from desktop_app.services.sheets.sheet_file import written_sheet

AT_ONCE = 1_000
"""Rows that are in memory at a time."""
_USUAL = (*(name for name in HEADINGS), "status", "rejection_reason", "created_at")


@dataclass(frozen=True)
class ExportResult:
    """A file that was written."""

    path: Path
    rows: int


@dataclass(frozen=True)
class SampleExports:
    """Sheets of samples out of one center."""

    context: CenterContext

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
        """All samples of a filter into a new CSV or XLSX file, as they are at one moment; memory does not grow.

        *columns* are fields by name or heading, in their order; none: the usual ones and the center's fields.
        RefusedError for another ending, an unknown column, or by the laboratory's policy; TargetExistsError and
        TargetError. *report* hears how many rows of about how many are written, and may raise: then there is no file.
        """
        self.context.person.policy.require_export()
        with self.context.read() as session:
            wanted = filter or SampleFilter()
            fields = list_fields(session)
            words = CenterWords(sample_types(session, include_inactive=True), tuple(list_people(session, True)))
            names = _named(columns, fields) or (*_USUAL, *(f"{OF_METADATA}{each.key}" for each in fields))
            total = count_samples(session, wanted).number
            done = 0
            with written_sheet(target, "Samples", len(names), overwrite=overwrite) as sheet:
                sheet.write([heading_of(name, fields) for name in names])
                for sample in sheet_rows.every_sample(session, wanted, sort, AT_ONCE):
                    sheet.write([cell_text(words, sample, name) for name in names])
                    done += 1
                    if done % AT_ONCE == 0:
                        report(done, max(done, total))
                report(done, done)
        return ExportResult(target, done)


def _named(columns: Sequence[str], fields: Sequence[DefinedField]) -> tuple[str, ...]:
    found = {each: field_named(each, fields) for each in columns}
    for column, name in found.items():
        if name is None:
            known = [*HEADINGS, *SHOWN_ONLY, *(each.key for each in fields)]
            raise RefusedError("There is no column {column}; there are {columns}.", column=column, columns=known)
    names = tuple(name for name in found.values() if name)
    for name in names:
        if names.count(name) > 1:
            # A sheet of two columns with one heading could not come in again.
            raise RefusedError("Two columns are {field}: name it once.", field=heading_of(name, fields))
    return names
