"""labkeep-admin key: the keys of a center, who holds them, and another one in force."""

from typing import Annotated

import typer

from desktop_app.cli.context import open_center, open_lab
from desktop_app.cli.options import CenterOption, JsonFlag, ReasonOption
from desktop_app.cli.output import grouped, plain, print_json, print_line, print_problem, print_records
from desktop_app.cli.progress import shown

app = typer.Typer(no_args_is_help=True)
COLUMNS = ("number", "state", "created_at", "created_by")
HOLDER_COLUMNS = ("username", "kind", "since", "signed_by", "until", "last_sign_in", "keys")


@app.command("list")
def list_keys(context: typer.Context, center: CenterOption = None, as_json: JsonFlag = False) -> None:
    """List the versions of a center's key, newest first."""
    with open_center(context, center) as work:
        found = work.keys.list()
    if as_json:
        # A version has no id of its own: its number is one.
        print_json([{"id": key.number} | plain(key) for key in found])
        return
    print_records(found, COLUMNS, as_json=False)


@app.command("grants")
def list_grants(context: typer.Context, center: CenterOption = None, as_json: JsonFlag = False) -> None:
    """List who can open a center's documents: since when, by whose signature, and the last sign-in."""
    with open_center(context, center) as work:
        found = work.keys.holders()
    if as_json:
        print_json([{"id": str(holder.identity_id)} | plain(holder) for holder in found])
        return
    print_records(found, HOLDER_COLUMNS, as_json=False)


@app.command("rotate")
def rotate(
    context: typer.Context,
    reason: ReasonOption = "",
    due: Annotated[bool, typer.Option("--due", help="Every center of yours where one is due.")] = False,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Give a center a new key: every document's key is opened, wrapped under it, and opened again before it counts."""
    if due:
        _rotate_due(context, reason, as_json=as_json)
        return
    with open_center(context, center) as work, shown("Wrapping document keys") as report:
        done = work.keys.rotate(reason, report)
    if as_json:
        print_json({"id": done.number, "number": done.number, "documents": done.documents})
        return
    print_line(f"Key {done.number} is in force; the keys of {grouped(done.documents)} stored versions are under it.")


def _rotate_due(context: typer.Context, reason: str, *, as_json: bool) -> None:
    with open_lab(context) as lab, shown("Making new keys") as report:
        done = lab.due_keys.rotate(reason=reason, report=report)
    if as_json:
        print_json([{"id": str(one.center_id)} | plain(one) for one in done])
    for one in done:
        if one.number is None:
            print_problem(f"{one.center} has no new key yet: {one.problem}")
        elif not as_json:
            print_line(f"{one.center}: key {one.number} is in force.")
    if not done and not as_json:
        print_line("No center of yours needs a new key.")
    if any(one.number is None for one in done):
        raise typer.Exit(1)
