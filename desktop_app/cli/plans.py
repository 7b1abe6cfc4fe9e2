"""labkeep-admin plan: changes of many records that were made as one, shown and undone."""

from typing import Annotated
from uuid import UUID

import typer

from desktop_app.cli.context import open_center
from desktop_app.cli.options import CenterOption, JsonFlag, LimitOption, ReasonOption
from desktop_app.cli.output import print_json, print_line, print_problem, print_records
from desktop_app.domain.change_plan import WHY_NOT_UNDONE, ChangePlan, MadeChange
from desktop_app.domain.ids import parse_id
from desktop_app.errors import NotFoundError

app = typer.Typer(no_args_is_help=True)
PlanArgument = Annotated[str, typer.Argument(metavar="PLAN", help="The id of a plan, as “plan list” gives it.")]
COLUMNS = ("created_at", "who", "action", "rows", "undone", "reason", "id")
SHOWN = 100


@app.command("list")
def list_plans(
    context: typer.Context, limit: LimitOption = SHOWN, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """List what was changed as one, newest first."""
    with open_center(context, center) as work:
        print_records(work.plans.list(limit=limit), COLUMNS, as_json=as_json)


@app.command("show")
def show_plan(
    context: typer.Context, plan: PlanArgument, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """Show each record that a plan changed, from what to what, and whether that can be undone."""
    with open_center(context, center) as work:
        made, changes = work.plans.get(_id(plan))
    if as_json:
        print_json({"plan": made, "changes": changes})
        return
    print_line(f"{made.action.value}: {made.rows} changed by {made.who}, {made.undone} undone since.")
    for change in changes:
        print_line(_described(change))


@app.command("undo")
def undo_plan(
    context: typer.Context,
    plan: PlanArgument,
    reason: ReasonOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be undone, and change nothing.")] = False,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Put back what a plan changed, where nobody changed it since; exit status 1 if anything is left as it is.

    An undo is a plan of its own, and can be undone.
    """
    with open_center(context, center) as work:
        undo = work.plans.plan_undo(_id(plan), reason)
        result = None if dry_run else work.plans.apply(undo)
    changed = [change.id for change in undo.changes] if result is None else list(result.changed)
    left = undo.left_alone if result is None else result.left_alone
    if as_json:
        print_json({"plan": undo.id, "undone": _names(undo, changed), "left": left, "dry_run": dry_run})
    for each in left:
        print_problem(f"Not undone: {each.name}: {each.why}")
    if not as_json:
        total = len(changed) + len(left)
        print_line(f"{len(changed)} of {total} {'would be' if dry_run else 'are'} as they were before.")
        if changed and not dry_run:
            print_line(f"To undo that: labkeep-admin plan undo {undo.id}")
    if left:
        raise typer.Exit(1)


def _id(text: str) -> UUID:
    found = parse_id(text)
    if found is None:
        raise NotFoundError("There is no plan {ref}.", ref=text)
    return found


def _names(undo: ChangePlan, changed: list[UUID]) -> list[str]:
    return [change.name for change in undo.changes if change.id in set(changed)]


def _described(change: MadeChange) -> str:
    values = "; ".join(f"{name}: {change.before.get(name)!s} → {value!s}" for name, value in change.after.items())
    why = "" if change.state == "unchanged" else f" ({WHY_NOT_UNDONE[change.state]})"
    return f"{change.name}: {values or 'erased'}{why}"
