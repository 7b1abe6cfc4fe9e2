"""labkeep-admin backup, restore: an installation, or one center of it, into a folder, and back from it."""

from contextlib import ExitStack
from datetime import time
from pathlib import Path
from typing import Annotated, Any

import typer

from desktop_app.cli.center_restoring import restore_center, tell_problems
from desktop_app.cli.context import Invocation, invocation, open_lab
from desktop_app.cli.interrupts import ending_soon
from desktop_app.cli.options import DsnFileOption, DsnOption, JsonFlag
from desktop_app.cli.output import plain, print_json, print_line, print_problem, print_record, print_records
from desktop_app.cli.profiles import profile_json
from desktop_app.cli.progress import shown
from desktop_app.cli.secrets_input import DSN, asked_password, given_dsn, read_kit_file
from desktop_app.domain.profiles import Profile
from desktop_app.message import Message, Size
from desktop_app.paths import HOME_VARIABLE
from desktop_app.services.installation.backup import BackupResult, list_backups
from desktop_app.services.installation.backup_schedule import Every, Job, own_command, schedule
from desktop_app.services.installation.center_restore import CenterRestoreRequest
from desktop_app.services.installation.opened_backup import Opener
from desktop_app.services.installation.restore import RestoreRequest, RestoreResult

FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of backups.")]
OneCenterOption = Annotated[str | None, typer.Option("--center", metavar="C", help="Only this center.")]
CalledOption = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="With --center: what it is called from now on.")
]
COLUMNS = ("name", "made_at", "signed", "center", "centers", "users", "files", "file_bytes")


def register(app: typer.Typer) -> None:
    """Put these commands at the root of the tree."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    context: typer.Context,
    folder: FolderArgument,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would take.")] = False,
    show_list: Annotated[bool, typer.Option("--list", help="Only list the backups of the folder.")] = False,
    keep: Annotated[int | None, typer.Option("--keep", min=1, help="Delete all but the newest so many.")] = None,
    every: Annotated[
        Every | None,
        typer.Option("--every", help="Not now, but from now on at fixed times, with the system's own timer."),
    ] = None,
    at: Annotated[str, typer.Option("--at", metavar="HH:MM", help="With --every: when.")] = "02:00",
    timer: Annotated[
        bool, typer.Option("--timer/--no-timer", help="With --every: whether the system's own timer is written.")
    ] = True,
    check: Annotated[bool, typer.Option("--check", help="Read again what the folder has already.")] = False,
    center: OneCenterOption = None,
    dsn: DsnOption = None,
    dsn_file: DsnFileOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Back up the installation while people work, signed by who signs in; exit status 1 if files are missing."""
    if show_list:
        print_records(list_backups(folder), COLUMNS, as_json=as_json)
        return
    run = invocation(context)
    if every is not None:
        if dsn is not None or run.environment.get(DSN):
            raise typer.BadParameter("a schedule takes its connection from --dsn-file only")
        if not timer:
            _expect(context, every, as_json=as_json)
            return
        words = ("--keep", str(keep)) if keep is not None else ()
        if center is not None:
            raise typer.BadParameter("a schedule backs up the whole installation: leave --center out")
        _schedule(context, folder, every, at, (*words, *(("--check",) if check else ())), dsn_file, as_json=as_json)
        return
    connection = given_dsn(run.environment, dsn, dsn_file)
    if dry_run:
        _print_plan(run, folder, connection, center, as_json=as_json)
        return
    with ExitStack() as stack:
        stack.enter_context(ending_soon())
        sign = None if run.username is None else stack.enter_context(open_lab(context)).backup_signer.sign
        report = stack.enter_context(shown("Backing up"))
        done = run.app.backup.run(
            run.profile(), folder, connection, center=center, sign=sign, keep=keep, checks_all=check, report=report
        )
    _print_backup(done, as_json=as_json)
    tell_problems(done.problems)


