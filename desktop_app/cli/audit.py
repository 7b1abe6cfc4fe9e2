"""labkeep-admin audit: list and verify the record of changes of a center."""

from typing import Annotated

import typer

from desktop_app.cli.context import open_center
from desktop_app.cli.options import (
    DEFAULT_LIMIT,
    CenterOption,
    JsonFlag,
    LimitOption,
    parse_since,
    parse_until,
)
from desktop_app.cli.output import plain, print_json, print_line, print_problem, print_records
from desktop_app.cli.progress import shown
from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.ids import parse_id
from desktop_app.domain.records import AuditEntry
from desktop_app.services.center_work import CenterWork

app = typer.Typer(no_args_is_help=True)
COLUMNS = ("seq", "at", "who", "operation", "table_name", "row_id", "reason")
_PAGE = 500


@app.command("list")
def list_entries(
    context: typer.Context,
    row: Annotated[str | None, typer.Option("--row", metavar="ID", help="The changes of one record.")] = None,
    table: Annotated[str, typer.Option("--table", help="Changes of one table, such as samples.")] = "",
    since: Annotated[str | None, typer.Option("--since", metavar="DATE")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE")] = None,
    limit: LimitOption = DEFAULT_LIMIT,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """List who changed what and when; every member may ask for one record with --row."""
    row_id = None if row is None else parse_id(row)
    if row is not None and row_id is None:
        raise typer.BadParameter("the id of a record is needed", param_hint="--row")
    wanted = AuditFilter(table_name=table, since=parse_since(since), until=parse_until(until))
    with open_center(context, center) as work:
        if row_id is None:
            entries = _entries(work, wanted, limit)
        else:
            chosen = (entry for entry in work.audit.timeline(row_id) if _matches(entry, wanted))
            entries = sorted(chosen, key=lambda entry: entry.seq, reverse=True)[:limit]
    if as_json:
        # An entry has no id of its own: its place in the record is one.
        print_json([{"id": entry.seq} | plain(entry) for entry in entries])
        return
    print_records(entries, COLUMNS, as_json=False)


def _entries(work: CenterWork, wanted: AuditFilter, limit: int) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    before: int | None = None
    while len(entries) < limit:
        size = min(_PAGE, limit - len(entries))
        page = work.audit.list(wanted, before, size)
        entries.extend(page)
        if len(page) < size:
            break
        before = page[-1].seq
    return entries


def _matches(entry: AuditEntry, wanted: AuditFilter) -> bool:
    return (
        (not wanted.table_name or entry.table_name == wanted.table_name)
        and (wanted.since is None or entry.at >= wanted.since)
        and (wanted.until is None or entry.at < wanted.until)
    )


@app.command("verify")
def verify(context: typer.Context, center: CenterOption = None, as_json: JsonFlag = False) -> None:
    """Compute the chain of the record again; exit status 1 if it is broken."""
    with open_center(context, center) as work, shown("Verifying the record") as report:
        verdict = work.audit.verify(report)
        name = work.center.name
        center_id = work.center.id
    broken = verdict.broken_at is not None
    if as_json:
        print_json({"id": center_id, "ok": not broken} | plain(verdict))
    elif not broken:
        print_line(f"The record of {name} is whole: {verdict.rows:,} entries in {verdict.links:,} links.")
    if broken:
        print_problem(
            f"The record of {name} is broken at link {verdict.broken_at}: it was changed behind Labkeep's back."
        )
        raise typer.Exit(1)
