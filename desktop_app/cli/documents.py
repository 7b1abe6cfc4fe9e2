"""labkeep-admin document: sealed documents of one center, added, listed, opened and verified."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from desktop_app.cli.batch import BatchTargets, PlannedVerb
from desktop_app.cli.bin import BinCommands
from desktop_app.cli.context import open_center
from desktop_app.cli.deleting import EraseRecordFlag, Request, delete_for_good
from desktop_app.cli.evidence import EvidenceTarget, OverwriteFlag, print_evidence
from desktop_app.cli.list_sheets import export_documents
from desktop_app.cli.options import (
    DEFAULT_LIMIT,
    SORT,
    AllFlag,
    BinFlag,
    CenterOption,
    DescendingFlag,
    JsonFlag,
    LimitOption,
    ReasonOption,
    SearchOption,
    given,
    named_path,
    sorted_by,
)
from desktop_app.cli.output import grouped, plain, print_json, print_line, print_problem, print_record, print_records
from desktop_app.cli.progress import shown, shown_files
from desktop_app.cli.samples import find as find_sample
from desktop_app.cli.secrets_input import read_fernet_keys
from desktop_app.domain.change_plan import ChangePlan
from desktop_app.domain.drafts import DocumentDraft
from desktop_app.domain.filters import DocumentFilter
from desktop_app.domain.paging import pages
from desktop_app.domain.records import Document
from desktop_app.domain.sorting import NEWEST_DOCUMENTS, DocumentField
from desktop_app.domain.text_rules import clean
from desktop_app.errors import NotFoundError
from desktop_app.services.documents.add_results import AddOutcome, AddResult, AddSummary
from desktop_app.services.documents.title_conflicts import OnConflict
from desktop_app.services.session.center_services import CenterServices

app = typer.Typer(no_args_is_help=True)
app.command("export-list")(export_documents)
DocumentArgument = Annotated[str, typer.Argument(metavar="DOCUMENT", help="Id or, where it is unique, title.")]
SEVERAL = typer.Argument(metavar="DOCUMENT...", help="Ids or unique titles.")
PathsArgument = Annotated[list[Path], typer.Argument(parser=named_path, metavar="PATH...", help="Files and folders.")]
AddSampleOption = Annotated[str | None, typer.Option("--sample", help="Barcode or id of the sample they belong to.")]
ConflictOption = Annotated[
    OnConflict,
    typer.Option(
        "--on-conflict",
        help="Where the sample (without one: what belongs to no sample) has a document of the title already.",
    ),
]
COLUMNS = ("title", "document_type", "tags", "sample_barcode", "latest_number", "size", "created_at", "id")
VERSION_COLUMNS = ("number", "file_name", "size", "created_at", "created_by", "key_version", "id")


def _find(work: CenterServices, ref: str) -> Document:
    """The document of this id or title; the sentence names what was looked for."""
    try:
        return work.documents.get(clean(ref))
    except NotFoundError as error:
        raise NotFoundError("{center} has no document {ref}.", center=work.center.name, ref=ref) from error


@app.command("add")
def add_documents(
    context: typer.Context,
    paths: PathsArgument,
    sample: AddSampleOption = None,
    on_conflict: ConflictOption = OnConflict.KEEP,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Add files to the center, sealed on this computer, and say what became of each; exit status 1 if any was not."""
    with open_center(context, center) as work, shown_files() as report:
        sample_id = None if sample is None else find_sample(work, sample).id
        summary = work.documents.add(paths, sample_id=sample_id, on_conflict=on_conflict, report=report)
    _print_added(summary, as_json=as_json)


