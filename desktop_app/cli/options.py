"""Options and values that several commands share."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from desktop_app.domain.drafts import parse_object
from desktop_app.domain.field_filters import FieldCondition
from desktop_app.domain.paging import CLI_LIMIT
from desktop_app.domain.sorting import NEWEST_SAMPLES, Field, OwnField, SampleField, SampleOrder, Sort
from desktop_app.errors import InvalidInputError

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CenterOption = Annotated[
    str | None,
    typer.Option("--center", help="The center: name, slug or id.", envvar="LABKEEP_CENTER", show_envvar=True),
]
LimitOption = Annotated[int, typer.Option("--limit", min=1, help="At most so many.")]
SORT = typer.Option("--sort", help="What to sort by; without, the newest come first.")
SampleSort = Annotated[
    str | None,
    typer.Option(
        "--sort",
        metavar=f"[{'|'.join(SampleField)}|FIELD]",
        help="What to sort by, also a field of the center; without, the newest come first.",
    ),
]
DescendingFlag = Annotated[bool, typer.Option("--descending", help="With --sort: the other way round.")]
AllFlag = Annotated[bool, typer.Option("--all", help="Also the inactive ones.")]
BinFlag = Annotated[
    bool, typer.Option("--bin", help="Only the inactive ones: what can be restored or deleted for good.")
]
SearchOption = Annotated[str, typer.Option("--search", help="Words to look for.")]
NewKeyFlag = Annotated[
    bool,
    typer.Option("--new-key/--no-new-key", help="Give the centers that the person leaves a new key (the default)."),
]
DsnOption = Annotated[
    str | None,
    typer.Option("--dsn", help="The database administrator's connection, without a password; or LABKEEP_DSN."),
]
DsnFileOption = Annotated[
    Path | None, typer.Option("--dsn-file", help="File with the database administrator's connection.")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; goes on the record.")]
PasswordFileOption = Annotated[
    Path | None, typer.Option("--password-file", help="File with the person's first password; without, one is made.")
]
KeepPasswordFlag = Annotated[
    bool, typer.Option("--keep-password", help="The password need not be changed at the first sign-in.")
]
DEFAULT_LIMIT = CLI_LIMIT


def sorted_by(field: Field | None, newest: Sort[Field], *, descending: bool) -> Sort[Field]:
    """The order of --sort and --descending, or *newest* first."""
    if descending and field is None:
        raise typer.BadParameter("--descending goes with --sort")
    return newest if field is None else Sort(field, descending)


def samples_sorted_by(text: str | None, *, descending: bool) -> Sort[SampleOrder]:
    """The same of samples: by what all have, or by a field of the center, which is said by its name or key."""
    order: SampleOrder | None = None
    if text is not None:
        is_known = text in {*SampleField} or OwnField.is_said(text)
        order = OwnField.parse(text) if is_known else OwnField.of(text)
    return sorted_by(order, NEWEST_SAMPLES, descending=descending)


def parse_since(text: str | None) -> datetime | None:
    """The moment from which on: a date (its first moment here) or an ISO time."""
    return None if text is None else _moment(text, "--since")


def parse_until(text: str | None) -> datetime | None:
    """The moment before which: a bare date counts to its end, as people mean it."""
    if text is None:
        return None
    return _moment(text, "--until", timedelta(days=1 if _is_date(text) else 0))


def parse_moment(text: str | None, option: str) -> datetime | None:
    """A moment from an ISO date or time; empty text is none."""
    return _moment(text, option) if text else None


def _moment(text: str, option: str, later: timedelta = timedelta()) -> datetime:
    try:
        # Without an offset this computer's time zone is meant.
        return datetime.fromisoformat(text).astimezone(UTC) + later
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter("a date or time such as 2026-11-21 or 2026-11-21T14:30", param_hint=option) from error


def _is_date(text: str) -> bool:
    return len(text) <= len("2026-11-21")


def parse_json_object(text: str | None, field: str) -> Mapping[str, Any] | None:
    """A JSON object from an option; InvalidInputError on *field* if it is none, None if the option is absent."""
    if text is None:
        return None
    try:
        return parse_object(text)
    except ValueError as error:
        raise InvalidInputError({field: str(error)}) from error


def parse_conditions(texts: list[str] | None, option: str) -> tuple[FieldCondition, ...]:
    """Conditions on fields, such as ``tube=EDTA`` and ``volume_ml>2``."""
    try:
        return tuple(map(FieldCondition.parse, texts or ()))
    except InvalidInputError as error:
        raise typer.BadParameter(" ".join(error.problems.values()), param_hint=option) from error


def named_path(text: str) -> Path:
    """A path that was named: nothing at all (an empty variable of a script) is not the current folder."""
    if not text:
        raise typer.BadParameter("the path is empty")
    return Path(text)


def given(**options: Any) -> dict[str, Any]:
    """The options that were given; wrong usage if none was."""
    changes = {name: value for name, value in options.items() if value is not None}
    if not changes:
        raise typer.BadParameter("nothing to change was given; name at least one field")
    return changes
