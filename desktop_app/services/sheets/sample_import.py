"""Samples from a sheet: everything is shown before, comes in as one transaction, and is undone as one plan."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from desktop_app.db import change_plans, sheet_rows
from desktop_app.db.fields import list_fields
from desktop_app.db.people import list_people
from desktop_app.db.sessions import Session
from desktop_app.db.vocabulary import sample_types
from desktop_app.domain.change_plan import PlanAction
from desktop_app.domain.fields import DefinedField
from desktop_app.domain.ids import new_id
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Verb
from desktop_app.domain.sheets import Sheet, SheetFields, SheetProblem
from desktop_app.domain.text_rules import clean, line_problem
from desktop_app.errors import RefusedError
from desktop_app.message import Message
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.sheets.planned_import import Bringing, ImportResult, NothingIn, PlannedImport, bring_in
from desktop_app.services.sheets.sample_columns import (
    HEADINGS,
    OF_METADATA,
    SHOWN_ONLY,
    CenterWords,
    columns_of,
    field_named,
    heading_of,
)
from desktop_app.services.sheets.sample_rows import Center, ChangedSample, NewSample, SampleRows

LONGEST_BARCODE = 64
AT_ONCE = 500
"""Rows in one statement."""
_TOLD_EVERY = 200
_TAKEN_MEANWHILE = Message("Somebody created a sample with this barcode meanwhile.")
_CHANGED_MEANWHILE = Message("Somebody changed this sample meanwhile.")

SampleImport = PlannedImport[NewSample, ChangedSample]
"""A sheet of samples; its columns are fields."""


@dataclass(frozen=True)
class SampleImports:
    """Sheets of samples into one center."""

    context: CenterContext

    def fields_for(self, headings: Sequence[str]) -> SheetFields:
        """What the columns under these headings may come in as, for somebody to choose."""
        with self.context.read() as session:
            return sheet_fields(headings, list_fields(session))

    def plan(
        self,
        sheet: Sheet,
        mapping: Mapping[str, str] | None = None,
        *,
        update: bool = False,
        report: Report = silent,
    ) -> SampleImport:
        """Compare a sheet with the center; *mapping* says of headings which field they are (nothing: none).

        With *update* a row whose barcode is there changes that sample. RefusedError where no column is a field.
        *report* hears how many rows of how many were looked at.
        """
        with self.context.read() as session:
            fields = list_fields(session)
            columns = columns_of(sheet.headings, mapping or {}, fields)
            if not columns:
                raise RefusedError("No column of the sheet is a field of a sample. Say which column is which field.")
            words = CenterWords(sample_types(session, include_inactive=True), tuple(list_people(session, True)))
            center = Center(words, fields, _there(session, sheet, columns, report))
        rows = SampleRows(sheet, columns, center, update)
        for count in rows.look():
            if count % _TOLD_EVERY == 0 or count == len(sheet.rows):
                report(count, len(sheet.rows))
        named = {sheet.headings[place]: field for place, field in columns.items()}
        return SampleImport(
            new_id(),
            {heading: heading_of(field, fields) for heading, field in named.items()},
            tuple(heading for heading in sheet.headings if heading not in named),
            rows.new,
            rows.changed,
            rows.unchanged,
            tuple(rows.problems),
        )

    def apply(
        self,
        planned: SampleImport,
        reason: str = "",
        *,
        skip_bad: bool = False,
        action: PlanAction = PlanAction.IMPORT,
        report: Report = silent,
    ) -> ImportResult:
        """Bring it in, in one transaction that is on the record as *action*; doing it twice does it once.

        Without *skip_bad* a row with a problem keeps all of them out, also one that comes up now. *report* hears how
        many rows of how many are in, and may raise: then nothing is. UnconfirmedError where the answer is lost and the
        server cannot be asked any more.
        """
        bringing = Bringing(
            Verb.EDIT_SAMPLES,
            lambda session: _Applied(session, planned, report).all(action, skip_bad=skip_bad),
            lambda session: _made(session, planned),
        )
        return bring_in(self.context, planned, reason, bringing, skip_bad=skip_bad)


def sheet_fields(headings: Sequence[str], fields: Sequence[DefinedField]) -> SheetFields:
    """What columns may come in as, where a center has these fields."""
    known = (*HEADINGS, *(f"{OF_METADATA}{each.key}" for each in fields if each.is_active))
    named = tuple(field_named(heading, fields) or "" for heading in headings)
    named = tuple("" if field in SHOWN_ONLY else field for field in named)
    return SheetFields(
        tuple((field, heading_of(field, fields)) for field in dict.fromkeys((*known, *filter(None, named)))), named
    )


class _Applied:
    """Carries it out in a transaction that is open."""

    def __init__(self, session: Session, planned: SampleImport, report: Report) -> None:
        self._session, self._planned, self._report = session, planned, report
        self._problems: list[SheetProblem] = []
        self._done = 0

    def all(self, action: PlanAction, *, skip_bad: bool) -> ImportResult:
        planned = self._planned
        sheet_rows.begin(self._session, planned.id)
        created = sum(self._create(part) for part in _parts(planned.new))
        updated = sum(self._change(part) for part in _parts(planned.changed))
        if self._problems and not (skip_bad and created + updated):
            raise NothingIn(self._problems)
        sheet_rows.save(self._session, planned.id, action.value)
        problems = tuple(chain(planned.problems, self._problems))
        return ImportResult(planned.id, created, updated, planned.unchanged, problems)

    def _create(self, part: Sequence[NewSample]) -> int:
        rows = [{"id": str(each.id), **each.values} for each in part]
        found = sheet_rows.create(self._session, json.dumps(rows, ensure_ascii=False))
        for each in part:
            if each.id not in found:
                barcode = str(each.values["barcode"])
                self._problems.append(SheetProblem(each.row, "Barcode", barcode, _TAKEN_MEANWHILE))
        return self._told(len(part), len(found))

    def _change(self, part: Sequence[ChangedSample]) -> int:
        rows = [
            {"id": str(each.sample.id), "row_version": each.sample.row_version, "after": dict(each.after)}
            for each in part
        ]
        found = sheet_rows.change(self._session, json.dumps(rows, ensure_ascii=False))
        for each in part:
            if each.sample.id not in found:
                self._problems.append(SheetProblem(each.row, "Barcode", each.sample.barcode, _CHANGED_MEANWHILE))
        return self._told(len(part), len(found))

    def _told(self, looked_at: int, done: int) -> int:
        self._done += looked_at
        self._report(self._done, len(self._planned.new) + len(self._planned.changed))
        return done


def _made(session: Session, planned: SampleImport) -> ImportResult:
    """What an import did that was carried out already: its answer was lost."""
    found = {change.id: change for change in change_plans.made_changes(session, planned.id)}
    created = sum(not change.before for change in found.values())
    missed = [
        SheetProblem(each.row, "Barcode", str(each.values["barcode"]), _TAKEN_MEANWHILE)
        for each in planned.new
        if each.id not in found
    ]
    missed += [
        SheetProblem(each.row, "Barcode", each.sample.barcode, _CHANGED_MEANWHILE)
        for each in planned.changed
        if each.sample.id not in found
    ]
    problems = (*planned.problems, *missed)
    return ImportResult(planned.id, created, len(found) - created, planned.unchanged, problems)


def _there(session: Session, sheet: Sheet, columns: Mapping[int, str], report: Report) -> dict[str, Sample]:
    """By barcode; no row is looked at yet, but whoever listens may stop it, and the window shows the sheet first."""
    place = next((place for place, field in columns.items() if field == "barcode"), None)
    found: dict[str, Sample] = {}
    if place is None:
        return found
    for part in _parts(sheet.rows):
        report(0, len(sheet.rows))
        barcodes = dict.fromkeys(clean(row[place]) for row in part)
        # The server is not asked for what it could not hold, such as a NUL.
        known = [each for each in barcodes if each and line_problem(each, longest=LONGEST_BARCODE) is None]
        found |= sheet_rows.of_barcodes(session, known)
    return found


AnyItem = TypeVar("AnyItem")


def _parts(items: Sequence[AnyItem]) -> Iterator[Sequence[AnyItem]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))
