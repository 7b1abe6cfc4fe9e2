"""labkeep-admin today: what of a center wants to be looked at."""

from collections.abc import Iterable
from datetime import datetime

import typer

from desktop_app.cli.context import open_center
from desktop_app.cli.options import CenterOption, JsonFlag
from desktop_app.cli.output import print_json, print_line, visible


def register(parent: typer.Typer) -> None:
    """Put the command into the tree."""

    @parent.command("today")
    def today(context: typer.Context, center: CenterOption = None, as_json: JsonFlag = False) -> None:
        """Say what wants to be looked at: rejected today, pending or in work too long, the last documents."""
        with open_center(context, center) as work:
            found = work.today.read()
        if as_json:
            print_json(found)
            return
        _print("Rejected today", ((each.barcode, each.name, each.updated_at) for each in found.rejected))
        _print("Pending too long", ((each.barcode, each.name, each.created_at) for each in found.pending))
        _print("In work too long", ((each.barcode, each.name, each.updated_at) for each in found.due))
        _print("Last documents", ((each.sample_barcode, each.title, each.updated_at) for each in found.documents))
        if found.space_left is not None:
            print_line(f"Space left: {found.space_left} bytes.")


def _print(title: str, rows: Iterable[tuple[str, str, datetime]]) -> None:
    shown = list(rows)
    print_line(f"{title}: {len(shown)}")
    for code, name, at in shown:
        print_line(visible("  ".join(part for part in (f"{at:%Y-%m-%d %H:%M}", code, name) if part)))
