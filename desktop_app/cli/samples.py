"""labkeep-admin sample: the samples of one center, listed, edited, moved on, found and deleted."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from desktop_app.cli.batch import BatchTargets, PlannedVerb
from desktop_app.cli.bin import BinCommands
from desktop_app.cli.context import open_center
from desktop_app.cli.deleting import EraseRecordFlag, Request, delete_for_good
from desktop_app.cli.evidence import EvidenceTarget, OverwriteFlag, print_evidence
from desktop_app.cli.options import (
    DEFAULT_LIMIT,
    AllFlag,
    BinFlag,
    CenterOption,
    DescendingFlag,
    JsonFlag,
    LimitOption,
    ReasonOption,
    SampleSort,
    SearchOption,
    given,
    parse_conditions,
    parse_json_object,
    parse_moment,
    parse_since,
    parse_until,
    samples_sorted_by,
)
from desktop_app.cli.output import print_record, print_records
from desktop_app.cli.progress import shown
from desktop_app.cli.sample_sheets import export_samples, import_samples
from desktop_app.cli.views import pasted_barcodes, print_unknown
from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.ids import parse_id
from desktop_app.domain.lifecycle import SampleStatus, Step
from desktop_app.domain.paging import pages
from desktop_app.domain.reasons import as_listed
from desktop_app.domain.records import Sample
from desktop_app.domain.saved_views import narrowed
from desktop_app.domain.text_rules import clean, normal_username
from desktop_app.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.services.session.center_services import CenterServices

app = typer.Typer(no_args_is_help=True)
SampleArgument = Annotated[str, typer.Argument(metavar="SAMPLE", help="Barcode or id.")]
SEVERAL = typer.Argument(metavar="SAMPLE...", help="Barcodes or ids.")
SamplesArgument = Annotated[list[str], SEVERAL]
TYPES = "One of the center's types; every center begins with blood, urine, tissue, saliva, other."
REASONS = "One of the center's reasons, in any letter case, or your own words; goes on the record."
TypeOption = Annotated[str | None, typer.Option("--type", help=TYPES)]
BarcodeOption = Annotated[str | None, typer.Option("--barcode", help="Without, one is made.")]
DescriptionOption = Annotated[str | None, typer.Option("--description")]
UserOption = Annotated[str | None, typer.Option("--user", help="The responsible person; without, yourself.")]
MetadataOption = Annotated[str | None, typer.Option("--metadata", metavar="JSON", help="A JSON object.")]
CollectedAtOption = Annotated[str | None, typer.Option("--collected-at", metavar="TIME")]
CollectedPlaceOption = Annotated[str | None, typer.Option("--collected-place")]
META = typer.Option(
    "--meta",
    metavar="FILTER",
    help="By a field: tube=EDTA, or of numbers and dates also with >, <, >=, <=. May be repeated.",
)
COLUMNS = ("barcode", "name", "sample_type", "status", "responsible_name", "created_at", "id")


@app.command("list")
def list_samples(
    context: typer.Context,
    status: Annotated[SampleStatus | None, typer.Option("--status")] = None,
    sample_type: TypeOption = None,
    user: Annotated[str | None, typer.Option("--user", help="The responsible person.")] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DATE", help="Created on or after.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="Created on or before.")] = None,
    meta: Annotated[list[str] | None, META] = None,
    search: SearchOption = "",
    include_inactive: AllFlag = False,
    only_inactive: BinFlag = False,
    sort: SampleSort = None,
    descending: DescendingFlag = False,
    view: Annotated[str | None, typer.Option("--view", metavar="NAME", help="A kept view, narrowed further.")] = None,
    barcodes: Annotated[
        Path | None, typer.Option("--barcodes", metavar="FILE", help="Exactly the barcodes in a file, one a line.")
    ] = None,
    limit: LimitOption = DEFAULT_LIMIT,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """List samples, newest first or as --sort says."""
    wanted = SampleFilter(
        search=search,
        status=status,
        sample_type=sample_type,
        since=parse_since(since),
        until=parse_until(until),
        conditions=parse_conditions(meta, "--meta"),
        include_inactive=include_inactive,
        only_inactive=only_inactive,
        barcodes=pasted_barcodes(barcodes),
    )
    order = samples_sorted_by(sort, descending=descending)
    with open_center(context, center) as work:
        if view is not None:
            content = work.views.get(view).content
            wanted = narrowed(content.filter, wanted)
            order = content.sort if sort is None else order
        print_unknown(work, wanted.barcodes)
        if user is not None:
            wanted = replace(wanted, user_id=_person(work, user, include_former=True))
        rows = list(pages(lambda after, size: work.samples.list(wanted, after, size, order), limit))
    print_records(rows, COLUMNS, as_json=as_json)


app.command("import")(import_samples)
app.command("export")(export_samples)


@app.command("create")
def create_sample(
    context: typer.Context,
    name: Annotated[str, typer.Option("--name")],
    sample_type: Annotated[str, typer.Option("--type", help=TYPES)],
    barcode: BarcodeOption = None,
    description: DescriptionOption = None,
    user: UserOption = None,
    metadata: MetadataOption = None,
    collected_at: CollectedAtOption = None,
    collected_place: CollectedPlaceOption = None,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a pending sample."""
    draft = SampleDraft(
        name=clean(name),
        sample_type=sample_type,
        barcode=clean(barcode or ""),
        description=description or "",
        metadata=parse_json_object(metadata, "metadata") or {},
        collected_at=parse_moment(collected_at, "--collected-at"),
        collected_place=clean(collected_place or ""),
    )
    with open_center(context, center) as work:
        if user is not None:
            draft = replace(draft, user_id=_person(work, user))
        print_record(work.samples.create(draft), as_json=as_json)


