"""labkeep-admin policy: what the laboratory fixed on this computer, and files that are to fix it elsewhere."""

from pathlib import Path
from typing import Annotated, Any

import typer

from desktop_app.cli.context import invocation
from desktop_app.cli.options import JsonFlag, named_path
from desktop_app.cli.output import plain, print_json, print_line, print_problem, print_record
from desktop_app.paths import policy_file
from desktop_app.policy import KEYS, LARGEST_FILE, Policy, PolicyFileError, policy_in

app = typer.Typer(no_args_is_help=True)


def policy_json(policy: Policy) -> dict[str, Any]:
    """What holds, with the file that says so and the names of what is fixed."""
    values: dict[str, Any] = {key: plain(getattr(policy, key)) for key in KEYS}
    return {**values, "fixed": sorted(policy.fixed), "file": plain(policy.source), "problem": policy.problem}


@app.command("show")
def show_policy(context: typer.Context, as_json: JsonFlag = False) -> None:
    """Say what the laboratory fixed on this computer; exit status 1 where its file cannot be believed."""
    policy = invocation(context).app.policy
    if policy.source is None and not as_json:
        print_line(f"Nothing is fixed: there is no {policy_file()}.")
        return
    values = policy_json(policy)
    print_record(values if as_json else {**values, "fixed": ", ".join(values["fixed"])}, as_json=as_json)
    if policy.problem is not None:
        if not as_json:
            print_problem(policy.problem)
        raise typer.Exit(1)


@app.command("check")
def check_policy(
    path: Annotated[Path, typer.Argument(parser=named_path, metavar="FILE", help="A policy before it is rolled out.")],
    as_json: JsonFlag = False,
) -> None:
    """Say whether a file would be understood as a policy, and what it would fix; whose it is does not matter here."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise PolicyFileError("{path} cannot be read: {reason}.", path=path, reason=error.strerror) from error
    policy = policy_in(content, path)
    if as_json:
        print_json(policy_json(policy))
    else:
        fixed = ", ".join(sorted(policy.fixed)) or "nothing"
        print_line(f"{path} is a policy. It fixes {fixed}.")
