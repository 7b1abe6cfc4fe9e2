"""labkeep-admin sample-type and rejection-reason: the center's own words, listed, added, changed, taken out of use."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Generic, TypeVar

import typer

from desktop_app.cli.context import open_center
from desktop_app.cli.options import AllFlag, CenterOption, JsonFlag, given
from desktop_app.cli.output import print_record, print_records
from desktop_app.domain.fields import LARGEST_PLACE
from desktop_app.domain.records import ListedType, RejectionReason
from desktop_app.domain.text_rules import clean
from desktop_app.errors import NotFoundError
from desktop_app.services.records.vocabulary import Vocabulary

Word = TypeVar("Word", ListedType, RejectionReason)
_POSITION = typer.Option("--position", min=0, max=LARGEST_PLACE, help="Where it stands; the least first.")


@dataclass(frozen=True)
class _WordList(Generic[Word]):
    """One of the center's two lists, as its commands need it."""

    read: Callable[[Vocabulary, bool], Sequence[Word]]
    """The words, also those out of use if wanted."""
    is_named: Callable[[Word, str], bool]
    save: Callable[[Vocabulary, Word], None]
    unknown: str
    columns: tuple[str, ...]
    argument: Any
    help: dict[str, str]
    """What ``--help`` says of each command."""

    def change(self, context: typer.Context, center: str | None, ref: str, *, as_json: bool, **changes: Any) -> None:
        """Save what is new of the word that *ref* names, in use or not, and print it."""
        with open_center(context, center) as work:
            for each in self.read(work.vocabulary, True):
                if self.is_named(each, ref):
                    changed = replace(each, **changes)
                    self.save(work.vocabulary, changed)
                    print_record(changed, as_json=as_json)
                    return
            raise NotFoundError(self.unknown)


def _commands(words: _WordList[Word], add: Callable[..., None]) -> typer.Typer:
    """The commands of one list; *add* is its own, because a type has a code."""
    group = typer.Typer(no_args_is_help=True)

    @group.command("list", help=words.help["list"])
    def list_words(
        context: typer.Context,
        include_inactive: AllFlag = False,
        center: CenterOption = None,
        as_json: JsonFlag = False,
    ) -> None:
        with open_center(context, center) as work:
            rows = words.read(work.vocabulary, include_inactive)
        print_records(rows, words.columns, as_json=as_json)

    group.command("add", help=words.help["add"])(add)

    @group.command("update", help=words.help["update"])
    def update(
        context: typer.Context,
        ref: Annotated[str, words.argument],
        name: Annotated[str | None, typer.Option("--name", help="What people read.")] = None,
        position: Annotated[int | None, _POSITION] = None,
        center: CenterOption = None,
        as_json: JsonFlag = False,
    ) -> None:
        changes = given(name=None if name is None else clean(name), position=position)
        words.change(context, center, ref, as_json=as_json, **changes)

    @group.command("deactivate", help=words.help["deactivate"])
    def deactivate(
        context: typer.Context,
        ref: Annotated[str, words.argument],
        center: CenterOption = None,
        as_json: JsonFlag = False,
    ) -> None:
        words.change(context, center, ref, as_json=as_json, is_active=False)

    @group.command("restore", help=words.help["restore"])
    def restore(
        context: typer.Context,
        ref: Annotated[str, words.argument],
        center: CenterOption = None,
        as_json: JsonFlag = False,
    ) -> None:
        words.change(context, center, ref, as_json=as_json, is_active=True)

    return group


def _add_type(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="Fixed for life: a-z, 0-9, - and _.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people read.")],
    position: Annotated[int | None, _POSITION] = None,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    with open_center(context, center) as work:
        print_record(work.vocabulary.add_sample_type(code, clean(name), position), as_json=as_json)


def _add_reason(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="REASON", help="Its words, such as Haemolysed.")],
    position: Annotated[int | None, _POSITION] = None,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    with open_center(context, center) as work:
        print_record(work.vocabulary.add_rejection_reason(clean(name), position), as_json=as_json)


types = _commands(
    _WordList[ListedType](
        read=lambda vocabulary, inactive: vocabulary.sample_types(include_inactive=inactive),
        is_named=lambda each, ref: each.code == ref,
        save=lambda vocabulary, changed: vocabulary.change_sample_type(changed),
        unknown="There is no such sample type.",
        columns=("code", "name", "position", "is_active"),
        argument=typer.Argument(metavar="CODE", help="The type's code, such as blood."),
        help={
            "list": "List what samples of the center may be of, in the center's order.",
            "add": "Add a type.",
            "update": "Change a type's name or place; its code stays.",
            "deactivate": "Give a type to no further sample; samples that have it keep it.",
            "restore": "Offer a deactivated type again.",
        },
    ),
    _add_type,
)
reasons = _commands(
    _WordList[RejectionReason](
        read=lambda vocabulary, inactive: vocabulary.rejection_reasons(include_inactive=inactive),
        # By id, or by its words in any letter case.
        is_named=lambda each, ref: clean(ref).casefold() in (str(each.id), each.name.casefold()),
        save=lambda vocabulary, changed: vocabulary.change_rejection_reason(changed),
        unknown="There is no such reason.",
        columns=("name", "position", "is_active", "id"),
        argument=typer.Argument(metavar="REASON", help="Its words or id."),
        help={
            "list": "List what is offered where a sample is rejected, in the center's order.",
            "add": "Add a reason.",
            "update": "Change a reason's words or place; samples that were rejected for it keep the words of that day.",
            "deactivate": "Offer a reason no more.",
            "restore": "Offer a deactivated reason again.",
        },
    ),
    _add_reason,
)
