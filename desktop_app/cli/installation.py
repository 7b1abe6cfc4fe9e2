"""labkeep-admin init, demo, migrate, status, psql: the installation as a whole."""

import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from desktop_app.cli.context import Invocation, invocation, open_lab, open_person
from desktop_app.cli.options import DsnFileOption, DsnOption, JsonFlag
from desktop_app.cli.output import plain, print_json, print_line, print_problem, print_record, print_records, table
from desktop_app.cli.policy import policy_json
from desktop_app.cli.profiles import profile_json
from desktop_app.cli.progress import shown
from desktop_app.cli.secrets_input import asked_new_password, asked_password, can_ask, given_dsn
from desktop_app.cli.server_homes import show_clusters
from desktop_app.domain.drafts import UserDraft
from desktop_app.domain.findings import Finding
from desktop_app.domain.profiles import Profile
from desktop_app.domain.rights import Role
from desktop_app.domain.text_rules import clean, line_problem, normal_username
from desktop_app.errors import InvalidInputError, RefusedError, UnavailableError
from desktop_app.message import Message
from desktop_app.services.installation.demo_data import DemoAccount
from desktop_app.services.installation.setup import InitRequest, InitResult
from desktop_app.services.maintenance.checks import check_store
from desktop_app.services.maintenance.recovery import asked_places

DEFAULT_NAME = "Labkeep"


def register(app: typer.Typer) -> None:
    """Put these commands at the root of the tree."""
    app.command("init")(init)
    app.command("demo")(demo)
    app.command("migrate")(migrate)
    app.command("status")(status)
    app.command("psql")(psql)


