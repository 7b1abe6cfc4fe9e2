"""labkeep-admin center: list, create, show, update, deactivate, restore, stats."""

from dataclasses import replace
from typing import Annotated, Any

import typer

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
    ReasonOption,
    SearchOption,
    given,
    parse_json_object,
    sorted_by,
)
from desktop_app.cli.output import grouped, plain, print_json, print_line, print_problem, print_record, print_records
from desktop_app.cli.progress import shown
from desktop_app.cli.secrets_input import read_secret_file
from desktop_app.cli.users import person_values
from desktop_app.domain.drafts import CenterDraft, UserDraft
from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.paging import pages
from desktop_app.domain.records import Center, CenterContents
from desktop_app.domain.rights import Role
from desktop_app.domain.sorting import NEWEST_CENTERS, CenterField
from desktop_app.domain.text_rules import clean, normal_username, slug_of
from desktop_app.errors import RefusedError
from desktop_app.services.records.centers import Centers

app = typer.Typer(no_args_is_help=True)
CenterArgument = Annotated[str, typer.Argument(metavar="CENTER", help="Name, slug or id.")]
SlugOption = Annotated[str | None, typer.Option("--slug", help="Short name for scripts: a-z, 0-9, hyphen.")]
DescriptionOption = Annotated[str | None, typer.Option("--description")]
SettingsOption = Annotated[str | None, typer.Option("--settings", metavar="JSON", help="A JSON object.")]
COLUMNS = ("slug", "name", "is_active", "created_at", "id")


@app.command("list")
def list_centers(
    context: typer.Context,
    search: SearchOption = "",
    include_inactive: AllFlag = False,
    sort: Annotated[CenterField | None, SORT] = None,
    descending: DescendingFlag = False,
    limit: LimitOption = DEFAULT_LIMIT,
    as_json: JsonFlag = False,
) -> None:
    """List the centers that you may see, newest first or as --sort says."""
    order = sorted_by(sort, NEWEST_CENTERS, descending=descending)
    with open_lab(context) as lab:
        wanted = CenterFilter(search=search, include_inactive=include_inactive)
        rows = list(pages(lambda after, size: lab.centers.list(wanted, after, size, order), limit))
    print_records(rows, COLUMNS, as_json=as_json)


