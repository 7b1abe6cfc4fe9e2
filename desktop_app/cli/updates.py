"""labkeep-admin update: which version of Labkeep people are to use, said by a system administrator."""

from pathlib import Path
from typing import Annotated

import typer

from desktop_app import __version__
from desktop_app.cli.context import open_lab
from desktop_app.cli.options import JsonFlag, named_path
from desktop_app.cli.output import plain, print_json, print_line, print_problem

app = typer.Typer(no_args_is_help=True)


@app.command("check")
def check_update(context: typer.Context, as_json: JsonFlag = False) -> None:
    """Say whether a newer version is announced, and why not if it is not believed (exit status 1)."""
    with open_lab(context) as lab:
        found = lab.updates.check()
    if as_json:
        print_json(plain(found) | {"installed": __version__})
    elif found.is_newer:
        print_line(f"Labkeep {found.version} is announced, and this is {__version__}. {found.note}".rstrip())
        if found.place:
            print_line(f"It is here: {found.place}")
    elif found.reason is None:
        print_line(f"No newer version than {__version__} is announced ({found.state}).")
    if found.reason is not None:
        print_problem(found.reason)
        raise typer.Exit(1)


@app.command("publish")
def publish_update(
    context: typer.Context,
    version: Annotated[str, typer.Option("--version", help="The version that people are to use, such as 1.4.2.")],
    note: Annotated[str, typer.Option("--note", help="One line for them.")] = "",
    place: Annotated[
        str, typer.Option("--place", metavar="WHERE", help="Where they get it: a folder, an address, or words.")
    ] = "",
    days: Annotated[int, typer.Option("--days", min=1, help="So long it is believed.")] = 365,
    to: Annotated[
        Path | None,
        typer.Option("--to", parser=named_path, metavar="DIR", help="The folder for it; usually that for documents."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Sign in your name which version is to be used, and put that where workstations look; nothing is installed."""
    with open_lab(context) as lab:
        path = lab.updates.publish(version, note=note, place=place, days=days, to=to)
        found = lab.updates.check()
    if as_json:
        print_json({"path": path, "version": version, "note": note, "place": place, "state": found.state})
    else:
        print_line(f"{path} says that Labkeep {version} is to be used.")
