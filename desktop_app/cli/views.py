"""labkeep-admin view and worklist: kept views of the list of samples, and samples that are worked off by scanning."""

from pathlib import Path
from typing import Annotated

import typer

from desktop_app.cli.context import open_center
from desktop_app.cli.options import CenterOption, JsonFlag, named_path
from desktop_app.cli.output import grouped, print_json, print_line, print_problem, print_record, print_records
from desktop_app.domain.saved_views import ViewContent
from desktop_app.domain.work_lists import Tick
from desktop_app.errors import InvalidInputError, NotFoundError
from desktop_app.message import Message
from desktop_app.services.session.center_services import CenterServices

views = typer.Typer(no_args_is_help=True)
worklists = typer.Typer(no_args_is_help=True)
ViewArgument = Annotated[str, typer.Argument(metavar="VIEW", help="Name or id.")]
ListArgument = Annotated[str, typer.Argument(metavar="LIST", help="Name or id.")]
SamplesArgument = Annotated[list[str], typer.Argument(metavar="SAMPLE...", help="Barcodes or ids, in their order.")]
MOST_BYTES = 1_000_000


@views.command("list")
def list_views(context: typer.Context, center: CenterOption = None, as_json: JsonFlag = False) -> None:
    """List your own views and those that the center shares; sample list --view NAME shows one."""
    with open_center(context, center) as work:
        found = work.views.list()
    print_records(found, ("name", "is_shared", "owner", "updated_at", "id"), as_json=as_json)


