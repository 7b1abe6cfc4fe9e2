"""labkeep-admin restore --center: one center back, beside what is there."""

import typer

from desktop_app.cli.context import Invocation
from desktop_app.cli.output import plain, print_json, print_line, print_problem, print_record
from desktop_app.cli.progress import shown
from desktop_app.message import Message, Size
from desktop_app.services.installation.backup_files import FileProblem
from desktop_app.services.installation.center_restore import CenterRestorePlan, CenterRestoreRequest, RestoredCenter


def restore_center(run: Invocation, request: CenterRestoreRequest, *, dry_run: bool, as_json: bool) -> None:
    """Bring the center back, or (*dry_run*) only say what would come; exit status 1 where something is missing."""
    service, profile = run.app.center_restore, run.profile()
    if dry_run:
        plan = service.plan(profile, request)
        print_record({"id": str(profile.installation_id)} | plain(plan), as_json=as_json)
        return
    with shown("Restoring") as report:
        done = service.run(profile, request, report, (lambda _plan: None) if as_json else _announce)
    _print(done, as_json=as_json)
    unreadable = [
        Message("The key of the stored version {version} does not open, as in the backup.", version=each)
        for each in done.unreadable
    ]
    tell_problems(done.problems, tuple(unreadable))


def tell_problems(problems: tuple[FileProblem, ...], others: tuple[str, ...] = ()) -> None:
    """Print what is missing, and leave with exit status 1 if anything is."""
    found = [*(problem.problem for problem in problems), *others]
    for sentence in found:
        print_problem(sentence)
    if found:
        raise typer.Exit(1)


def _announce(plan: CenterRestorePlan) -> None:
    print_line(
        Message(
            "From the backup {backup}: “{center}” with {files} files ({size}) and places for {people} people.",
            backup=plan.backup,
            center=plan.center,
            files=plan.files,
            size=Size(plan.file_bytes),
            people=plan.people,
        )
    )


def _print(done: RestoredCenter, *, as_json: bool) -> None:
    if as_json:
        values = plain(done.center) | {"origin_id": str(done.origin_id), "backup": done.backup}
        values |= {"signed": done.signer is not None, "people": done.people, "files": done.files}
        print_json(values | {"problems": plain(done.problems), "unreadable": plain(done.unreadable)})
        return
    said = Message("“{name}” is back, as it was in the backup {backup}.", name=done.center.name, backup=done.backup)
    print_line(said)
