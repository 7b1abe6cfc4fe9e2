"""What the commands that write evidence files share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli.options import named_path
from desktop_app.cli.output import print_json, print_line, print_problem

if TYPE_CHECKING:
    from desktop_app.services.documents.evidence import EvidenceMade

EvidenceTarget = Annotated[Path, typer.Option("--to", parser=named_path, metavar="FILE", help="A new PDF file.")]
OverwriteFlag = Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")]


def print_evidence(made: "EvidenceMade", *, as_json: bool) -> None:
    """Say what was written; exit status 1 where a file could not be read."""
    for problem in made.unread:
        print_problem(f"Not read: {problem}")
    if as_json:
        print_json(made)
    else:
        print_line(
            f"{made.path} proves {made.documents} documents in {made.versions} versions, and {made.entries} entries of "
            "the record."
        )
    if made.unread:
        raise typer.Exit(1)