def _schedule(
    context: typer.Context,
    folder: Path,
    every: Every,
    at: str,
    words: tuple[str, ...],
    dsn_file: Path | None,
    *,
    as_json: bool,
) -> None:
    run = invocation(context)
    profile = run.profile()
    try:
        moment = time.fromisoformat(at)
    except ValueError:
        raise typer.BadParameter("--at is a time such as 02:00") from None
    _lend_key(context, profile)
    connection = () if dsn_file is None else ("--dsn-file", str(dsn_file.absolute()))
    command = (*own_command(), "--profile", str(profile.installation_id), "backup", str(folder.absolute()))
    home = run.environment.get(HOME_VARIABLE) or None
    job = Job(profile.installation_id, (*command, *words, *connection), every, moment, home)
    done = schedule(job)
    run.app.backup_notes.note_schedule(profile.installation_id, every.period)
    if as_json:
        print_json({"id": str(profile.installation_id)} | plain(done))
    else:
        print_line("Written: " + ", ".join(str(path) for path in done.files))
    if not done.is_on:
        print_problem(f"It is not switched on yet; run: {done.switch_on}")
    _say_unsigned(run, profile)


def _expect(context: typer.Context, every: Every, *, as_json: bool) -> None:
    """Another timer makes the backups: note how often there should be one, and lend it a key."""
    run = invocation(context)
    profile = run.profile()
    _lend_key(context, profile)
    run.app.backup_notes.note_schedule(profile.installation_id, every.period)
    is_signed = run.app.backup_notes.key(profile.installation_id) is not None
    if as_json:
        print_json({"id": str(profile.installation_id), "every": every.value, "signed": is_signed})
    else:
        print_line(f"A backup is expected every {every.value} now; another timer has to make it.")
    _say_unsigned(run, profile)


def _lend_key(context: typer.Context, profile: Profile) -> None:
    run = invocation(context)
    if run.username is not None:
        with open_lab(context) as lab:
            run.app.backup.lend_key(profile, lab.backup_signer.lend)


def _say_unsigned(run: Invocation, profile: Profile) -> None:
    if run.app.backup_notes.key(profile.installation_id) is None:
        print_problem(
            "Its backups are not signed, because no system administrator signed in (--user) to lend it a key."
        )


def _print_plan(run: Invocation, folder: Path, connection: str | None, center: str | None, *, as_json: bool) -> None:
    plan = run.app.backup.plan(run.profile(), folder, connection, center)
    print_record({"id": str(run.profile().installation_id)} | plain(plan), as_json=as_json)


def _print_backup(done: BackupResult, *, as_json: bool) -> None:
    values: dict[str, Any] = {"id": str(done.manifest.backup_id), "name": done.name, "signed": done.is_signed}
    values["center"] = done.manifest.center
    values |= {name: getattr(done.manifest, name) for name in ("made_at", "centers", "users", "files", "file_bytes")}
    values |= {name: getattr(done, name) for name in ("new_files", "new_bytes", "deleted_meanwhile", "removed")}
    if as_json:
        print_json(plain(values | {"problems": done.problems, "undone": [str(each) for each in done.undone]}))
        return
    print_line(
        Message(
            "The backup {name} is complete: {files} files, {new} of them new ({size}).",
            name=done.name,
            files=done.manifest.files,
            new=done.new_files,
            size=Size(done.new_bytes),
        )
    )
    for undone in done.undone:
        print_problem(undone)
    if not done.is_signed:
        print_problem(
            "Nobody signed it, because no system administrator signed in (--user);"
            " a restore takes it only with --unsigned."
        )


