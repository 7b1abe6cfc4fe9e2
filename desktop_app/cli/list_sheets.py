"""labkeep-admin user import and export, document export-list: lists in spreadsheets' files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli.context import open_center, open_lab
from desktop_app.cli.evidence import OverwriteFlag
from desktop_app.cli.options import (
    SORT,
    AllFlag,
    BinFlag,
    CenterOption,
    DescendingFlag,
    JsonFlag,
    SearchOption,
    named_path,
    sorted_by,
)
from desktop_app.cli.output import grouped, plain, print_json, print_line, print_problem
from desktop_app.cli.progress import shown
from desktop_app.cli.sample_sheets import MAP, SHOWN_PROBLEMS, SheetArgument, SkipBadFlag, TargetArgument, mapped
from desktop_app.cli.samples import find as find_sample
from desktop_app.deferred import deferred
from desktop_app.domain.filters import DocumentFilter, UserFilter
from desktop_app.domain.rights import Role
from desktop_app.domain.sheets import SheetProblem
from desktop_app.domain.sorting import NEWEST_DOCUMENTS, NEWEST_USERS, DocumentField, UserField
from desktop_app.message import Message

if TYPE_CHECKING:
    from desktop_app.services.sheets import sheet_file
    from desktop_app.services.sheets.sample_export import ExportResult
else:
    sheet_file = deferred("desktop_app.services.sheets.sheet_file")


def import_users(
    context: typer.Context,
    file: SheetArgument,
    mapping: Annotated[list[str] | None, MAP] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say who would be made, and make nobody.")] = False,
    skip_bad: SkipBadFlag = False,
    passwords: Annotated[
        Path | None,
        typer.Option(
            "--passwords", parser=named_path, metavar="FILE", help="A new file for the first passwords, to be printed."
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make the accounts of a sheet's people one after the other; exit status 1 if any row was refused.

    Columns: username, email, role, and where wanted first name, last name, phone, center and until. Each person is
    signed by himself: who was made stays, whatever becomes of the next.
    """
    if passwords is None and not dry_run:
        raise typer.BadParameter("name a new file for the first passwords", param_hint="--passwords")
    chosen = dict(mapped(each) for each in mapping or ())
    with open_lab(context) as lab:
        with shown("Comparing with who is there", counted=True) as report:
            planned = lab.user_imports.plan(sheet_file.read_sheet(file), chosen, report)
        names, problems = [each.draft.username for each in planned.new], planned.problems
        people = []
        if passwords is not None and not dry_run:
            with shown("Making the accounts", counted=True) as report:
                done = lab.user_imports.apply(planned, passwords, skip_bad=skip_bad, report=report)
            people, problems = plain(done.created), done.problems
    if as_json:
        told = [{"row": p.row, "column": p.column, "value": p.value, "problem": str(p.problem)} for p in problems]
        columns = {"columns": dict(planned.columns), "ignored": list(planned.ignored)}
        listed = str(passwords) if people else None
        created = names if dry_run else people
        print_json({"created": created, "problems": told, "passwords": listed, "dry_run": dry_run, **columns})
    else:
        _print(problems, planned.ignored)
        for name in names if dry_run else [each["username"] for each in people]:
            print_line(f"{name} would be made." if dry_run else f"{name} is made.")
        if people:
            print_line(f"{grouped(len(people))} made. Their first passwords are in {passwords}; hand them over.")
        else:
            print_line("Nobody was created.")
    if problems:
        raise typer.Exit(1)


def _print(problems: tuple[SheetProblem, ...], ignored: tuple[str, ...]) -> None:
    for problem in problems[:SHOWN_PROBLEMS]:
        where = f"Row {problem.row}, {problem.column}" if problem.column else f"Row {problem.row}"
        print_problem(f"{where}: {problem.problem}" + (f" ({problem.value})" if problem.value else ""))
    if len(problems) > SHOWN_PROBLEMS:
        print_problem(f"And {grouped(len(problems) - SHOWN_PROBLEMS)} problems more.")
    if ignored:
        print_line(f"Columns that are no field and do not come in: {', '.join(ignored)}.")


def export_users(
    context: typer.Context,
    target: TargetArgument,
    center: Annotated[str | None, typer.Option("--center", help="Members of this center.")] = None,
    role: Annotated[Role | None, typer.Option("--role")] = None,
    search: SearchOption = "",
    include_inactive: AllFlag = False,
    sort: Annotated[UserField | None, SORT] = None,
    descending: DescendingFlag = False,
    overwrite: OverwriteFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Write the users that you may see to a CSV or XLSX file, a row for each place."""
    order = sorted_by(sort, NEWEST_USERS, descending=descending)
    with open_lab(context) as lab, shown("Writing the users") as report:
        center_id = None if center is None else lab.centers.get(center).id
        wanted = UserFilter(search=search, center_id=center_id, role=role, include_inactive=include_inactive)
        made = lab.user_exports.write(target, wanted, order, report, overwrite=overwrite)
    _say(made, as_json=as_json)


def export_documents(
    context: typer.Context,
    target: TargetArgument,
    sample: Annotated[str | None, typer.Option("--sample", help="Barcode or id.")] = None,
    document_type: Annotated[str, typer.Option("--type")] = "",
    tag: Annotated[str, typer.Option("--tag")] = "",
    search: SearchOption = "",
    include_inactive: AllFlag = False,
    only_inactive: BinFlag = False,
    sort: Annotated[DocumentField | None, SORT] = None,
    descending: DescendingFlag = False,
    overwrite: OverwriteFlag = False,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Write the list of documents, without their contents, to a CSV or XLSX file."""
    order = sorted_by(sort, NEWEST_DOCUMENTS, descending=descending)
    with open_center(context, center) as work, shown("Writing the list") as report:
        wanted = DocumentFilter(
            search=search,
            sample_id=None if sample is None else find_sample(work, sample).id,
            document_type=document_type,
            tag=tag,
            include_inactive=include_inactive,
            only_inactive=only_inactive,
        )
        made = work.document_exports.write(target, wanted, order, report, overwrite=overwrite)
    _say(made, as_json=as_json)


def _say(made: "ExportResult", *, as_json: bool) -> None:
    if as_json:
        print_json({"path": str(made.path), "rows": made.rows})
    else:
        print_line(Message("{path} has {n} rows.", one="{path} has 1 row.", path=made.path, n=made.rows))
