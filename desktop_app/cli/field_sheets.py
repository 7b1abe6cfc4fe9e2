"""labkeep-admin field import and export: what a center keeps of its samples, from a spreadsheet's file and into one."""

from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli.context import open_center
from desktop_app.cli.evidence import OverwriteFlag
from desktop_app.cli.options import CenterOption, JsonFlag, ReasonOption
from desktop_app.cli.output import print_json, print_line
from desktop_app.cli.sample_sheets import (
    DryRunFlag,
    EncodingOption,
    SeparatorOption,
    SheetArgument,
    SheetOption,
    SkipBadFlag,
    TargetArgument,
    UpdateFlag,
    counts_of,
    mapped,
    read_options,
    tell,
)
from desktop_app.deferred import deferred
from desktop_app.message import Message

if TYPE_CHECKING:
    from desktop_app.services.sheets import sheet_file
else:  # whoever lists fields reads no workbook
    sheet_file = deferred("desktop_app.services.sheets.sheet_file")

_MAP = typer.Option(
    "--map",
    metavar="COLUMN=PROPERTY",
    help="Which property a column is, such as name or kind; nothing after = to leave it out. May be repeated.",
)


def import_fields(
    context: typer.Context,
    file: SheetArgument,
    mapping: Annotated[list[str] | None, _MAP] = None,
    update: UpdateFlag = False,
    dry_run: DryRunFlag = False,
    skip_bad: SkipBadFlag = False,
    sheet: SheetOption = "",
    separator: SeparatorOption = "",
    encoding: EncodingOption = "",
    reason: ReasonOption = "",
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Bring in the fields of a sheet, all or none, as one change; exit status 1 if any row was refused.

    Columns: name, kind, and where wanted unit, choices, required, types, order, active and key.
    """
    chosen = dict(mapped(each) for each in mapping or ())
    read = sheet_file.read_sheet(file, read_options(sheet, separator, encoding))
    with open_center(context, center) as work:
        planned = work.field_imports.plan(read, chosen, update=update)
        if dry_run:
            counts, plan, problems = counts_of(planned), None, planned.problems
        else:
            done = work.field_imports.apply(planned, reason, skip_bad=skip_bad)
            counts = {"created": done.created, "updated": done.updated, "unchanged": done.unchanged}
            plan, problems = done.plan, done.problems
    tell(planned, plan, counts, problems, dry_run=dry_run, as_json=as_json)


def export_fields(
    context: typer.Context,
    target: TargetArgument,
    overwrite: OverwriteFlag = False,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Write the fields to a CSV or XLSX file, which “field import --update” takes again without a change."""
    with open_center(context, center) as work:
        made = work.field_exports.write(target, overwrite=overwrite)
    if as_json:
        print_json({"path": str(made.path), "rows": made.rows})
    else:
        print_line(Message("{path} has {n} fields.", one="{path} has 1 field.", path=made.path, n=made.rows))
