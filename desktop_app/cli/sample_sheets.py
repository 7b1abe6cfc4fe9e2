"""labkeep-admin sample import and export: samples from a spreadsheet's file, and into one."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol
from uuid import UUID

import typer

from desktop_app.cli.context import open_center
from desktop_app.cli.evidence import OverwriteFlag
from desktop_app.cli.options import (
    AllFlag,
    CenterOption,
    DescendingFlag,
    JsonFlag,
    ReasonOption,
    SampleSort,
    SearchOption,
    named_path,
    parse_conditions,
    samples_sorted_by,
)
from desktop_app.cli.output import grouped, print_json, print_line, print_problem
from desktop_app.cli.progress import shown
from desktop_app.deferred import deferred
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.saved_views import narrowed
from desktop_app.domain.sheets import SheetOptions, SheetProblem
from desktop_app.message import Message

if TYPE_CHECKING:
    from desktop_app.services.sheets import sheet_file
else:  # whoever lists samples reads no workbook
    sheet_file = deferred("desktop_app.services.sheets.sheet_file")

SHOWN_PROBLEMS = 100
MAP = typer.Option(
    "--map",
    metavar="COLUMN=FIELD",
    help="Which field a column is; metadata.KEY for a key, nothing after = to leave it out. May be repeated.",
)
UpdateFlag = Annotated[bool, typer.Option("--update", help="Change what is there already, too.")]
DryRunFlag = Annotated[bool, typer.Option("--dry-run", help="Say what would come in, and change nothing.")]
SkipBadFlag = Annotated[
    bool, typer.Option("--skip-bad", help="Leave out rows with a problem; without, one keeps all of them out.")
]
SheetOption = Annotated[str, typer.Option("--sheet", help="Of a workbook; without, the first that is shown.")]
SeparatorOption = Annotated[str, typer.Option("--separator", help="Of a CSV file; without, it is recognised.")]
EncodingOption = Annotated[str, typer.Option("--encoding", help="Of a CSV file; without, it is recognised.")]
SheetArgument = Annotated[
    Path,
    typer.Argument(parser=named_path, metavar="FILE", help="CSV or XLSX; its first row names the columns."),
]
TargetArgument = Annotated[
    Path, typer.Argument(parser=named_path, metavar="FILE", help="A new file; by its ending CSV or XLSX.")
]


def import_samples(
    context: typer.Context,
    file: SheetArgument,
    mapping: Annotated[list[str] | None, MAP] = None,
    update: Annotated[bool, typer.Option("--update", help="Change samples whose barcode is there already.")] = False,
    dry_run: DryRunFlag = False,
    skip_bad: SkipBadFlag = False,
    sheet: SheetOption = "",
    separator: SeparatorOption = "",
    encoding: EncodingOption = "",
    reason: ReasonOption = "",
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Bring in the samples of a sheet, all or none, as one change; exit status 1 if any row was refused."""
    chosen = dict(mapped(each) for each in mapping or ())
    options = read_options(sheet, separator, encoding)
    with open_center(context, center) as work:
        with shown("Reading") as report:
            read = sheet_file.read_sheet(file, options, report)
        with shown("Comparing") as report:
            planned = work.imports.plan(read, chosen, update=update, report=report)
        if dry_run:
            counts, plan, problems = counts_of(planned), None, planned.problems
        else:
            with shown("Importing") as report:
                result = work.imports.apply(planned, reason, skip_bad=skip_bad, report=report)
            counts = {"created": result.created, "updated": result.updated, "unchanged": result.unchanged}
            plan, problems = result.plan, result.problems
    tell(planned, plan, counts, problems, dry_run=dry_run, as_json=as_json)


def read_options(sheet: str, separator: str, encoding: str) -> SheetOptions:
    """How the file is to be read."""
    if len(separator) > 1:
        raise typer.BadParameter("one character", param_hint="--separator")
    return SheetOptions(sheet, separator, encoding)


def mapped(text: str) -> tuple[str, str]:
    """Column and field of a --map."""
    column, equals, field = text.rpartition("=")
    if not equals or not column:
        raise typer.BadParameter("COLUMN=FIELD, such as Tube=barcode", param_hint="--map")
    return column, field


