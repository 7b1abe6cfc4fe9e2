"""labkeep-admin recovery: the recovery kit tried, drilled, used when nobody can sign in, and replaced."""

from pathlib import Path
from typing import Annotated

import typer

from desktop_app.cli.context import invocation, open_lab
from desktop_app.cli.options import DsnFileOption, DsnOption, JsonFlag, named_path
from desktop_app.cli.output import plain, print_json, print_line, print_problem, print_records
from desktop_app.cli.profiles import profile_json
from desktop_app.cli.progress import shown
from desktop_app.cli.secrets_input import asked_new_password, given_dsn, read_kit_file
from desktop_app.domain.text_rules import normal_username
from desktop_app.services.installation.kit_check import SAMPLE, CenterCheck, KitReport

app = typer.Typer(no_args_is_help=True)
KitFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="The kit's file, or - for words typed on standard input.")
]
KEY_COLUMNS = ("name", "keys", "keys_opened")
DRILL_COLUMNS = (*KEY_COLUMNS, "versions", "tried", "opened")


@app.command("check")
def check(
    context: typer.Context,
    file: KitFile,
    dsn: DsnOption = None,
    dsn_file: DsnFileOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Say whose kit it is and whether it opens every key; exit status 1 if it does not."""
    run = invocation(context)
    words, connection = read_kit_file(file), given_dsn(run.environment, dsn, dsn_file)
    with shown("Opening keys") as report:
        found = run.app.recovery.check(run.profile(), words, connection, report)
    _print_report(found, KEY_COLUMNS, as_json=as_json)


@app.command("drill")
def drill(
    context: typer.Context,
    file: KitFile,
    sample: Annotated[
        int, typer.Option("--sample", min=1, help="At most so many stored versions of each center.")
    ] = SAMPLE,
    dsn: DsnOption = None,
    dsn_file: DsnFileOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Open documents of every center with the kit alone, changing nothing; exit status 1 if any does not open."""
    run = invocation(context)
    words, connection = read_kit_file(file), given_dsn(run.environment, dsn, dsn_file)
    with shown("Opening documents") as report:
        found = run.app.recovery.drill(run.profile(), words, connection, sample=sample, report=report)
    _print_report(found, DRILL_COLUMNS, as_json=as_json)


@app.command("recover")
def recover(
    context: typer.Context,
    file: KitFile,
    admin: Annotated[str, typer.Option("--admin", metavar="NAME", help="The new system administrator's user name.")],
    restored: Annotated[
        str,
        typer.Option("--restored", metavar="REASON", help="Sign first that this was restored from a backup, and why."),
    ] = "",
    dsn: DsnOption = None,
    dsn_file: DsnFileOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a system administrator with the kit when nobody can sign in; the password is LABKEEP_PASSWORD or asked."""
    run = invocation(context)
    words, connection, profile = read_kit_file(file), given_dsn(run.environment, dsn, dsn_file), run.profile()
    password = run.password()
    if password is None:
        password = asked_new_password(f"A password for {normal_username(admin)}: ")
    with shown("Passing on the centers' keys") as report:
        done = run.app.recovery.recover(profile, words, admin, password, connection, report, restored=restored)
    user = done.user
    if as_json:
        print_json({"id": user.id, "username": user.username, "is_new": done.is_new, "left": done.left})
    else:
        keys = "of every center" if not done.left else "of the other centers"
        print_line(f"{user.username} is a system administrator now, with the keys {keys}.")
    _print_problems(done.left)
    if done.left:
        print_problem("These are left; the same command goes on with them, where their keys can be opened.")
        raise typer.Exit(1)


@app.command("profile")
def profile(
    context: typer.Context,
    file: KitFile,
    store: Annotated[
        Path | None,
        typer.Option("--store", parser=named_path, metavar="DIR", help="The installation's folder for documents."),
    ] = None,
    name: Annotated[str, typer.Option("--name", help="What people call the installation here.")] = "",
    root: Annotated[
        str,
        typer.Option(
            "--root",
            metavar="WORDS",
            help="For a kit that took another's place: what trust fingerprint prints on a workstation that knows it.",
        ),
    ] = "",
    dsn: DsnOption = None,
    dsn_file: DsnFileOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Let this workstation know the kit's installation, which no profile names yet; nothing of it is changed.

    Without a DSN the built-in server of this computer's data folder is meant. Then go on with recover.
    """
    run = invocation(context)
    words, connection = read_kit_file(file), given_dsn(run.environment, dsn, dsn_file)
    found = run.app.profile_by_kit.make(words, connection, store, name=name, root=root)
    if as_json:
        print_json(profile_json(found))
    else:
        print_line(f"This workstation knows “{found.display_name}” now.")


@app.command("replace")
def replace(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where the new kit goes (.svg: as a page with a QR code).")
    ],
    kit: Annotated[
        Path | None, typer.Option("--kit", help="The former kit's file, which signs; without, who signs in does.")
    ] = None,
    dsn: DsnOption = None,
    dsn_file: DsnFileOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Put a new kit in the former one's place; after an interruption the same command goes on with the same file."""
    run = invocation(context)
    if kit is None and (dsn is not None or dsn_file is not None):
        raise typer.BadParameter("a DSN goes with --kit: without it, a system administrator signs in")
    if kit is None:
        with open_lab(context) as lab, shown("Passing on the centers' keys") as report:
            fingerprint = lab.recovery.replace_with_file(file, report)
    else:
        words, connection = read_kit_file(kit), given_dsn(run.environment, dsn, dsn_file)
        with shown("Passing on the centers' keys") as report:
            fingerprint = run.app.recovery.replace(run.profile(), words, file, connection, report)
    if as_json:
        print_json({"fingerprint": fingerprint, "recovery_kit": file})
        return
    print_line(f"The kit in {file} is in force: {fingerprint}")
    print_line("Print it, lock it away, and delete the file. Destroy the former kit.")


def _print_report(found: KitReport, columns: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        print_json(plain(found) | {"is_good": found.is_good})
    else:
        print_line(f"Installation: {found.installation}; fingerprint of the kit: {found.fingerprint}")
        print_records(found.centers, columns, as_json=False)
    for problem in found.problems:
        print_problem(problem)
    _print_problems(found.centers)
    if not found.is_good:
        raise typer.Exit(1)
    if not as_json:
        print_line("The kit opens everything that was tried.")


def _print_problems(centers: tuple[CenterCheck, ...]) -> None:
    for center in centers:
        for each in center.problems:
            print_problem(f"{center.name}: {each.version_id or 'keys'}: {each.problem}")
