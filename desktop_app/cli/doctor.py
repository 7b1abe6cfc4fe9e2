"""labkeep-admin doctor: look everything over to the bottom, and mend what is safe."""

from typing import Annotated

import typer

from desktop_app.cli.context import open_lab
from desktop_app.cli.options import JsonFlag
from desktop_app.cli.output import plain, print_json, print_line, print_problem
from desktop_app.cli.progress import shown
from desktop_app.domain.findings import Finding


def register(app: typer.Typer) -> None:
    """Put the command at the root of the tree."""
    app.command("doctor")(doctor)


def doctor(
    context: typer.Context,
    center: Annotated[
        str | None, typer.Option("--center", envvar="LABKEEP_CENTER", help="Only this center: name, slug or id.")
    ] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what is safe, and say what is left.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Do not read the stored files and the records.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Check files, keys, people, schemas and records against each other; exit status 1 if anything is found or left."""
    with open_lab(context) as lab, shown("Looking") as report:
        found = lab.examine(center or None, deep=not quick, repair=repair, report=report)
    if as_json:
        print_json([_values(finding) for finding in found])
    else:
        for finding in found:
            where = f"{finding.center}: " if finding.center else ""
            print_problem(f"{where}{finding.text} {finding.mend}")
        if not found:
            print_line("Everything is in order.")
    if found:
        raise typer.Exit(1)


def _values(finding: Finding) -> dict[str, object]:
    values: dict[str, object] = plain(finding)
    return {name: values[name] for name in ("code", "center", "id", "text", "mend")}
