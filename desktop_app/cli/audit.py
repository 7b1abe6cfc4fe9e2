"""labkeep-admin audit: the record of changes of a center or of the installation, listed, verified and erased from."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from desktop_app.cli.context import open_center, open_lab
from desktop_app.cli.evidence import OverwriteFlag
from desktop_app.cli.options import (
    DEFAULT_LIMIT,
    CenterOption,
    JsonFlag,
    LimitOption,
    named_path,
    parse_since,
    parse_until,
)
from desktop_app.cli.output import grouped, plain, print_json, print_line, print_problem, print_records
from desktop_app.cli.progress import shown
from desktop_app.cli.secrets_input import read_kit_file
from desktop_app.domain.audit import AuditFault, AuditVerdict, RecordForm, matches
from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.ids import parse_id
from desktop_app.domain.paging import pages
from desktop_app.domain.records import AuditEntry
from desktop_app.services.records.audit import Audit, InstallationAudit

InstallationFlag = Annotated[
    bool, typer.Option("--installation", help="The installation's own record, of users, roles and centers.")
]
app = typer.Typer(no_args_is_help=True)
COLUMNS = ("seq", "at", "who", "operation", "table_name", "row_id", "reason")


UserOption = Annotated[str, typer.Option("--user", metavar="NAME", help="What this person did: a user name.")]
TableOption = Annotated[str, typer.Option("--table", help="Changes of one table, such as samples.")]
FieldOption = Annotated[
    str, typer.Option("--field", metavar="FIELD", help="Changes of one field, such as status, or metadata.freezer.")
]
OperationOption = Annotated[
    list[str] | None,
    typer.Option("--operation", help="What was done, such as update, preview, open, export or sign_in; repeatable."),
]
RowOption = Annotated[str | None, typer.Option("--row", metavar="ID", help="The changes of one record.")]
SinceOption = Annotated[str | None, typer.Option("--since", metavar="DATE")]
UntilOption = Annotated[str | None, typer.Option("--until", metavar="DATE")]


@app.command("list")
def list_entries(
    context: typer.Context,
    row: RowOption = None,
    table: TableOption = "",
    operation: OperationOption = None,
    user: UserOption = "",
    field: FieldOption = "",
    since: SinceOption = None,
    until: UntilOption = None,
    limit: LimitOption = DEFAULT_LIMIT,
    center: CenterOption = None,
    installation: InstallationFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """List who changed or opened what and when; every member may ask for one record with --row."""
    asked = _Asked(row, table, operation, user, field, since, until)
    with _record(context, center, installation=installation) as record:
        wanted = asked.filter(record)
        if wanted.row_id is None:
            entries = _entries(record.audit, wanted, limit)
        else:
            chosen = (entry for entry in record.audit.timeline(wanted.row_id) if matches(entry, wanted))
            entries = sorted(chosen, key=lambda entry: entry.seq, reverse=True)[:limit]
    if as_json:
        # An entry has no id of its own: its place in the record is one.
        print_json([{"id": entry.seq} | plain(entry) for entry in entries])
        return
    print_records(entries, COLUMNS, as_json=False)


@app.command("export")
def export(
    context: typer.Context,
    target: Annotated[
        Path, typer.Argument(parser=named_path, metavar="FILE", help="A new file; by its ending CSV or PDF.")
    ],
    row: RowOption = None,
    table: TableOption = "",
    operation: OperationOption = None,
    user: UserOption = "",
    field: FieldOption = "",
    since: SinceOption = None,
    until: UntilOption = None,
    center: CenterOption = None,
    installation: InstallationFlag = False,
    overwrite: OverwriteFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Write the record to a file, newest first: a table with a line for each field, or pages with the chain's head."""
    asked = _Asked(row, table, operation, user, field, since, until)
    form = next((form for form in RecordForm if target.suffix.lower() == f".{form.value}"), None)
    if form is None:
        raise typer.BadParameter("the name of the file has to end with .csv or .pdf", param_hint="FILE")
    with _record(context, center, installation=installation) as record, shown("Writing the record") as report:
        made = record.audit.export(asked.filter(record), target, form, report, overwrite=overwrite)
    if as_json:
        print_json({"id": record.id, **plain(made)})
    else:
        number = grouped(made.head.seq)
        print_line(f"{made.path} has {grouped(made.entries)} entries; the chain's head was link {number},")
        print_line(made.head.digest.hex())


@dataclass(frozen=True)
class _Asked:
    """What of a record is asked for, as it was typed."""

    row: str | None
    table: str
    operation: list[str] | None
    user: str
    field: str
    since: str | None
    until: str | None

    def __post_init__(self) -> None:
        # Wrong usage is said before anybody is asked for a password.
        if self.row is not None and parse_id(self.row) is None:
            raise typer.BadParameter("the id of a record is needed", param_hint="--row")

    def filter(self, record: "_Record") -> AuditFilter:
        """The same for the services."""
        row_id = None if self.row is None else parse_id(self.row)
        return AuditFilter(
            row_id=row_id,
            table_name=self.table,
            operations=tuple(self.operation or ()),
            login=record.audit.login_of(self.user) if self.user else "",
            field=self.field,
            since=parse_since(self.since),
            until=parse_until(self.until),
        )


def _entries(audit: Audit | InstallationAudit, wanted: AuditFilter, limit: int) -> list[AuditEntry]:
    def fetch(before: int | None, size: int) -> tuple[Sequence[AuditEntry], int | None]:
        entries = audit.list(wanted, before, size)
        return entries, entries[-1].seq if len(entries) == size else None

    return list(pages(fetch, limit))


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