@views.command("show")
def show_view(
    context: typer.Context, view: ViewArgument, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """Print what a view shows, in the form that view save takes."""
    with open_center(context, center) as work:
        found = work.views.get(view)
    if as_json:
        print_json(found)
    else:
        print_line(found.text)


@views.command("save")
def save_view(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    file: Annotated[Path, typer.Argument(parser=named_path, metavar="FILE", help="What view show prints.")],
    shared: Annotated[bool, typer.Option("--shared", help="For everybody in the center.")] = False,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Keep a view under a name, in the place of your own or shared one that has it."""
    content = ViewContent.parse(_text(file))
    with open_center(context, center) as work:
        same = [each for each in work.views.list() if each.name == name and each.is_shared is shared]
        made = work.views.save(name, content, is_shared=shared, view_id=same[0].id if same else None)
    print_record(made, as_json=as_json)


@views.command("delete")
def delete_view(
    context: typer.Context, view: ViewArgument, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """Delete a view."""
    with open_center(context, center) as work:
        found = work.views.get(view)
        work.views.delete(found.id)
    _print_gone(found.name, found.id, as_json=as_json)


@worklists.command("list")
def list_work_lists(context: typer.Context, center: CenterOption = None, as_json: JsonFlag = False) -> None:
    """List the center's work lists, newest first."""
    with open_center(context, center) as work:
        found = work.work_lists.list()
    print_records(found, ("name", "person", "done", "samples", "created_at", "id"), as_json=as_json)


@worklists.command("show")
def show_work_list(
    context: typer.Context, name: ListArgument, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """List the samples of a work list in its order."""
    with open_center(context, center) as work:
        items = work.work_lists.items(work.work_lists.get(name).id)
    print_records(items, ("barcode", "name", "is_done", "done_at", "done_by", "sample_id"), as_json=as_json)


@worklists.command("create")
def create_work_list(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    samples: SamplesArgument,
    user: Annotated[str | None, typer.Option("--user", help="Who works it off; without, anybody.")] = None,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a work list of samples."""
    with open_center(context, center) as work:
        person = None if user is None else work.reassigning.person(user).id
        made = work.work_lists.create(name, [work.samples.get(each).id for each in samples], person)
    print_record(made, as_json=as_json)


@worklists.command("add")
def add_to_work_list(
    context: typer.Context,
    name: ListArgument,
    samples: SamplesArgument,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Put samples at the end of a work list."""
    with open_center(context, center) as work:
        found = work.work_lists.get(name)
        added = work.work_lists.add(found.id, [work.samples.get(each).id for each in samples])
    if as_json:
        print_json({"id": found.id, "added": added})
    else:
        print_line(f"{grouped(added)} samples are added to {found.name}.")


@worklists.command("tick")
def tick(
    context: typer.Context,
    name: ListArgument,
    barcodes: Annotated[list[str], typer.Argument(metavar="BARCODE...", help="What was scanned.")],
    undo: Annotated[bool, typer.Option("--undo", help="They are not done after all.")] = False,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Say that samples of a work list are done; exit status 1 where one is not in it."""
    with open_center(context, center) as work:
        found = work.work_lists.get(name)
        ticks = {each: work.work_lists.tick(found.id, each, is_done=not undo)[0] for each in dict.fromkeys(barcodes)}
        now = work.work_lists.get(found.id)
    for barcode, result in ticks.items():
        if result in (Tick.NOT_IN_LIST, Tick.UNKNOWN):
            print_problem(f"Not ticked: {barcode} is {'unknown' if result is Tick.UNKNOWN else 'not in this list'}.")
    if as_json:
        print_json({"id": now.id, "done": now.done, "samples": now.samples, "ticks": ticks})
    else:
        print_line(f"{grouped(now.done)} of {grouped(now.samples)} are done.")
    if any(each in (Tick.NOT_IN_LIST, Tick.UNKNOWN) for each in ticks.values()):
        raise typer.Exit(1)


@worklists.command("update")
def update_work_list(
    context: typer.Context,
    name: ListArgument,
    new_name: Annotated[str | None, typer.Option("--name", help="Another name.")] = None,
    user: Annotated[str | None, typer.Option("--user", help="Who works it off; empty: anybody.")] = None,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Give a work list another name, or to somebody else."""
    with open_center(context, center) as work:
        found = work.work_lists.get(name)
        person = found.user_id if user is None else work.reassigning.person(user).id if user else None
        changed = work.work_lists.change(found.id, found.name if new_name is None else new_name, person)
    print_record(changed, as_json=as_json)


@worklists.command("arrange")
def arrange_work_list(
    context: typer.Context,
    name: ListArgument,
    samples: SamplesArgument,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Put these samples of a work list in front, in this order; the others stay behind them in theirs."""
    with open_center(context, center) as work:
        found = work.work_lists.get(name)
        work.work_lists.arrange(found.id, [work.samples.get(each).id for each in samples])
        items = work.work_lists.items(found.id)
    print_records(items, ("barcode", "name", "is_done", "done_at", "done_by", "sample_id"), as_json=as_json)


@worklists.command("delete")
def delete_work_list(
    context: typer.Context, name: ListArgument, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """Delete a work list; its samples stay."""
    with open_center(context, center) as work:
        found = work.work_lists.get(name)
        work.work_lists.delete(found.id)
    _print_gone(found.name, found.id, as_json=as_json)


def pasted_barcodes(file: Path | None) -> tuple[str, ...]:
    """The barcodes of a file, one a line."""
    return () if file is None else tuple(dict.fromkeys(filter(None, map(str.strip, _text(file).splitlines()))))


def print_unknown(work: CenterServices, barcodes: tuple[str, ...]) -> None:
    """Name those that no sample has."""
    for each in work.samples.unknown(barcodes) if barcodes else ():
        print_problem(f"No sample has the barcode {each}.")


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise NotFoundError("{path} cannot be read: {reason}.", path=file, reason=error.strerror or "") from error
    if len(content) > MOST_BYTES:
        raise InvalidInputError({"file": Message("{path} is too large for this.", path=file)})
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInputError({"file": Message("{path} is no text in UTF-8.", path=file)}) from error


def _print_gone(name: str, gone_id: object, *, as_json: bool) -> None:
    if as_json:
        print_json({"id": gone_id, "deleted": True})
    else:
        print_line(f"{name} is deleted.")
