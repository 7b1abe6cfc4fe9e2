"""Deleting for good: named and counted first, and done where what was named is repeated."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import typer

from desktop_app.cli.output import grouped, print_json, print_line, print_problem
from desktop_app.domain.text_rules import clean
from desktop_app.errors import RefusedError
from desktop_app.services.documents.deletion import Deleted, Doomed
from desktop_app.services.session.center_services import CenterServices

EraseRecordFlag = Annotated[
    bool, typer.Option("--erase-record", help="Also erase what the record says of it; needs --reason, which stays.")
]
NAMED = 20
"""So many documents are named one by one."""


@dataclass(frozen=True)
class Request:
    """What was asked for: how the thing is called, what was repeated, and why."""

    id: UUID
    field: str
    name: str
    confirm: str | None
    reason: str
    erase_record: bool
    as_json: bool


def delete_for_good(work: CenterServices, doomed: Doomed, wanted: Request) -> None:
    """Delete where the name was repeated; else say what would go, and end with exit status 1."""
    if wanted.confirm is None:
        _say_what_goes(doomed, wanted)
        raise typer.Exit(1)
    if clean(wanted.confirm) != wanted.name:
        raise RefusedError(
            "--confirm must repeat the {field} {name}; nothing was deleted.", field=wanted.field, name=wanted.name
        )
    done = work.deletion.delete(doomed, wanted.reason, erase_record=wanted.erase_record)
    if wanted.as_json:
        print_json(_values(doomed, wanted) | {"deleted": True, "files_left": done.files_left} | _erased(done, wanted))
    else:
        print_line(_done(done, wanted))
    if done.files_left:
        print_problem(
            f"{done.files_left} files are still in the store, which cannot be written now."
            " Nothing opens them any more; the next who adds a document removes them."
        )


def _say_what_goes(doomed: Doomed, wanted: Request) -> None:
    if wanted.as_json:
        print_json(_values(doomed, wanted) | {"deleted": False})
    else:
        size = f"{doomed.versions} stored versions, {grouped(doomed.stored_bytes)} bytes"
        print_line(f"{wanted.name} would be deleted for good, with {len(doomed.documents)} documents ({size}).")
        for document in doomed.documents[:NAMED]:
            print_line(f"  {document.title}, {document.latest_number} versions, {document.id}")
        if len(doomed.documents) > NAMED:
            print_line(f"  … and {len(doomed.documents) - NAMED} more.")
    print_problem(f"Nothing was deleted. Repeat the {wanted.field} with --confirm to delete.")


def _values(doomed: Doomed, wanted: Request) -> dict[str, Any]:
    return {
        "id": wanted.id,
        wanted.field: wanted.name,
        "documents": [{"id": each.id, "title": each.title} for each in doomed.documents],
        "versions": doomed.versions,
        "stored_bytes": doomed.stored_bytes,
    }


def _erased(done: Deleted, wanted: Request) -> dict[str, Any]:
    return {"erased_entries": done.erased_entries} if wanted.erase_record else {}


def _done(done: Deleted, wanted: Request) -> str:
    versions = f", with {done.doomed.versions} stored versions" if done.doomed.versions else ""
    if not wanted.erase_record:
        return f"{wanted.name} is deleted for good{versions}."
    entries = f"and so is what {done.erased_entries} entries of the record said of it"
    return f"{wanted.name} is deleted for good{versions}, {entries}."