def init(
    context: typer.Context,
    admin: Annotated[str | None, typer.Option("--admin", metavar="NAME", help="The first administrator.")] = None,
    email: Annotated[str | None, typer.Option("--email", help="The administrator's address.")] = None,
    name: Annotated[str, typer.Option("--name", help="What people call the installation.")] = DEFAULT_NAME,
    store: Annotated[Path | None, typer.Option("--store", metavar="DIR", help="The shared folder.")] = None,
    dsn: DsnOption = None,
    dsn_file: DsnFileOption = None,
    recovery_kit: Annotated[
        Path | None, typer.Option("--recovery-kit", metavar="FILE", help="Write the kit there instead of showing it.")
    ] = None,
    with_demo: Annotated[bool, typer.Option("--demo", help="With the demo's centers, people and documents.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Make an installation, on the built-in server or on the one that a DSN names; all of it or nothing."""
    run = invocation(context)
    connection = given_dsn(run.environment, dsn, dsn_file)
    if admin is None and with_demo:
        _refuse_settings_of_demo(name, store, connection, recovery_kit)
        demo(context, as_json)
        return
    if admin is None:
        raise typer.BadParameter("the first administrator's user name is needed: --admin NAME")
    username = normal_username(admin)
    request = InitRequest(
        display_name=_free_name(run, clean(name)),
        administrator=UserDraft(
            username=username,
            email=clean(email) if email else f"{username}@labkeep.invalid",
            role=Role.ADMIN,
            center_id=None,
        ),
        password=_administrator_password(run, with_demo),
        store=store,
        dsn=connection,
        recovery_kit=recovery_kit,
    )
    with shown("Making the installation") as report:
        result = run.app.set_up.init(request, report)
    accounts: tuple[DemoAccount, ...] = ()
    if with_demo:
        with shown("Making the demo's data") as report:
            accounts = run.app.demo.fill(result.profile, username, result.password, report=report)
    _print_installation(_Made(result, request, accounts), as_json=as_json)
    if recovery_kit is None and not as_json:
        _ask_back(run, request, result)


def _ask_back(run: Invocation, request: InitRequest, made: InitResult) -> None:
    """Whoever types three of the words keeps them; else every system administrator is asked for a new kit."""
    if can_ask():
        for place in asked_places(len(made.kit.words)):
            if not made.kit.is_word(place, asked_password(f"Word {place} of the recovery kit: ")):
                break
        else:
            run.app.set_up.confirm_kit(request, made)
            print_line("The recovery kit is confirmed.")
            return
    print_problem("The recovery kit is not confirmed: the window asks system administrators to make a new one.")


def _refuse_settings_of_demo(name: str, store: Path | None, connection: str | None, kit: Path | None) -> None:
    if name != DEFAULT_NAME or store is not None or connection is not None or kit is not None:
        raise typer.BadParameter("name the first administrator too (--admin), or leave everything but --demo out")


def _free_name(run: Invocation, name: str) -> str:
    """The name, if a profile may have it: asked before a server is made for nothing."""
    if problem := line_problem(name, longest=80, required=True):
        raise InvalidInputError({"name": problem})
    if any(profile.display_name.casefold() == name.casefold() for profile in run.app.profiles.list()):
        raise RefusedError(
            "This workstation knows an installation called {name} already; give --name another one.", name=name
        )
    return name


def _administrator_password(run: Invocation, with_demo: bool) -> str | None:
    password = run.password()
    if password is None and can_ask():
        return asked_new_password("A password for the administrator: ")
    if password is None and with_demo:
        raise RefusedError(
            "The demo's data are made in the administrator's name:"
            " set LABKEEP_PASSWORD or LABKEEP_PASSWORD_FILE for the password to be, or use a terminal."
        )
    return password


@dataclass(frozen=True)
class _Made:
    """A new installation and what is to be said of it once."""

    result: InitResult
    request: InitRequest
    accounts: tuple[DemoAccount, ...]

    def as_json(self) -> dict[str, Any]:
        values: dict[str, Any] = {**profile_json(self.result.profile), "fingerprint": self.result.kit.fingerprint}
        values["admin"] = self.request.administrator.username
        if self.request.password is None:
            values["admin_password"] = self.result.password
        if self.request.recovery_kit is None:
            values["recovery_words"] = list(self.result.kit.words)
        else:
            values["recovery_kit"] = str(self.request.recovery_kit)
        if self.accounts:
            values["accounts"] = [_account_json(account) for account in self.accounts]
        return values


def _print_installation(made: _Made, *, as_json: bool) -> None:
    if as_json:
        print_json(made.as_json())
        return
    result, request = made.result, made.request
    print_line(
        f"“{result.profile.display_name}” is ready. Its system administrator is {request.administrator.username}."
    )
    print_line(f"Root fingerprint: {result.kit.fingerprint}")
    if request.password is None:
        print_line(f"First password (shown once, to be changed at the first sign-in): {result.password}")
    if request.recovery_kit is not None:
        print_line(f"The recovery kit is in {request.recovery_kit}. Print it, lock it away, and delete the file.")
    else:
        print_line("The recovery kit is shown only now. Write the words down and lock them away:")
        words = result.kit.words
        for start in range(0, len(words), 11):
            print_line("  " + " ".join(words[start : start + 11]))
    _print_accounts(made.accounts)


def demo(context: typer.Context, as_json: JsonFlag = False) -> None:
    """Make the demo installation, once, and print its people and their passwords."""
    run = invocation(context)
    with shown("Making the demo") as report:
        result = run.app.demo.make(report)
    if as_json:
        print_json(
            {
                **profile_json(result.profile),
                "made": result.made,
                "accounts": [_account_json(account) for account in result.accounts],
            }
        )
        return
    print_line(_demo_sentence(result.profile, result.made))
    _print_accounts(result.accounts)


def _demo_sentence(profile: Profile, made: bool) -> str:
    return f"“{profile.display_name}” is ready." if made else f"“{profile.display_name}” is there already."


def _account_json(account: DemoAccount) -> dict[str, Any]:
    values: dict[str, Any] = plain(account)
    return values


def _print_accounts(accounts: tuple[DemoAccount, ...]) -> None:
    """The demo's passwords are no secrets: they are the same everywhere."""
    rows = [(account.username, account.password, account.label) for account in accounts]
    for line in table(("user name", "password", "who"), rows):
        print_line(line)


def status(
    context: typer.Context,
    clusters: Annotated[
        bool, typer.Option("--clusters", help="List root's built-in servers on this machine instead.")
    ] = False,
    remove: Annotated[
        str | None, typer.Option("--remove", metavar="HOME", help="With --clusters: delete the data of a lost one.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Say how the installation is: server, schemas, store, trust log, leftovers; exit status 1 if anything is found."""
    if remove is not None and not clusters:
        raise typer.BadParameter("--remove goes with --clusters")
    if clusters:
        show_clusters(remove, as_json=as_json)
        return
    run = invocation(context)
    profile = run.profile()
    findings = [
        Finding("broken_profile", each.sentence, Message("Import it again, or delete the file."))
        for each in run.app.profiles.broken()
    ]
    values: dict[str, Any] = {"id": str(profile.installation_id)}
    try:
        with open_lab(context) as lab:
            found, update = lab.status(), lab.updates.check()
        values |= plain(found) | {"update": plain(update)}
        findings += [*found.findings, *update.findings]
    except UnavailableError as error:
        store = run.app.open_store(profile.store, profile.installation_id)
        findings += [Finding(error.code, error.message, Message("Start the server, or look at the way to it."))]
        findings += check_store(store, writes=False)
    policy = run.app.policy
    if policy.problem is not None:
        findings.append(
            Finding("policy", policy.problem, Message("labkeep-admin policy check FILE says what is wrong."))
        )
    values["policy"] = policy_json(policy)
    findings += run.app.backup_notes.findings(profile.installation_id)
    values["last_backup"] = plain(run.app.backup_notes.last(profile.installation_id))
    values["last_drill"] = plain(run.app.backup_notes.drill(profile.installation_id))
    values |= {"profile": profile_json(profile), "findings": plain(findings)}
    if as_json:
        print_json(values)
    else:
        shown_values = values | {"profile": profile.display_name, "policy": ", ".join(sorted(policy.fixed))}
        if "update" in values:
            shown_values["update"] = values["update"]["version"] or values["update"]["state"]
        print_record({name: value for name, value in shown_values.items() if name != "findings"}, as_json=False)
    for finding in findings:
        print_problem(f"{finding.text} {finding.mend}")
    if findings:
        raise typer.Exit(1)


def migrate(
    context: typer.Context,
    shared: Annotated[bool, typer.Option("--shared", help="Only what all centers share.")] = False,
    center: Annotated[str | None, typer.Option("--center", help="Only this center: name, slug or id.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    dsn: DsnOption = None,
    dsn_file: DsnFileOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Bring the database's schemas to the revisions of this program; a second run does what is left."""
    if shared and center is not None:
        raise typer.BadParameter("--shared and --center contradict each other")
    run = invocation(context)
    connection = given_dsn(run.environment, dsn, dsn_file)
    steps = run.app.migration.run(run.profile(), connection, shared_only=shared, center=center, dry_run=dry_run)
    print_records(steps, ("name", "before", "after", "problem"), as_json=as_json)
    failed = [step for step in steps if step.problem is not None]
    if failed:
        print_problem(f"{len(failed)} of {len(steps)} schemas were not migrated; the others were.")
        raise typer.Exit(1)


def psql(
    context: typer.Context,
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[-- ARGUMENT...]", help="What psql itself is to get.")
    ] = None,
    center: Annotated[
        str | None, typer.Option("--center", envvar="LABKEEP_CENTER", help="Its tables are found without a prefix.")
    ] = None,
) -> None:
    """Run PostgreSQL's psql with your own rights; the exit status is psql's."""
    run = invocation(context)
    with open_person(context) as person:
        where = None if center is None else person.lab.centers.get(center)
        session = run.app.psql.session(
            person.lab.profile, person.lab.user.username, person.password, where, run.environment
        )
    # A child and not exec: this process holds the built-in server's lock for as long as psql runs.
    # Ctrl+C is for psql, which cancels a query with it.
    interrupt = signal.signal(signal.SIGINT, lambda _signal, _frame: None)
    try:
        # The program is the system's own psql or the bundled one; no shell reads the arguments.
        done = subprocess.run([session.program, *(arguments or ())], env=session.environment, check=False)  # noqa: S603
    except OSError as error:
        raise RefusedError(
            "{program} could not be started: {reason}.", program=session.program, reason=error.strerror
        ) from error
    finally:
        signal.signal(signal.SIGINT, interrupt)
    raise typer.Exit(done.returncode if done.returncode >= 0 else 128 - done.returncode)
