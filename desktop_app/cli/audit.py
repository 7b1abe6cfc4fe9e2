"""labkeep-admin audit: the record of changes of a center or of the installation, listed, verified and erased from."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from desktop_app.cli.context import open_center, open_lab
from desktop_app.cli.options import (
    DEFAULT_LIMIT,
    CenterOption,
    JsonFlag,
    LimitOption,
    parse_since,
    parse_until,
)
from desktop_app.cli.output import grouped, plain, print_json, print_line, print_problem, print_records
from desktop_app.cli.progress import shown
from desktop_app.cli.secrets_input import read_kit_file
from desktop_app.domain.audit import AuditFault, AuditVerdict
from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.ids import parse_id
from desktop_app.domain.paging import pages
from desktop_app.domain.records import AuditEntry
from desktop_app.services.records.audit import Audit, InstallationAudit
from desktop_app.services.session.center_services import CenterServices

InstallationFlag = Annotated[
    bool, typer.Option("--installation", help="The installation's own record, of users, roles and centers.")
]
app = typer.Typer(no_args_is_help=True)
COLUMNS = ("seq", "at", "who", "operation", "table_name", "row_id", "reason")


@app.command("list")
def list_entries(
    context: typer.Context,
    row: Annotated[str | None, typer.Option("--row", metavar="ID", help="The changes of one record.")] = None,
    table: Annotated[str, typer.Option("--table", help="Changes of one table, such as samples.")] = "",
    operation: Annotated[
        list[str] | None,
        typer.Option(
            "--operation", help="What was done, such as update, preview, open, export or sign_in; repeatable."
        ),
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DATE")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE")] = None,
    limit: LimitOption = DEFAULT_LIMIT,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """List who changed or opened what and when; every member may ask for one record with --row."""
    row_id = None if row is None else parse_id(row)
    if row is not None and row_id is None:
        raise typer.BadParameter("the id of a record is needed", param_hint="--row")
    wanted = AuditFilter(
        table_name=table, operations=tuple(operation or ()), since=parse_since(since), until=parse_until(until)
    )
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


def _entries(work: CenterServices, wanted: AuditFilter, limit: int) -> list[AuditEntry]:
    def fetch(before: int | None, size: int) -> tuple[Sequence[AuditEntry], int | None]:
        entries = work.audit.list(wanted, before, size)
        return entries, entries[-1].seq if len(entries) == size else None

    return list(pages(fetch, limit))


def _matches(entry: AuditEntry, wanted: AuditFilter) -> bool:
    return (
        (not wanted.table_name or entry.table_name == wanted.table_name)
        and (not wanted.operations or entry.operation in wanted.operations)
        and (wanted.since is None or entry.at >= wanted.since)
        and (wanted.until is None or entry.at < wanted.until)
    )


@app.command("verify")
def verify(
    context: typer.Context,
    center: CenterOption = None,
    installation: InstallationFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Compute the chain of the record again; exit status 1 if it is broken."""
    with _record(context, center, installation=installation) as record, shown("Verifying the record") as report:
        verdict = record.audit.verify(report)
    broken = not verdict.is_sound
    if as_json:
        print_json({"id": record.id, "ok": not broken} | plain(verdict))
    elif not broken:
        print_line(
            f"The record of {record.name} is whole: {grouped(verdict.rows)} entries in {grouped(verdict.links)} links."
        )
        if verdict.erased:
            erased = grouped(verdict.erased)
            print_line(f"What {erased} of them said was erased by administrators; who did it is on the record.")
    if broken:
        print_problem(
            _FAULTS.get(verdict.fault or AuditFault.ENTRIES_CHANGED, _CHANGED).format(
                name=record.name, at=verdict.broken_at, rows=_rows(verdict)
            )
        )
        raise typer.Exit(1)


@app.command("erase")
def erase(
    context: typer.Context,
    row: Annotated[str, typer.Argument(metavar="ID", help="The id of a sample or document; see audit list.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; this stays on the record.")],
    center: CenterOption = None,
    installation: InstallationFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Erase for good what the record says of one thing; who did what and when stays."""
    row_id = parse_id(row)
    if row_id is None:
        raise typer.BadParameter("the id of a record is needed", param_hint="ID")
    with _record(context, center, installation=installation) as record:
        erased = record.audit.erase(row_id, reason)
    if as_json:
        print_json({"id": row_id, "erased_entries": erased})
    elif erased:
        print_line(f"What {erased} entries of the record of {record.name} said of it is erased.")
    else:
        print_line(f"The record of {record.name} says nothing of it that could be erased.")


@app.command("restored")
def restored(
    context: typer.Context,
    reason: Annotated[str, typer.Option("--reason", help="What was restored, and why; goes on the record.")],
    recovery_kit: Annotated[
        Path | None, typer.Option("--recovery-kit", metavar="FILE", help="Sign with the kit, as the root.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Sign that the installation was restored from a backup; ends the alarm of whoever saw a later state.

    Needs a system administrator who was one in the backup and is one in the newest state, or the recovery kit.
    """
    kit = None if recovery_kit is None else read_kit_file(recovery_kit)
    with open_lab(context) as lab:
        lab.restoring.sign(reason, kit)
        answer = {"id": lab.profile.installation_id, "restored": True}
    if as_json:
        print_json(answer)
    else:
        print_line("It is signed. Every workstation that believes it takes this state as the newest from now on.")


@dataclass(frozen=True)
class _Record:
    """The record that was asked for, and whose it is."""

    id: UUID
    name: str
    audit: Audit | InstallationAudit


@contextmanager
def _record(context: typer.Context, center: str | None, *, installation: bool) -> Iterator[_Record]:
    if installation:
        with open_lab(context) as lab:
            yield _Record(lab.profile.installation_id, lab.profile.display_name, lab.audit)
        return
    with open_center(context, center) as work:
        yield _Record(work.center.id, work.center.name, work.audit)


def _rows(verdict: AuditVerdict) -> str:
    """How many rows, and the first of them by table and id."""
    if not verdict.changed:
        return "Rows"
    table, row_id = verdict.changed[0]
    more = f" and {len(verdict.changed) - 1} more" if len(verdict.changed) > 1 else ""
    return f"The row {row_id} in {table}{more}"


_CHANGED = "The record of {name} is broken at link {at}: it was changed behind Labkeep's back."
_FAULTS = {
    AuditFault.ROWS_CHANGED: "{rows} of {name} are not as the record says: they were changed behind Labkeep's back.",
    AuditFault.ERASED_UNSIGNED: "What entry {at} of the record of {name} said was erased, and nobody signed for it.",
    AuditFault.ENTRIES_UNSEALED: "Entry {at} of the record of {name} belongs to no link: somebody put it in.",
    AuditFault.FORGOTTEN: (
        "The record of {name} lacks link {at}, which this workstation saw: somebody went back to an older state."
    ),
}
