"""labkeep-admin user access and reassign: what a person may see, and who goes on with the samples of who leaves."""

from typing import Annotated

import typer

from desktop_app.cli.context import open_center, open_lab
from desktop_app.cli.options import CenterOption, JsonFlag, ReasonOption
from desktop_app.cli.output import grouped, plain, print_json, print_line, print_problem, print_records

COLUMNS = ("center", "role", "since", "signed_by", "until", "rights")


def add_commands(app: typer.Typer) -> None:
    """Make them commands of ``user``."""
    app.command("access")(access)
    app.command("reassign")(reassign)


def access(
    context: typer.Context,
    user: Annotated[str, typer.Argument(metavar="USER", help="User name or id.")],
    as_json: JsonFlag = False,
) -> None:
    """Say what a person may see, since when and by whose signature; exit status 1 where the server differs from that.

    ROLE is what the trust log says, RIGHTS what the login may do by PostgreSQL's own catalogs.
    """
    with open_lab(context) as lab:
        found = lab.access.of(user)
    if as_json:
        print_json({"id": found.user.id, "username": found.user.username, "agrees": found.agrees} | plain(found))
    else:
        rows = [plain(each) | {"center": each.center or "(all)"} for each in found.places]
        print_records(rows, COLUMNS, as_json=False)
        if not found.is_active:
            print_line(f"{found.user.username} is deactivated and sees nothing.")
        if not found.is_whole:
            print_line("Places in centers that are not yours are not told.")
    if not found.agrees:
        print_problem(f"What the server lets {found.user.username} do is not what the trust log says. Run doctor.")
        raise typer.Exit(1)


def reassign(
    context: typer.Context,
    leaver: Annotated[str, typer.Argument(metavar="FROM", help="User name of who is responsible now.")],
    successor: Annotated[str, typer.Argument(metavar="TO", help="User name of a member of the center.")],
    center: CenterOption = None,
    reason: ReasonOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Make somebody else responsible for all samples of a person; one change, undone by plan undo."""
    with open_center(context, center) as work:
        who = [work.reassigning.person(name) for name in (leaver, successor)]
        plan = work.reassigning.plan(who[0].id, who[1].id, reason)
        changed, left = [each.id for each in plan.changes], plan.left_alone
        if not dry_run:
            result = work.plans.apply(plan)
            changed, left = list(result.changed), result.left_alone
    if as_json:
        facts = {"changed": changed, "left_alone": left, "dry_run": dry_run}
        print_json({"id": plan.id} | plain(facts))
    else:
        verb = "would be" if dry_run else "are"
        print_line(f"{grouped(len(changed))} samples of {who[0].username} {verb} {who[1].username}'s now.")
        if changed and not dry_run:
            print_line(f"To undo all of it: labkeep-admin plan undo {plan.id}")
        for each in left:
            print_problem(f"Not done: {each.name}: {each.why}")
