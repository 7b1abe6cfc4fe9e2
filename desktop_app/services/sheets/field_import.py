"""Fields of a center from a sheet: shown before, brought in as one transaction, and undone as one plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from desktop_app.db import change_plans, sheet_rows
from desktop_app.db import fields as rows
from desktop_app.db.sessions import Session
from desktop_app.db.vocabulary import sample_types
from desktop_app.domain.change_plan import PlanAction
from desktop_app.domain.fields import DefinedField
from desktop_app.domain.ids import new_id
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.rights import Verb
from desktop_app.domain.sheets import Sheet, SheetFields, SheetProblem
from desktop_app.errors import InvalidInputError, RefusedError
from desktop_app.message import Message
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.sheets.field_columns import HEADINGS, columns_of, field_fields
from desktop_app.services.sheets.field_rows import ChangedField, FieldRows, NewField
from desktop_app.services.sheets.planned_import import Bringing, ImportResult, NothingIn, PlannedImport, bring_in
from desktop_app.services.sheets.sample_columns import CenterWords

MOST_ROWS = 1_000
"""A center has far fewer."""
_TAKEN_MEANWHILE = Message("Somebody gave another field this name meanwhile.")
_CHANGED_MEANWHILE = Message("Somebody changed this field meanwhile.")

FieldImport = PlannedImport[NewField, ChangedField]
"""A sheet of fields; its columns are their properties."""


@dataclass(frozen=True)
class FieldImports:
    """Sheets of fields into one center, for whoever may define them."""

    context: CenterContext

    def fields_for(self, headings: Sequence[str]) -> SheetFields:
        """What the columns under these headings may come in as, for somebody to choose."""
        return field_fields(headings)

    def plan(
        self,
        sheet: Sheet,
        mapping: Mapping[str, str] | None = None,
        *,
        update: bool = False,
        report: Report = silent,
    ) -> FieldImport:
        """Compare a sheet with the center; *mapping* says of headings which property they are (nothing: none).

        With *update* a row whose key or name is there changes that field. RefusedError where no column is a name or
        key, or there are too many rows. *report* hears how many rows of how many were looked at.
        """
        if len(sheet.rows) > MOST_ROWS:
            raise RefusedError("At most {most} fields come in at once. Divide the sheet.", most=MOST_ROWS)
        columns = columns_of(sheet.headings, mapping or {})
        with self.context.read() as session:
            words = CenterWords(sample_types(session, include_inactive=True), ())
            there = rows.list_fields(session, include_inactive=True)
        looked = FieldRows(sheet, columns, words, there, update)
        for count in looked.look():
            report(count, len(sheet.rows))
        return planned_import(sheet, columns, looked)

    def apply(
        self, planned: FieldImport, reason: str = "", *, skip_bad: bool = False, report: Report = silent
    ) -> ImportResult:
        """Bring it in, in one transaction; doing it twice does it once.

        Without *skip_bad* a row with a problem keeps all of them out, also one that comes up now. *report* hears how
        many rows of how many are in, and may raise: then nothing is. UnconfirmedError where the answer is lost and the
        server cannot be asked any more.
        """
        bringing = Bringing(
            Verb.EDIT_CENTER,
            lambda session: _apply(session, planned, report, skip_bad=skip_bad),
            lambda session: _made(session, planned),
        )
        return bring_in(self.context, planned, reason, bringing, skip_bad=skip_bad)


def planned_import(sheet: Sheet, columns: Mapping[int, str], looked: FieldRows) -> FieldImport:
    """What was found in a sheet's rows."""
    named = {sheet.headings[place]: HEADINGS[name] for place, name in columns.items()}
    return FieldImport(
        new_id(),
        named,
        tuple(heading for heading in sheet.headings if heading not in named),
        looked.new,
        looked.changed,
        looked.unchanged,
        tuple(looked.problems),
    )


def _apply(session: Session, planned: FieldImport, report: Report, *, skip_bad: bool) -> ImportResult:
    now = {each.id: each for each in rows.locked_fields(session)}
    names = {name.casefold() for each in now.values() for name in (each.name, each.key)}
    is_taken = [each for each in planned.new if {each.field.name.casefold(), each.field.key.casefold()} & names]
    is_other = [each for each in planned.changed if now.get(each.before.id) != each.before]
    problems = [_problem(each.row, each.field, _TAKEN_MEANWHILE) for each in is_taken]
    problems += [_problem(each.row, each.before, _CHANGED_MEANWHILE) for each in is_other]
    new = [each for each in planned.new if each not in is_taken]
    changed = [each for each in planned.changed if each not in is_other]
    if problems and not (skip_bad and (new or changed)):
        raise NothingIn(problems)
    sheet_rows.begin(session, planned.id)
    todo = [(each.row, each.after, each.before) for each in changed] + [(each.row, each.field, None) for each in new]
    for done, (row, field, before) in enumerate(todo, start=1):
        try:
            rows.put_field(session, field, before)
        except InvalidInputError as error:
            # Whatever our own rules did not see: the transaction is over with it.
            [why] = error.problems.values()
            raise NothingIn([_problem(row, field, Message("{problem}", problem=why))]) from None
        report(done, len(todo))
    sheet_rows.save(session, planned.id, PlanAction.IMPORT.value)
    return ImportResult(planned.id, len(new), len(changed), planned.unchanged, (*planned.problems, *problems))


def _problem(row: int, field: DefinedField, why: Message) -> SheetProblem:
    return SheetProblem(row, HEADINGS["name"], field.name, why)


def _made(session: Session, planned: FieldImport) -> ImportResult:
    """What an import did that was carried out already: its answer was lost."""
    found = {change.id for change in change_plans.made_changes(session, planned.id)}
    created = [each for each in planned.new if each.field.id in found]
    updated = [each for each in planned.changed if each.before.id in found]
    missed = [_problem(each.row, each.field, _TAKEN_MEANWHILE) for each in planned.new if each not in created]
    missed += [_problem(each.row, each.before, _CHANGED_MEANWHILE) for each in planned.changed if each not in updated]
    problems = (*planned.problems, *missed)
    return ImportResult(planned.id, len(created), len(updated), planned.unchanged, problems)