@app.command("create")
def create_center(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The center's name.")],
    slug: SlugOption = None,
    description: DescriptionOption = None,
    settings: SettingsOption = None,
    admin: Annotated[str | None, typer.Option("--admin", help="User name of its first administrator.")] = None,
    email: Annotated[str | None, typer.Option("--email", help="The administrator's address.")] = None,
    password_file: PasswordFileOption = None,
    keep_password: KeepPasswordFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Make a center, with its first administrator if one is named."""
    if (admin is None) != (email is None):
        raise typer.BadParameter("--admin and --email belong together")
    draft = CenterDraft(
        name=clean(name),
        slug=slug_of(name) if slug is None else slug,
        description=description or "",
        settings=parse_json_object(settings, "settings") or {},
    )
    password = None if password_file is None else read_secret_file(password_file)
    with open_lab(context) as lab:
        if admin is None:
            print_record(lab.centers.create(draft), as_json=as_json)
            return
        first = UserDraft(username=normal_username(admin), email=clean(email or ""), role=Role.ADMIN, center_id=None)
        made = lab.centers.create_with_administrator(draft, first, password, keep_password=keep_password)
    new = made.administrator
    if as_json:
        print_json(plain(made.center) | {"admin": person_values(new.user) | {"password": new.password}})
        return
    print_record(made.center, as_json=False)
    print_line(f"First administrator: {new.user.username}, first password (shown once): {new.password}")


@app.command("show")
def show_center(context: typer.Context, center: CenterArgument, as_json: JsonFlag = False) -> None:
    """Show one center."""
    with open_lab(context) as lab:
        print_record(lab.centers.get(center), as_json=as_json)


@app.command("update")
def update_center(
    context: typer.Context,
    center: CenterArgument,
    name: Annotated[str | None, typer.Option("--name")] = None,
    slug: SlugOption = None,
    description: DescriptionOption = None,
    settings: SettingsOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Change a center's name, slug, description or settings (which are replaced whole)."""
    changes = given(
        name=None if name is None else clean(name),
        slug=slug,
        description=description,
        settings=parse_json_object(settings, "settings"),
    )
    with open_lab(context) as lab:
        found = lab.centers.get(center)
        print_record(lab.centers.edit(found, replace(CenterDraft.of(found), **changes)), as_json=as_json)


@app.command("deactivate")
def deactivate_center(
    context: typer.Context, center: CenterArgument, reason: ReasonOption = "", as_json: JsonFlag = False
) -> None:
    """Close a center for everybody; nothing is deleted."""
    with open_lab(context) as lab:
        _print_change(lab.centers.deactivate(center, reason), "is closed for everybody", as_json=as_json)


@app.command("restore")
def restore_center(
    context: typer.Context, center: CenterArgument, reason: ReasonOption = "", as_json: JsonFlag = False
) -> None:
    """Open a deactivated center again."""
    with open_lab(context) as lab:
        _print_change(lab.centers.restore(center, reason), "is open", as_json=as_json)


@app.command("delete")
def delete_center(
    context: typer.Context,
    center: CenterArgument,
    confirm: Annotated[
        str | None, typer.Option("--confirm", metavar="NAME", help="The center's name once more.")
    ] = None,
    reason: ReasonOption = "",
    erase_record: Annotated[
        bool, typer.Option("--erase-record", help="Also erase what the installation's record says of it.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Delete a deactivated center for good: keys, samples, documents, its record; without --confirm, say what would go.

    Needs a reason, which stays on the installation's record.
    """
    with open_lab(context) as lab:
        found = lab.centers.get(center)
        if confirm is None:
            _say_what_goes(found, lab.centers.deleted.look(found), as_json=as_json)
            raise typer.Exit(1)
        if clean(confirm) != found.name:
            raise RefusedError("--confirm must repeat the name {name}; nothing was deleted.", name=found.name)
        with shown("Deleting files", counted=True) as report:
            done = lab.centers.deleted.delete(found, reason, report, erase_record=erase_record)
    if as_json:
        answer = {"id": done.center.id, "name": done.center.name, "deleted": True, "files_left": done.has_files_left}
        print_json(answer | plain(done.contents) | ({"erased_entries": done.erased_entries} if erase_record else {}))
    else:
        print_line(f"{done.center.name} is deleted for good, with {_in_words(done.contents)}.")
    if done.has_files_left:
        print_problem(
            "Its files are still in the store, which could not be cleared now. Nothing opens them any more;"
            " whichever system administrator signs in next removes them."
        )


def _say_what_goes(center: Center, contents: CenterContents, *, as_json: bool) -> None:
    if as_json:
        print_json({"id": center.id, "name": center.name, "deleted": False} | plain(contents))
    else:
        print_line(f"{center.name} would be deleted for good, with {_in_words(contents)}.")
        print_line(
            f"{contents.people} people have a place there; {contents.only_here} of them belong to no other center."
        )
    needed = "Deactivate it first, then repeat" if center.is_active else "Repeat"
    print_problem(f"Nothing was deleted. {needed} its name with --confirm, and say why with --reason.")


def _in_words(contents: CenterContents) -> str:
    size = f"{contents.versions} stored versions, {grouped(contents.stored_bytes)} bytes"
    return f"{contents.samples} samples and {contents.documents} documents ({size})"


def _print_change(center: Center, words: str, *, as_json: bool) -> None:
    if as_json:
        print_json(center)
    else:
        print_line(f"{center.name} {words}.")


@app.command("stats")
def center_stats(
    context: typer.Context,
    center: Annotated[
        str | None, typer.Argument(metavar="[CENTER]", envvar="LABKEEP_CENTER", help="Without: every center.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Count what a center holds, or each of them."""
    with open_lab(context) as lab:
        if center is not None:
            print_record(_stats(lab.centers, lab.centers.get(center)), as_json=as_json)
            return
        found = list(pages(lambda after, size: lab.centers.list(None, after, size), DEFAULT_LIMIT))
        rows = [_stats(lab.centers, one) for one in found]
    print_records(rows, ("slug", "samples", "users", "documents", "stored_bytes"), as_json=as_json)


def _stats(centers: Centers, center: Center) -> dict[str, Any]:
    counts: dict[str, Any] = plain(centers.stats(center.id))
    del counts["center_id"]
    return {"id": str(center.id), "name": center.name, "slug": center.slug} | counts