@app.command("import-fernet")
def import_fernet(
    context: typer.Context,
    paths: PathsArgument,
    key_file: Annotated[
        Path,
        typer.Option(
            "--key-file", parser=named_path, metavar="FILE", help="Fernet keys, one a line; - is standard input."
        ),
    ],
    sample: AddSampleOption = None,
    on_conflict: ConflictOption = OnConflict.KEEP,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Add what files of an older system hold: Fernet tokens, opened in memory under any of the keys.

    A file may hold several tokens, one a line; all of it is taken or nothing. At most 128 MiB each.
    """
    keys = read_fernet_keys(key_file)
    with open_center(context, center) as work, shown_files() as report:
        sample_id = None if sample is None else find_sample(work, sample).id
        summary = work.documents.import_fernet(paths, keys, sample_id=sample_id, on_conflict=on_conflict, report=report)
    _print_added(summary, as_json=as_json)


def _print_added(summary: AddSummary, *, as_json: bool) -> None:
    if as_json:
        print_json([_as_json(result) for result in summary.results])
    failed = [result for result in summary.not_saved if result.outcome is not AddOutcome.SKIPPED]
    for result in summary.results:
        if result in failed:
            print_problem(f"Not saved: {result.path}: {result.reason}")
        elif not as_json:
            print_line(_as_sentence(result))
    if failed and len(summary.results) > 1:
        print_problem(f"{len(summary.saved)} of {len(summary.results)} added.")
    if failed:
        raise typer.Exit(1)


def _as_json(result: AddResult) -> dict[str, Any]:
    values: dict[str, Any] = plain(result)
    return values | {"state": result.state}


def _as_sentence(result: AddResult) -> str:
    if result.outcome is AddOutcome.SKIPPED:
        return f"Skipped: {result.path}: {result.reason}"
    return f"Added: {result.name}, version {result.version}, {grouped(result.size)} bytes, {result.id}"


@app.command("list")
def list_documents(
    context: typer.Context,
    sample: Annotated[str | None, typer.Option("--sample", help="Barcode or id.")] = None,
    document_type: Annotated[str, typer.Option("--type")] = "",
    tag: Annotated[str, typer.Option("--tag")] = "",
    search: SearchOption = "",
    include_inactive: AllFlag = False,
    only_inactive: BinFlag = False,
    sort: Annotated[DocumentField | None, SORT] = None,
    descending: DescendingFlag = False,
    limit: LimitOption = DEFAULT_LIMIT,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """List documents, newest first or as --sort says."""
    order = sorted_by(sort, NEWEST_DOCUMENTS, descending=descending)
    with open_center(context, center) as work:
        wanted = DocumentFilter(
            search=search,
            sample_id=None if sample is None else find_sample(work, sample).id,
            document_type=document_type,
            tag=tag,
            include_inactive=include_inactive,
            only_inactive=only_inactive,
        )
        rows = list(pages(lambda after, size: work.documents.list(wanted, after, size, order), limit))
    print_records(rows, COLUMNS, as_json=as_json)


@app.command("update")
def update_document(
    context: typer.Context,
    document: DocumentArgument,
    title: Annotated[str | None, typer.Option("--title")] = None,
    document_type: Annotated[str | None, typer.Option("--type")] = None,
    tags: Annotated[list[str] | None, typer.Option("--tag", help="May be repeated; replaces all tags.")] = None,
    no_tags: Annotated[bool, typer.Option("--no-tags", help="Take every tag away.")] = False,
    sample: Annotated[str | None, typer.Option("--sample", help="Barcode or id.")] = None,
    no_sample: Annotated[bool, typer.Option("--no-sample", help="Belongs to no sample.")] = False,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Change a document's title, type, tags or sample; its versions stay as they are."""
    if (tags and no_tags) or (sample is not None and no_sample):
        raise typer.BadParameter("--tag and --no-tags, --sample and --no-sample contradict each other")
    changes = given(
        title=None if title is None else clean(title),
        document_type=None if document_type is None else clean(document_type),
        tags=() if no_tags else _tags(tags),
        sample_id="" if no_sample else sample,
    )
    with open_center(context, center) as work:
        if "sample_id" in changes:
            changes["sample_id"] = _sample(work, changes["sample_id"])
        found = _find(work, document)
        draft = replace(DocumentDraft.of(found), **changes)
        print_record(work.documents.edit(found, draft), as_json=as_json)


@app.command("attach")
def attach_documents(
    context: typer.Context,
    documents: Annotated[list[str], SEVERAL],
    sample: Annotated[str | None, typer.Option("--sample", help="Barcode or id.")] = None,
    no_sample: Annotated[bool, typer.Option("--no-sample", help="They belong to no sample.")] = False,
    reason: ReasonOption = "",
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Let documents belong to another sample as one change, to be undone as one; exit status 1 if any stays."""
    if (sample is not None) is no_sample:
        raise typer.BadParameter("name a sample by --sample, or say --no-sample")

    def plan(work: CenterServices, found: list[Document]) -> ChangePlan:
        return work.plans.plan_attach(found, find_sample(work, sample) if sample else None, reason)

    verb = PlannedVerb(_find, plan, lambda work, document_id: work.documents.get(document_id), _belongs)
    BatchTargets(context, center, documents, as_json).change(verb)


def _belongs(document: Document) -> str:
    return f"{document.title} belongs to {document.sample_barcode or 'no sample'}."


def _tags(texts: list[str] | None) -> tuple[str, ...] | None:
    return tuple(clean(text) for text in texts) if texts else None


def _sample(work: CenterServices, ref: str) -> UUID | None:
    return find_sample(work, ref).id if ref else None


@app.command("get")
def get_document(
    context: typer.Context,
    document: DocumentArgument,
    to: Annotated[
        Path, typer.Option("--to", parser=named_path, metavar="PATH", help="A new file, or a folder for it.")
    ],
    number: Annotated[int | None, typer.Option("--version", min=1, help="Without, the newest.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Open a document's content into a file; where anything is wrong with it, no file is left."""
    with open_center(context, center) as work, shown("Opening") as report:
        found = _find(work, document)
        path = work.documents.save_as(found, to, number, report, overwrite=overwrite)
    if as_json:
        print_json(
            {
                "id": found.id,
                "title": found.title,
                "version": number or found.latest_number,
                "path": path,
                "size": path.stat().st_size,
            }
        )
    else:
        print_line(f"{found.title} is in {path}.")


@app.command("evidence")
def write_evidence(
    context: typer.Context,
    document: DocumentArgument,
    to: EvidenceTarget,
    overwrite: OverwriteFlag = False,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Write what is proved of a document into a PDF, to be checked without Labkeep; for administrators."""
    with open_center(context, center) as work, shown("Proving") as report:
        made = work.evidence.of_document(_find(work, document), to, report, overwrite=overwrite)
    print_evidence(made, as_json=as_json)


@app.command("versions")
def list_versions(
    context: typer.Context, document: DocumentArgument, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """List a document's versions, newest first, and who sealed them by their signatures."""
    with open_center(context, center) as work:
        found = work.documents.seals(_find(work, document))
    # Who sealed it is said by the signature, never by a row of the database.
    rows = [replace(seal.version, created_by=seal.by) for seal in found.seals]
    print_records(rows, VERSION_COLUMNS, as_json=as_json)
    if found.alarm is not None:
        print_problem(found.alarm)
        raise typer.Exit(1)


BinCommands[Document](
    "documents",
    SEVERAL,
    _find,
    lambda work, document_id: work.documents.get(document_id),
    lambda document: document.title,
).add_to(app)


@app.command("delete")
def delete_document(
    context: typer.Context,
    document: DocumentArgument,
    confirm: Annotated[str | None, typer.Option("--confirm", metavar="TITLE", help="The title once more.")] = None,
    reason: ReasonOption = "",
    erase_record: EraseRecordFlag = False,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Delete a document and all its versions for good: keys, rows, files; without --confirm, say what would go.

    The record keeps what it was, unless that is erased, too.
    """
    with open_center(context, center) as work:
        found = _find(work, document)
        wanted = Request(found.id, "title", found.title, confirm, reason, erase_record, as_json)
        delete_for_good(work, work.deletion.look(documents_alone=[found]), wanted)


@app.command("verify")
def verify_documents(
    context: typer.Context,
    documents: Annotated[
        list[str] | None, typer.Argument(metavar="[DOCUMENT...]", help="Without, every active document.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also the inactive documents.")] = False,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Read every stored version to its end: key, signature, signed digest; exit status 1 if anything is wrong."""
    with open_center(context, center) as work, shown("Verifying") as report:
        chosen = [_find(work, ref) for ref in documents or ()]
        if not documents and not everything:
            chosen = list(pages(lambda after, size: work.documents.list(None, after, size)))
        results = work.documents.verify(None if everything else chosen, report)
    wrong = [result for result in results if result.problem is not None]
    if as_json:
        print_json([{"id": result.document_id, "ok": result.problem is None} | plain(result) for result in results])
    for result in wrong:
        print_problem(f"{result.title}, version {result.number}: {result.problem}")
    if wrong:
        print_problem(f"{len(wrong)} of {len(results)} versions cannot be opened as they were saved.")
        raise typer.Exit(1)
    if not as_json:
        print_line(f"{len(results)} versions are whole: signature, key, and the signed BLAKE3 digest of every file.")
