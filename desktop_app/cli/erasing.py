"""labkeep-admin erase: everything in a center that carries one person's mark, searched, listed and erased for good."""

from typing import Annotated, Any
from uuid import UUID

import typer

from desktop_app.cli.context import open_center
from desktop_app.cli.options import CenterOption, JsonFlag
from desktop_app.cli.output import plain, print_json, print_line, print_problem, print_records
from desktop_app.domain.erasure import ErasureRequest, Marked
from desktop_app.domain.ids import parse_id
from desktop_app.errors import NotFoundError
from desktop_app.services.documents.erasure import Erasure

app = typer.Typer(no_args_is_help=True)
MarkArgument = Annotated[
    str, typer.Argument(metavar="TEXT", help="What is looked for: a name, a number; - reads it from standard input.")
]
RequestArgument = Annotated[str, typer.Argument(metavar="REQUEST", help="Id of the request; see erase list.")]
COLUMNS = ("id", "state", "samples", "documents", "entries", "requested_by", "requested_at", "reason")


@app.command("search")
def search(context: typer.Context, mark: MarkArgument, center: CenterOption = None, as_json: JsonFlag = False) -> None:
    """List every sample, document and entry of the record in which a text stands; nothing is changed."""
    with open_center(context, center) as work:
        _print_marked(work.erasure.search(_read(mark)), as_json=as_json)


@app.command("request")
def request(
    context: typer.Context,
    mark: MarkArgument,
    reason: Annotated[
        str, typer.Option("--reason", help="Why; stays on the record, so it must not say whom it is about.")
    ],
    without: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="ID", help="A sample, document or entry to keep; may be repeated."),
    ] = None,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Ask that all of it is erased. Nothing is yet: erase confirm does it, by another where the center wants two."""
    with open_center(context, center) as work:
        found = work.erasure.search(_read(mark))
        asked = work.erasure.request(found, reason, without=[_id(each) for each in without or ()])
        needs_another = work.erasure.needs_another
    if as_json:
        print_json(_values(asked) | {"needs_another": needs_another})
        return
    who = "Another administrator of the center confirms it" if needs_another else "Confirm it"
    print_line(f"{_in_words(asked)} are to be erased. {who}: labkeep-admin erase confirm {asked.id}")


@app.command("list")
def list_requests(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also what was done or withdrawn.")] = False,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """List the requests that wait to be confirmed."""
    with open_center(context, center) as work:
        asked = work.erasure.requests(everything=everything)
    if as_json:
        print_json([_values(each) for each in asked])
    else:
        print_records([_counted(each) for each in asked], COLUMNS, as_json=False)


@app.command("show")
def show(context: typer.Context, ref: RequestArgument, center: CenterOption = None, as_json: JsonFlag = False) -> None:
    """List what a request would erase, as it is now."""
    with open_center(context, center) as work:
        _print_marked(work.erasure.marked(_find(work.erasure, ref)), as_json=as_json)


@app.command("confirm")
def confirm(
    context: typer.Context, ref: RequestArgument, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """Erase for good what a request lists: keys, rows, what the record says, files."""
    with open_center(context, center) as work:
        done = work.erasure.confirm(_find(work.erasure, ref))
    if as_json:
        print_json({"id": ref} | plain(done))
    else:
        print_line(
            f"{done.samples} samples, {done.documents} documents and what {done.entries} entries of the record said"
            " are erased for good."
        )
    if done.files_left:
        print_problem(
            f"{done.files_left} files are still in the store, which cannot be written now."
            " Nothing opens them any more; the next who adds a document removes them."
        )


@app.command("withdraw")
def withdraw(
    context: typer.Context, ref: RequestArgument, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """Take a request back; nothing is erased."""
    with open_center(context, center) as work:
        work.erasure.withdraw(_find(work.erasure, ref))
    if as_json:
        print_json({"id": ref, "withdrawn": True})
    else:
        print_line("It is withdrawn; nothing was erased.")


def _read(mark: str) -> str:
    """The text; a name among the arguments is seen by everybody on this computer, so it may come another way."""
    return typer.get_text_stream("stdin").readline() if mark == "-" else mark


def _find(erasure: Erasure, ref: str) -> ErasureRequest:
    found = next((each for each in erasure.requests(everything=True) if each.id == parse_id(ref)), None)
    if found is None:
        raise NotFoundError("There is no request {ref}.", ref=ref)
    return found


def _id(text: str) -> UUID | int:
    found = int(text) if text.isascii() and text.isdecimal() else parse_id(text)
    if found is None:
        needed = "the id of a sample or document, or the number of an entry, is needed"
        raise typer.BadParameter(needed, param_hint="--without")
    return found


def _print_marked(found: Marked, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "samples": [{"id": each.id, "barcode": each.barcode, "name": each.name} for each in found.samples],
                "documents": [{"id": each.id, "title": each.title} for each in found.documents],
                "entries": found.entries,
            }
        )
        return
    for sample in found.samples:
        print_line(f"Sample {sample.barcode}, {sample.name}, {sample.id}")
    for document in found.documents:
        print_line(f"Document {document.title}, {document.latest_number} versions, {document.id}")
    if found.entries:
        print_line(f"Entries of the record about other things: {', '.join(map(str, found.entries))}")
    print_line(f"{len(found.samples)} samples, {len(found.documents)} documents, {len(found.entries)} entries.")


def _values(asked: ErasureRequest) -> dict[str, Any]:
    values: dict[str, Any] = plain(asked)
    return values


def _counted(asked: ErasureRequest) -> dict[str, Any]:
    counts = {"samples": len(asked.samples), "documents": len(asked.documents), "entries": len(asked.entries)}
    return _values(asked) | counts


def _in_words(asked: ErasureRequest) -> str:
    return (
        f"{len(asked.samples)} samples, {len(asked.documents)} documents and {len(asked.entries)} entries of the record"
    )
