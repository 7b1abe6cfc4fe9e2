"""labkeep-admin user: list, create, show, update, deactivate, activate, change-center, change-role, reset-password."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from desktop_app.cli.batch import each
from desktop_app.cli.context import open_lab
from desktop_app.cli.options import (
    DEFAULT_LIMIT,
    SORT,
    AllFlag,
    DescendingFlag,
    JsonFlag,
    KeepPasswordFlag,
    LimitOption,
    PasswordFileOption,
    SearchOption,
    collect,
    given,
    sorted_by,
)
from desktop_app.cli.output import plain, print_json, print_line, print_problem, print_record, print_records
from desktop_app.cli.progress import stoppable
from desktop_app.cli.secrets_input import read_secret_file
from desktop_app.domain.drafts import UserDraft
from desktop_app.domain.filters import UserFilter
from desktop_app.domain.records import User
from desktop_app.domain.rights import Role
from desktop_app.domain.sorting import NEWEST_USERS, UserField
from desktop_app.domain.text_rules import clean, normal_username
from desktop_app.services.lab import Lab
from desktop_app.services.users import NewUser

app = typer.Typer(no_args_is_help=True)
UserArgument = Annotated[str, typer.Argument(metavar="USER", help="User name or id.")]
UsersArgument = Annotated[list[str], typer.Argument(metavar="USER...", help="User names or ids.")]
FirstNameOption = Annotated[str | None, typer.Option("--first-name")]
LastNameOption = Annotated[str | None, typer.Option("--last-name")]
PhoneOption = Annotated[str | None, typer.Option("--phone")]
COLUMNS = ("username", "display_name", "role", "center_name", "email", "is_active", "id")


@app.command("list")
def list_users(
    context: typer.Context,
    center: Annotated[str | None, typer.Option("--center", help="Members of this center.")] = None,
    role: Annotated[Role | None, typer.Option("--role")] = None,
    search: SearchOption = "",
    include_inactive: AllFlag = False,
    sort: Annotated[UserField | None, SORT] = None,
    descending: DescendingFlag = False,
    limit: LimitOption = DEFAULT_LIMIT,
    as_json: JsonFlag = False,
) -> None:
    """List the users that you may see, newest first or as --sort says."""
    order = sorted_by(sort, NEWEST_USERS, descending=descending)
    with open_lab(context) as lab:
        center_id = None if center is None else lab.centers.get(center).id
        wanted = UserFilter(search=search, center_id=center_id, role=role, include_inactive=include_inactive)
        rows = collect(lambda after, size: lab.users.list(wanted, after, size, order), limit)
    print_records(rows, COLUMNS, as_json=as_json)


@app.command("create")
def create_user(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The user name, fixed for life.")],
    email: Annotated[str, typer.Option("--email")],
    role: Annotated[Role, typer.Option("--role")],
    center: Annotated[
        str | None,
        typer.Option("--center", help="Without: your own center; for a system administrator, none (role admin only)."),
    ] = None,
    first_name: FirstNameOption = None,
    last_name: LastNameOption = None,
    phone: PhoneOption = None,
    password_file: PasswordFileOption = None,
    keep_password: KeepPasswordFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Make a person's account; the first password is shown once."""
    password = _first_password(password_file)
    with open_lab(context) as lab:
        draft = UserDraft(
            username=normal_username(name),
            email=clean(email),
            role=role,
            center_id=lab.user.center_id if center is None else lab.centers.get(center).id,
            first_name=clean(first_name or ""),
            last_name=clean(last_name or ""),
            phone=clean(phone or ""),
        )
        _print_new(lab.users.create(draft, password, keep_password=keep_password), password, as_json=as_json)


@app.command("show")
def show_user(context: typer.Context, user: UserArgument, as_json: JsonFlag = False) -> None:
    """Show one user."""
    with open_lab(context) as lab:
        print_record(lab.users.get(user), as_json=as_json)


@app.command("update")
def update_user(
    context: typer.Context,
    user: UserArgument,
    email: Annotated[str | None, typer.Option("--email")] = None,
    first_name: FirstNameOption = None,
    last_name: LastNameOption = None,
    phone: PhoneOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Change a person's address, names or telephone number."""
    options = given(email=email, first_name=first_name, last_name=last_name, phone=phone)
    changes: dict[str, Any] = {field: clean(text) for field, text in options.items()}
    with open_lab(context) as lab:
        found = lab.users.get(user)
        print_record(lab.users.update(found, replace(UserDraft.of(found), **changes)), as_json=as_json)


@app.command("deactivate")
def deactivate_users(context: typer.Context, users: UsersArgument, as_json: JsonFlag = False) -> None:
    """End login, memberships, grants and open sessions of people."""
    with open_lab(context) as lab:
        each(
            users,
            lambda ref: _departed(lab, ref),
            lambda user: f"{user.username} is out: login, sessions and grants are gone.",
            as_json=as_json,
        )


def _departed(lab: Lab, ref: str) -> User:
    departure = stoppable(lambda waiting: lab.users.deactivate(ref, waiting))
    if departure.sessions_left:
        print_problem(
            f"{departure.user.username} is out, but {departure.sessions_left} open session(s) could not be ended yet."
        )
    return departure.user


@app.command("activate")
def activate_users(context: typer.Context, users: UsersArgument, as_json: JsonFlag = False) -> None:
    """Let deactivated people in again."""
    with open_lab(context) as lab:
        each(users, lab.users.activate, lambda user: f"{user.username} may sign in again.", as_json=as_json)


@app.command("change-role")
def change_role(
    context: typer.Context,
    role: Annotated[Role, typer.Argument(metavar="ROLE", help="viewer, user or admin")],
    users: UsersArgument,
    as_json: JsonFlag = False,
) -> None:
    """Give people another role in their center."""
    with open_lab(context) as lab:
        each(
            users,
            lambda ref: lab.users.change_role(ref, role),
            lambda user: f"{user.username} is {user.role.value} now.",
            as_json=as_json,
        )


@app.command("change-center")
def change_center(
    context: typer.Context,
    user: UserArgument,
    center: Annotated[str | None, typer.Argument(metavar="CENTER", help="Name, slug or id.")] = None,
    role: Annotated[Role | None, typer.Option("--role", help="The role there; without, the same as now.")] = None,
    system: Annotated[
        bool, typer.Option("--system-administrator", help="Instead of a center: administrator of the installation.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Move a person to another center; what he could read there is closed to him."""
    if (center is None) != system:
        raise typer.BadParameter("name a center, or give --system-administrator")
    with open_lab(context) as lab:
        moved = lab.users.change_center(user, center, role)
    if as_json:
        print_json(moved)
    else:
        place = moved.center_name or "the whole installation"
        print_line(f"{moved.username} is {moved.role.value} of {place} now.")


@app.command("reset-password")
def reset_password(
    context: typer.Context,
    user: UserArgument,
    password_file: PasswordFileOption = None,
    keep_password: KeepPasswordFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Give a person a first password again, with new keys; it is shown once."""
    password = _first_password(password_file)
    with open_lab(context) as lab:
        new = lab.users.reset_password(user, password, keep_password=keep_password)
        _print_new(new, password, as_json=as_json)


def _first_password(file: Path | None) -> str | None:
    return None if file is None else read_secret_file(file)


def _print_new(new: NewUser, given_password: str | None, *, as_json: bool) -> None:
    """The account, with a made password once; a given one is known already and not repeated."""
    made = {} if given_password is not None else {"password": new.password}
    print_record(plain(new.user) | made, as_json=as_json)
    if made and not as_json:
        print_line("The password is shown this once; hand it over in person.")