def restore(
    context: typer.Context,
    folder: FolderArgument,
    store: Annotated[
        Path | None, typer.Option("--store", metavar="DIR", help="The shared folder, empty or the old one.")
    ] = None,
    name: Annotated[str | None, typer.Option("--backup", metavar="NAME", help="Not the newest, but this one.")] = None,
    recovery_kit: Annotated[
        Path | None,
        typer.Option("--recovery-kit", metavar="FILE", help="Open it with the kit and not with a password."),
    ] = None,
    home: Annotated[
        Path | None, typer.Option("--home", metavar="DIR", help="Where the built-in server's data go.")
    ] = None,
    drill: Annotated[
        bool, typer.Option("--drill", help="Only try it, in a throw-away place, and report; DIR stays as it is.")
    ] = False,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="Take a backup that nobody signed.")] = False,
    center: OneCenterOption = None,
    called: CalledOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --center: only say what it would bring.")] = False,
    dsn: DsnOption = None,
    dsn_file: DsnFileOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Bring an installation back, all of it or nothing; needs an administrator's password of then, or the kit."""
    run = invocation(context)
    connection = given_dsn(run.environment, dsn, dsn_file)
    if center is not None:
        if drill or store is not None or home is not None:
            raise typer.BadParameter(
                "--center brings a center into the installation of the profile: leave --drill, --store and --home out"
            )
        # With a kit and a user, the kit opens the backup and the user signs: his password may be another one by now.
        signer = None if recovery_kit is None or run.username is None else _opener(run, None)
        opener = _opener(run, recovery_kit)
        wanted = CenterRestoreRequest(folder, center, opener, signer, called, name, connection, unsigned)
        restore_center(run, wanted, dry_run=dry_run, as_json=as_json)
        return
    if called is not None or dry_run:
        raise typer.BadParameter("--as and --dry-run belong to --center")
    if drill:
        if store is not None or home is not None or dsn is not None or dsn_file is not None:
            raise typer.BadParameter("--drill makes a place of its own: leave --store, --home and the DSN out")
        _drill(run, folder, name, _opener(run, recovery_kit), takes_unsigned=unsigned, as_json=as_json)
        return
    request = RestoreRequest(
        root=folder,
        opener=_opener(run, recovery_kit),
        name=name,
        store=store,
        dsn=connection,
        home=home,
        takes_unsigned=unsigned,
    )
    with shown("Restoring") as report:
        done = run.app.restore.run(request, report)
    _print_restore(done, as_json=as_json)
    tell_problems(done.problems)


def _drill(
    run: Invocation, folder: Path, name: str | None, opener: Opener, *, takes_unsigned: bool, as_json: bool
) -> None:
    with shown("Trying the backup") as report:
        found = run.app.restore_drill.run(folder, opener, name, takes_unsigned=takes_unsigned, report=report)
    problems = [*found.file_problems, *(each for center in found.centers for each in center.problems)]
    if as_json:
        print_json(plain(found) | {"is_good": found.is_good})
    else:
        print_line(
            Message(
                "The backup {backup} came back in {seconds} seconds: {files} files are the ones that were signed.",
                backup=found.backup,
                seconds=round(found.seconds),
                files=found.files,
            )
        )
        print_records(found.centers, ("name", "tried", "opened"), as_json=False)
    for problem in problems:
        print_problem(problem)
    if not found.is_good:
        raise typer.Exit(1)


def _opener(run: Invocation, kit: Path | None) -> Opener:
    if kit is not None:
        return Opener(kit=read_kit_file(kit))
    username = run.user()
    password = run.password()
    return Opener(username=username, password=password or asked_password(f"Password of {username}: "))


def _print_restore(done: RestoreResult, *, as_json: bool) -> None:
    if as_json:
        values = profile_json(done.profile) | {"backup": done.name, "signed": done.signer is not None}
        values |= {"fingerprint": done.root_words, "files": done.files, "problems": plain(done.problems)}
        print_json(values)
        return
    print_line(f"“{done.profile.display_name}” is back, as it was in the backup {done.name}.")
    print_line(f"Root fingerprint: {done.root_words}")
    if not done.root_was_known:
        print_problem("This computer did not know the installation: compare these words with another workstation's.")
    print_line(
        "Workstations that saw a later state write nothing until a system administrator signs that this is meant so:"
        " labkeep-admin audit restored --reason …"
    )
