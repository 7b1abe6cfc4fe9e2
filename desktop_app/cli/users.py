"""labkeep-admin user: list, create, show, update, deactivate, activate, join, leave, change-center, change-role, …"""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from desktop_app.cli import user_access
from desktop_app.cli.batch import each
from desktop_app.cli.context import open_lab
from desktop_app.cli.list_sheets import export_users, import_users
from desktop_app.cli.options import (
    DEFAULT_LIMIT,
    SORT,
    AllFlag,
    DescendingFlag,
    JsonFlag,
    KeepPasswordFlag,
    LimitOption,
    NewKeyFlag,
    PasswordFileOption,
    ReasonOption,
    SearchOption,
    given,
    sorted_by,
)
from desktop_app.cli.output import plain, print_json, print_line, print_problem, print_record, print_records
from desktop_app.cli.progress import stoppable
from desktop_app.cli.secrets_input import read_secret_file
from desktop_app.domain.drafts import UserDetails, UserDraft
from desktop_app.domain.filters import UserFilter
from desktop_app.domain.paging import pages
from desktop_app.domain.records import User
from desktop_app.domain.rights import Role
from desktop_app.domain.sorting import NEWEST_USERS, UserField
from desktop_app.domain.text_rules import clean, normal_username
from desktop_app.services.records.user_results import Changed, NewUser
from desktop_app.services.session.lab import Lab

app = typer.Typer(no_args_is_help=True)
UserArgument = Annotated[str, typer.Argument(metavar="USER", help="User name or id.")]
UsersArgument = Annotated[list[str], typer.Argument(metavar="USER...", help="User names or ids.")]
FirstNameOption = Annotated[str | None, typer.Option("--first-name")]
LastNameOption = Annotated[str | None, typer.Option("--last-name")]
CenterArgument = Annotated[str, typer.Argument(metavar="CENTER", help="Name, slug or id.")]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="DAY", help="The last day there, YYYY-MM-DD (UTC); for guests.")
]
user_access.add_commands(app)
app.command("import")(import_users)
app.command("export")(export_users)
PhoneOption = Annotated[str | None, typer.Option("--phone")]
COLUMNS = ("username", "display_name", "role", "centers", "email", "is_active", "id")


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
        rows = list(pages(lambda after, size: lab.users.list(wanted, after, size, order), limit))
    print_records([person_values(row) if as_json else _line(row) for row in rows], COLUMNS, as_json=as_json)


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
    until: UntilOption = None,
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
            until=day(until),
        )
        _print_new(lab.users.create(draft, password, keep_password=keep_password), password, as_json=as_json)


@app.command("show")
def show_user(context: typer.Context, user: UserArgument, as_json: JsonFlag = False) -> None:
    """Show one user."""
    with open_lab(context) as lab:
        print_record(person_values(lab.users.get(user)), as_json=as_json)


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
        print_record(person_values(lab.users.edit(found, replace(UserDetails.of(found), **changes))), as_json=as_json)


@app.command("deactivate")
def deactivate_users(
    context: typer.Context,
    users: UsersArgument,
    reason: ReasonOption = "",
    new_key: NewKeyFlag = True,
    as_json: JsonFlag = False,
) -> None:
    """End login, memberships, grants and open sessions of people, and give their centers a new key."""
    with open_lab(context) as lab:
        each(
            users,
            lambda ref: _departed(lab, ref, reason, new_key),
            lambda user: f"{user['username']} is out: login, sessions and grants are gone.",
            as_json=as_json,
        )


def _departed(lab: Lab, ref: str, reason: str, new_key: bool) -> dict[str, Any]:
    return _told(stoppable(lambda waiting: lab.users.deactivate(ref, waiting, reason, new_keys=new_key)))


@app.command("restore")
def restore_users(
    context: typer.Context, users: UsersArgument, reason: ReasonOption = "", as_json: JsonFlag = False
) -> None:
    """Let deactivated people in again."""
    with open_lab(context) as lab:
        each(
            users,
            lambda ref: person_values(lab.users.activate(ref, reason)),
            lambda user: f"{user['username']} may sign in again.",
            as_json=as_json,
        )


@app.command("join")
def join_center(
    context: typer.Context,
    user: UserArgument,
    center: CenterArgument,
    role: Annotated[Role, typer.Option("--role", help="viewer, user or admin")],
    until: UntilOption = None,
    reason: ReasonOption = "",
    as_json: JsonFlag = False,
) -> None:
    """Give a person a place in a center beside those he has, or change the one he has there."""
    with open_lab(context) as lab:
        _print_place(_told(lab.users.join(user, center, role, day(until), reason)), as_json=as_json)


