"""Verbs over several things: each is done for itself, and it is said exactly which were done and which not."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import typer

from desktop_app.cli.context import open_center
from desktop_app.cli.output import print_json, print_line, print_problem
from desktop_app.errors import Cancelled, LabkeepError
from desktop_app.services.session.center_services import CenterServices

Row = TypeVar("Row")


def each(refs: Iterable[str], act: Callable[[str], Row], describe: Callable[[Row], str], *, as_json: bool) -> None:
    """Do *act* for every one of *refs* once; exit status 1 if any was refused.

    JSON is the changed record for one argument and the list of the changed ones for several.
    """
    wanted = list(dict.fromkeys(refs))
    done: list[Row] = []
    try:
        for ref in wanted:
            try:
                done.append(act(ref))
            except Cancelled:
                raise
            except LabkeepError as error:
                print_problem(str(error) if len(wanted) == 1 else f"Not done: {ref}: {error}")
                continue
            if not as_json:
                print_line(describe(done[-1]))
    finally:
        # Also at Ctrl+C: whoever stops half-way is told how far it went.
        _print_end(done, len(wanted), as_json=as_json)
    if len(done) < len(wanted):
        raise typer.Exit(1)


@dataclass(frozen=True)
class BatchTargets:
    """What was named on the command line, and where it is."""

    context: typer.Context
    center: str | None
    refs: Iterable[str]
    as_json: bool

    def each(self, act: Callable[[CenterServices, str], Row], describe: Callable[[Row], str]) -> None:
        """Do *act* in the center for every one of them; see :func:`each`."""
        with open_center(self.context, self.center) as work:
            each(self.refs, lambda ref: act(work, ref), describe, as_json=self.as_json)


def _print_end(done: list[Row], wanted: int, *, as_json: bool) -> None:
    if as_json and (done or wanted > 1):
        print_json(done[0] if wanted == 1 else done)
    if 1 < wanted != len(done):
        print_problem(f"{len(done)} of {wanted} done.")
