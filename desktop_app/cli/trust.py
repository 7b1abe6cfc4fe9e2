"""labkeep-admin trust: the trust log in plain words, what disagrees with it, and fingerprints to compare."""

from typing import Annotated

import typer

from desktop_app.cli.context import open_lab
from desktop_app.cli.options import JsonFlag
from desktop_app.cli.output import plain, print_json, print_line, print_problem, print_records

app = typer.Typer(no_args_is_help=True)
COLUMNS = ("sequence", "at", "by", "text", "refusal")


@app.command("list")
def list_entries(context: typer.Context, as_json: JsonFlag = False) -> None:
    """List every entry of the trust log: what it says, by whom, when; and why, where it does not count."""
    with open_lab(context) as lab:
        found = lab.trust.list()
    if as_json:
        # An entry has no id of its own: its number is one.
        print_json([{"id": line.sequence} | plain(line) | {"counts": line.counts} for line in found])
        return
    print_records(found, COLUMNS, as_json=False)


@app.command("verify")
def verify(context: typer.Context, as_json: JsonFlag = False) -> None:
    """Compare keys, people and documents' keys with the trust log; exit status 1 if anything disagrees."""
    with open_lab(context) as lab:
        found = lab.trust.disagreements()
        head = len(lab.trust.list()) if not found else 0
    if as_json:
        print_json([{"id": each.id} | plain(each) for each in found])
    for each in found:
        if not as_json:
            print_problem(f"{each.code}: {each.text} {each.mend}")
    if found:
        raise typer.Exit(1)
    if not as_json:
        print_line(f"The trust log has {head} entries, and nothing disagrees with it.")


@app.command("fingerprint")
def fingerprint(
    context: typer.Context,
    user: Annotated[str | None, typer.Argument(metavar="USER", help="User name or id; without, the root.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Print the fingerprint of a person's keys, or of the root, as words that two people can compare by voice."""
    with open_lab(context) as lab:
        found = lab.trust.fingerprint(user)
        installation = lab.profile.installation_id
    if as_json:
        print_json({"id": found.user_id or installation} | plain(found))
        return
    print_line(found.words)
    print_line(found.digits)