@app.command("leave")
def leave_center(
    context: typer.Context,
    user: UserArgument,
    center: CenterArgument,
    reason: ReasonOption = "",
    new_key: NewKeyFlag = True,
    as_json: JsonFlag = False,
) -> None:
    """End a person's place in one of several centers; what he could read there is closed to him."""
    with open_lab(context) as lab:
        _print_place(_told(lab.users.leave(user, center, reason, new_keys=new_key)), as_json=as_json)


@app.command("change-role")
def change_role(
    context: typer.Context,
    role: Annotated[Role, typer.Argument(metavar="ROLE", help="viewer, user or admin")],
    users: UsersArgument,
    center: Annotated[
        str | None, typer.Option("--center", help="The center, for people of several: name, slug or id.")
    ] = None,
    reason: ReasonOption = "",
    as_json: JsonFlag = False,
) -> None:
    """Give people another role in their center; the last day stays."""
    with open_lab(context) as lab:
        each(
            users,
            lambda ref: _told(lab.users.change_role(ref, role, center, reason)),
            lambda user: f"{user['username']} is {role.value} now.",
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
    reason: ReasonOption = "",
    new_key: NewKeyFlag = True,
    as_json: JsonFlag = False,
) -> None:
    """Move a person from his only center to another; what he could read there is closed to him."""
    if (center is None) != system:
        raise typer.BadParameter("name a center, or give --system-administrator")
    with open_lab(context) as lab:
        changed = lab.users.change_center(user, center, role, reason=reason, new_keys=new_key)
        _print_place(_told(changed), as_json=as_json)


@app.command("reset-password")
def reset_password(
    context: typer.Context,
    user: UserArgument,
    password_file: PasswordFileOption = None,
    keep_password: KeepPasswordFlag = False,
    reason: ReasonOption = "",
    as_json: JsonFlag = False,
) -> None:
    """Give a person a first password again, with new keys; it is shown once."""
    password = _first_password(password_file)
    with open_lab(context) as lab:
        new = lab.users.reset_password(user, password, keep_password=keep_password, reason=reason)
        _print_new(new, password, as_json=as_json)


def _first_password(file: Path | None) -> str | None:
    return None if file is None else read_secret_file(file)


def person_values(user: User) -> dict[str, Any]:
    """Everything about a person; role and center by themselves, too, where there is just one."""
    own = {"role": user.role, "center_id": user.center_id, "center_name": user.center_name}
    return plain(user) | plain(own)  # type: ignore[no-any-return]


def _line(user: User) -> dict[str, Any]:
    """What a list shows of a person."""
    named = {name: getattr(user, name) for name in ("username", "display_name", "email", "is_active", "id")}
    return {**named, "role": "system" if user.is_system else _roles(user), "centers": user.center_name}


def _roles(user: User) -> str:
    return ", ".join(each.role.value for each in user.memberships)


def _told(changed: Changed | NewUser) -> dict[str, Any]:
    """The person's values; what went less than well afterwards is told at once."""
    user, left = changed.user, changed.sessions_left
    if left is None:
        print_problem(f"{user.username} is changed, but whether open sessions were ended is not known.")
    elif left:
        print_problem(f"{user.username} is changed, but {left} open session(s) could not be ended yet.")
    made = changed.new_keys if isinstance(changed, Changed) else ()
    for one in made:
        if one.number is None:
            print_problem(f"{one.center} has no new key yet: {one.problem} Run labkeep-admin key rotate --due.")
    return person_values(user) | ({"new_keys": plain(made)} if made else {})


def _print_place(user: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(user)
        return
    places = [f"{each['role']} of {each['center'] or each['center_id']}{_until(each)}" for each in user["memberships"]]
    if user["is_system"]:
        places = ["admin of the whole installation"]
    print_line(f"{user['username']} is {', '.join(places) or 'no member of this center'} now.")


def _until(place: dict[str, Any]) -> str:
    return f" until {place['until']}" if place["until"] else ""


def day(text: str | None) -> date | None:
    """A day as it is typed."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("a day is written YYYY-MM-DD") from error


def _print_new(new: NewUser, given_password: str | None, *, as_json: bool) -> None:
    """The account, with a made password once; a given one is known already and not repeated."""
    made = {} if given_password is not None else {"password": new.password}
    print_record(_told(new) | made, as_json=as_json)
    if made and not as_json:
        print_line("The password is shown this once; hand it over in person.")
