"""Verbs over several things: each for itself, or all as one plan; it is said exactly which were done and which not."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

import typer

from desktop_app.cli.context import open_center
from desktop_app.cli.output import print_json, print_line, print_problem
from desktop_app.domain.change_plan import ChangePlan
from desktop_app.domain.records import Document, Sample
from desktop_app.errors import Cancelled, LabkeepError, NotFoundError
from desktop_app.services.session.center_services import CenterServices

Row = TypeVar("Row")
Change = TypeVar("Change", Sample, Document)


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

    def change(self, verb: "PlannedVerb[Change]") -> None:
        """Change them in one transaction, as one plan that can be undone; exit status 1 if any was left alone.

        JSON as for :func:`each`.
        """
        wanted = list(dict.fromkeys(self.refs))
        with open_center(self.context, self.center) as work:
            found: dict[str, Change] = {}
            refused: list[tuple[str, str]] = []
            for ref in wanted:
                try:
                    found[ref] = verb.find(work, ref)
                except NotFoundError as error:
                    refused.append((ref, str(error)))
            result = work.plans.apply(verb.plan(work, list(found.values())))
            changed = set(result.changed)
            done = [verb.read(work, row.id) for row in found.values() if row.id in changed]
        refused += [(left.name, str(left.why)) for left in result.left_alone]
        for name, why in refused:
            print_problem(why if len(wanted) == 1 else f"Not done: {name}: {why}")
        if not self.as_json:
            for row in done:
                print_line(verb.describe(row))
            if len(done) > 1:
                print_line(f"To undo all of it: labkeep-admin plan undo {result.plan.id}")
        _print_end(done, len(wanted), as_json=self.as_json)
        if refused:
            raise typer.Exit(1)


@dataclass(frozen=True)
class PlannedVerb(Generic[Change]):
    """How one verb finds its records, plans to change them, reads them afterwards, and says what they are then."""

    find: Callable[[CenterServices, str], Change]
    plan: Callable[[CenterServices, list[Change]], ChangePlan]
    read: Callable[[CenterServices, UUID], Change]
    describe: Callable[[Change], str]


def _print_end(done: list[Row], wanted: int, *, as_json: bool) -> None:
    if as_json and (done or wanted > 1):
        print_json(done[0] if wanted == 1 else done)
    if 1 < wanted != len(done):
        print_problem(f"{len(done)} of {wanted} done.")