class Planned(Protocol):
    """What of a sheet would come in."""

    @property
    def columns(self) -> Mapping[str, str]:
        """Heading to field."""

    @property
    def ignored(self) -> Sequence[str]:
        """Headings of columns that do not come in."""

    @property
    def new(self) -> Sequence[object]:
        """What would be made."""

    @property
    def changed(self) -> Sequence[object]:
        """What would become another."""

    @property
    def unchanged(self) -> int:
        """How many rows say what is there."""


def tell(
    planned: Planned,
    plan: UUID | None,
    counts: dict[str, int],
    problems: Sequence[SheetProblem],
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Print what came in, or would; exit status 1 if any row was refused."""
    if as_json:
        told = [{"row": p.row, "column": p.column, "value": p.value, "problem": str(p.problem)} for p in problems]
        columns = {"columns": dict(planned.columns), "ignored": list(planned.ignored)}
        print_json({"plan": plan, **counts, "problems": told, "dry_run": dry_run, **columns})
    else:
        _print(planned, counts, problems, dry_run=dry_run)
        if plan is not None:
            print_line(f"To undo that: labkeep-admin plan undo {plan}")
    if problems:
        raise typer.Exit(1)


def counts_of(planned: Planned) -> dict[str, int]:
    """How many rows would do what."""
    return {"created": len(planned.new), "updated": len(planned.changed), "unchanged": planned.unchanged}


def _print(planned: Planned, counts: dict[str, int], problems: Sequence[SheetProblem], *, dry_run: bool) -> None:
    for problem in problems[:SHOWN_PROBLEMS]:
        where = f"Row {problem.row}, {problem.column}" if problem.column else f"Row {problem.row}"
        print_problem(f"{where}: {problem.problem}" + (f" ({problem.value})" if problem.value else ""))
    if len(problems) > SHOWN_PROBLEMS:
        print_problem(f"And {grouped(len(problems) - SHOWN_PROBLEMS)} problems more.")
    if planned.ignored:
        print_line(f"Columns that are no field and do not come in: {', '.join(planned.ignored)}.")
    created, updated, unchanged = (grouped(counts[name]) for name in ("created", "updated", "unchanged"))
    if dry_run:
        print_line(f"{created} would be new, {updated} changed, {unchanged} are so already. Nothing was changed.")
    elif problems and not counts["created"] and not counts["updated"]:
        print_line("Nothing came in.")
    else:
        print_line(f"{created} new, {updated} changed, {unchanged} were so already.")


def export_samples(
    context: typer.Context,
    target: TargetArgument,
    columns: Annotated[
        list[str] | None, typer.Option("--column", help="A field, in its order. May be repeated; without, all.")
    ] = None,
    status: Annotated[SampleStatus | None, typer.Option("--status")] = None,
    sample_type: Annotated[str | None, typer.Option("--type")] = None,
    search: SearchOption = "",
    meta: Annotated[list[str] | None, typer.Option("--meta", metavar="FILTER", help="As in the list.")] = None,
    view: Annotated[str | None, typer.Option("--view", help="As a view that is kept shows them.")] = None,
    sort: SampleSort = None,
    descending: DescendingFlag = False,
    include_inactive: AllFlag = False,
    overwrite: OverwriteFlag = False,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Write samples to a CSV or XLSX file, which “sample import --update” takes again without a change."""
    wanted = SampleFilter(
        status=status,
        sample_type=sample_type,
        search=search,
        conditions=parse_conditions(meta, "--meta"),
        include_inactive=include_inactive,
    )
    order = samples_sorted_by(sort, descending=descending)
    with open_center(context, center) as work, shown("Writing the samples") as report:
        if view is not None:
            content = work.views.get(view).content
            wanted = narrowed(content.filter, wanted)
            order = content.sort if sort is None else order
        made = work.exports.write(target, wanted, order, columns or (), report, overwrite=overwrite)
    if as_json:
        print_json({"path": str(made.path), "rows": made.rows})
    else:
        print_line(Message("{path} has {n} samples.", one="{path} has 1 sample.", path=made.path, n=made.rows))