def find(work: CenterServices, ref: str) -> Sample:
    """The sample of this barcode or id; the sentence names what was looked for."""
    try:
        return work.samples.get(clean(ref))
    except NotFoundError as error:
        raise NotFoundError("{center} has no sample {ref}.", center=work.center.name, ref=ref) from error


def _person(work: CenterServices, ref: str, *, include_former: bool = False) -> UUID:
    """The member of this user name or id."""
    name, person_id = normal_username(ref), parse_id(ref)
    for person in work.people.list(include_former=include_former):
        if name == person.username or person.id == person_id:
            return person.id
    raise NotFoundError("{center} has no member {ref}.", center=work.center.name, ref=ref)


@app.command("show")
def show_sample(
    context: typer.Context, sample: SampleArgument, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """Show one sample."""
    with open_center(context, center) as work:
        print_record(find(work, sample), as_json=as_json)


@app.command("find")
def find_sample(
    context: typer.Context,
    barcode: Annotated[str, typer.Argument(metavar="BARCODE", help="As the scanner reads it.")],
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Show the sample of exactly this barcode."""
    with open_center(context, center) as work:
        found = find(work, barcode)
        if found.barcode != clean(barcode):
            raise NotFoundError(
                "{center} has no sample with the barcode {barcode}.", center=work.center.name, barcode=barcode
            )
        print_record(found, as_json=as_json)


@app.command("evidence")
def write_evidence(
    context: typer.Context,
    sample: SampleArgument,
    to: EvidenceTarget,
    overwrite: OverwriteFlag = False,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Write what is proved of a sample and its documents into a PDF, to be checked without Labkeep; for admins."""
    with open_center(context, center) as work, shown("Proving") as report:
        made = work.evidence.of_sample(find(work, sample), to, report, overwrite=overwrite)
    print_evidence(made, as_json=as_json)


@app.command("update")
def update_sample(
    context: typer.Context,
    sample: SampleArgument,
    name: Annotated[str | None, typer.Option("--name")] = None,
    sample_type: TypeOption = None,
    barcode: Annotated[str | None, typer.Option("--barcode")] = None,
    description: DescriptionOption = None,
    user: Annotated[str | None, typer.Option("--user", help="The responsible person.")] = None,
    metadata: MetadataOption = None,
    collected_at: CollectedAtOption = None,
    collected_place: CollectedPlaceOption = None,
    results: Annotated[str | None, typer.Option("--results")] = None,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Change fields of a sample; metadata is replaced whole."""
    changes = given(
        name=_cleaned(name),
        sample_type=sample_type,
        barcode=_cleaned(barcode),
        description=description,
        metadata=parse_json_object(metadata, "metadata"),
        collected_place=_cleaned(collected_place),
        results=results,
        user_id=user,
        collected_at=collected_at,
    )
    if barcode is not None and not clean(barcode):
        raise InvalidInputError({"barcode": "A barcode can be replaced, not taken away."})
    if collected_at is not None:
        changes["collected_at"] = parse_moment(collected_at, "--collected-at")
    with open_center(context, center) as work:
        if user is not None:
            changes["user_id"] = _person(work, user)
        found = find(work, sample)
        print_record(work.samples.edit(found, replace(SampleDraft.of(found), **changes)), as_json=as_json)


def _cleaned(text: str | None) -> str | None:
    return None if text is None else clean(text)


@app.command("process")
def process_samples(
    context: typer.Context, samples: SamplesArgument, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """Begin the work on samples."""
    _step(BatchTargets(context, center, samples, as_json), Step.PROCESS)


@app.command("complete")
def complete_samples(
    context: typer.Context, samples: SamplesArgument, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """End the work on samples."""
    _step(BatchTargets(context, center, samples, as_json), Step.COMPLETE)


@app.command("reject")
def reject_samples(
    context: typer.Context,
    samples: SamplesArgument,
    reason: Annotated[str, typer.Option("--reason", help=REASONS)],
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Reject samples, for a reason."""

    def listed(work: CenterServices) -> str:
        return as_listed(clean(reason), (row.name for row in work.vocabulary.rejection_reasons()))

    _step(BatchTargets(context, center, samples, as_json), Step.REJECT, listed)


@app.command("archive")
def archive_samples(
    context: typer.Context, samples: SamplesArgument, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """Archive samples: read-only from then on."""
    _step(BatchTargets(context, center, samples, as_json), Step.ARCHIVE)


def _step(things: BatchTargets, step: Step, reason: Callable[[CenterServices], str] = lambda _work: "") -> None:
    verb = PlannedVerb(
        find,
        lambda work, samples: work.plans.plan_step(samples, step, reason(work)),
        _read,
        lambda sample: f"{sample.barcode} is {sample.status.value}.",
    )
    things.change(verb)


def _read(work: CenterServices, sample_id: UUID) -> Sample:
    return work.samples.get(sample_id)


BinCommands[Sample](
    "samples",
    SEVERAL,
    find,
    _read,
    lambda sample: sample.barcode,
).add_to(app)


@app.command("delete")
def delete_sample(
    context: typer.Context,
    sample: SampleArgument,
    confirm: Annotated[str | None, typer.Option("--confirm", metavar="BARCODE", help="The barcode once more.")] = None,
    with_documents: Annotated[
        int, typer.Option("--with-documents", metavar="N", help="How many documents it has: they go with it.")
    ] = 0,
    reason: ReasonOption = "",
    erase_record: EraseRecordFlag = False,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Delete a sample and its documents for good; without --confirm, say what would go.

    The record keeps what they were, unless that is erased, too.
    """
    with open_center(context, center) as work:
        found = find(work, sample)
        doomed = work.deletion.look([found])
        if confirm is not None and with_documents != len(doomed.documents):
            raise RefusedError(
                "{barcode} has {n} documents, which go with it: name their number with --with-documents. "
                "Nothing was deleted.",
                one="{barcode} has {n} document, which goes with it: name their number with --with-documents. "
                "Nothing was deleted.",
                barcode=found.barcode,
                n=len(doomed.documents),
            )
        wanted = Request(found.id, "barcode", found.barcode, confirm, reason, erase_record, as_json)
        delete_for_good(work, doomed, wanted)
