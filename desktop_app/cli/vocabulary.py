"""labkeep-admin sample-type and rejection-reason: the center's own words, listed, added, changed, taken out of use."""

from dataclasses import replace
from typing import Annotated

import typer

from desktop_app.cli.context import open_center
from desktop_app.cli.options import AllFlag, CenterOption, JsonFlag, given
from desktop_app.cli.output import print_record, print_records
from desktop_app.domain.records import ListedType, RejectionReason
from desktop_app.domain.text_rules import clean
from desktop_app.errors import NotFoundError
from desktop_app.services.records.vocabulary import LAST, Vocabulary

types = typer.Typer(no_args_is_help=True)
reasons = typer.Typer(no_args_is_help=True)
TypeArgument = Annotated[str, typer.Argument(metavar="CODE", help="The type's code, such as blood.")]
ReasonArgument = Annotated[str, typer.Argument(metavar="REASON", help="Its words or id.")]
PositionOption = Annotated[int, typer.Option("--position", min=0, max=LAST, help="Where it stands; the least first.")]
NewNameOption = Annotated[str | None, typer.Option("--name", help="What people read.")]
NewPositionOption = Annotated[
    int | None, typer.Option("--position", min=0, max=LAST, help="Where it stands; the least first.")
]
TYPE_COLUMNS = ("code", "name", "position", "is_active")
REASON_COLUMNS = ("name", "position", "is_active", "id")


@types.command("list")
def list_types(
    context: typer.Context, include_inactive: AllFlag = False, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """List what samples of the center may be of, in the center's order."""
    with open_center(context, center) as work:
        rows = work.vocabulary.sample_types(include_inactive=include_inactive)
    print_records(rows, TYPE_COLUMNS, as_json=as_json)


@types.command("add")
def add_type(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="Fixed for life: a-z, 0-9, - and _.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people read.")],
    position: PositionOption = LAST,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Add a type."""
    with open_center(context, center) as work:
        print_record(work.vocabulary.add_sample_type(code, clean(name), position), as_json=as_json)


@types.command("update")
def update_type(
    context: typer.Context,
    code: TypeArgument,
    name: NewNameOption = None,
    position: NewPositionOption = None,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Change a type's name or place; its code stays."""
    changes = given(name=None if name is None else clean(name), position=position)
    with open_center(context, center) as work:
        _save_type(work.vocabulary, replace(_type(work.vocabulary, code), **changes), as_json=as_json)


@types.command("deactivate")
def deactivate_type(
    context: typer.Context, code: TypeArgument, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """Give a type to no further sample; samples that have it keep it."""
    with open_center(context, center) as work:
        _save_type(work.vocabulary, replace(_type(work.vocabulary, code), is_active=False), as_json=as_json)


@types.command("restore")
def restore_type(
    context: typer.Context, code: TypeArgument, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """Offer a deactivated type again."""
    with open_center(context, center) as work:
        _save_type(work.vocabulary, replace(_type(work.vocabulary, code), is_active=True), as_json=as_json)


@reasons.command("list")
def list_reasons(
    context: typer.Context, include_inactive: AllFlag = False, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """List what is offered where a sample is rejected, in the center's order."""
    with open_center(context, center) as work:
        rows = work.vocabulary.rejection_reasons(include_inactive=include_inactive)
    print_records(rows, REASON_COLUMNS, as_json=as_json)


@reasons.command("add")
def add_reason(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="REASON", help="Its words, such as Haemolysed.")],
    position: PositionOption = LAST,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Add a reason."""
    with open_center(context, center) as work:
        print_record(work.vocabulary.add_rejection_reason(clean(name), position), as_json=as_json)


@reasons.command("update")
def update_reason(
    context: typer.Context,
    reason: ReasonArgument,
    name: NewNameOption = None,
    position: NewPositionOption = None,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Change a reason's words or place; samples that were rejected for it keep the words of that day."""
    changes = given(name=None if name is None else clean(name), position=position)
    with open_center(context, center) as work:
        _save_reason(work.vocabulary, replace(_reason(work.vocabulary, reason), **changes), as_json=as_json)


@reasons.command("deactivate")
def deactivate_reason(
    context: typer.Context, reason: ReasonArgument, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """Offer a reason no more."""
    with open_center(context, center) as work:
        _save_reason(work.vocabulary, replace(_reason(work.vocabulary, reason), is_active=False), as_json=as_json)


@reasons.command("restore")
def restore_reason(
    context: typer.Context, reason: ReasonArgument, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """Offer a deactivated reason again."""
    with open_center(context, center) as work:
        _save_reason(work.vocabulary, replace(_reason(work.vocabulary, reason), is_active=True), as_json=as_json)


def _type(vocabulary: Vocabulary, code: str) -> ListedType:
    for each in vocabulary.sample_types(include_inactive=True):
        if each.code == code:
            return each
    raise NotFoundError("There is no such sample type.")


def _save_type(vocabulary: Vocabulary, changed: ListedType, *, as_json: bool) -> None:
    vocabulary.change_sample_type(changed)
    print_record(changed, as_json=as_json)


def _reason(vocabulary: Vocabulary, ref: str) -> RejectionReason:
    """By id, or by its words in any letter case."""
    wanted = clean(ref).casefold()
    for each in vocabulary.rejection_reasons(include_inactive=True):
        if wanted in (str(each.id), each.name.casefold()):
            return each
    raise NotFoundError("There is no such reason.")


def _save_reason(vocabulary: Vocabulary, changed: RejectionReason, *, as_json: bool) -> None:
    vocabulary.change_rejection_reason(changed)
    print_record(changed, as_json=as_json)
