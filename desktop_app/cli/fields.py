"""labkeep-admin field: what a center keeps of its samples in fields of its own."""

from dataclasses import replace
from typing import Annotated

import typer

from desktop_app.cli.context import open_center
from desktop_app.cli.field_sheets import export_fields, import_fields
from desktop_app.cli.options import AllFlag, CenterOption, JsonFlag, given
from desktop_app.cli.output import print_record, print_records
from desktop_app.domain.fields import LARGEST_PLACE, FieldDraft, FieldKind, choices_of
from desktop_app.domain.text_rules import clean

app = typer.Typer(no_args_is_help=True)
app.command("import")(import_fields)
app.command("export")(export_fields)
FieldArgument = Annotated[str, typer.Argument(metavar="FIELD", help="Its name or id.")]
ChoicesOption = Annotated[
    str | None, typer.Option("--choices", metavar="A,B", help="What a choice offers; quotes around one with a comma.")
]
TypesOption = Annotated[
    list[str] | None,
    typer.Option("--type", metavar="TYPE", help="Only for samples of this type; may be repeated. Without, for all."),
]
_POSITION = typer.Option("--position", min=0, max=LARGEST_PLACE, help="Where it stands; the least first.")
_UNIT = typer.Option("--unit", help="What its numbers are of, such as ml.")
COLUMNS = ("name", "kind", "unit", "choices", "required", "sample_types", "position", "is_active", "key")


@app.command("list")
def list_fields(
    context: typer.Context, include_inactive: AllFlag = False, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """List the fields of the center's samples, in the center's order."""
    with open_center(context, center) as work:
        rows = work.fields.list(include_inactive=include_inactive)
    print_records(rows, COLUMNS, as_json=as_json)


@app.command("create")
def create_field(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people read and type, such as volume_ml.")],
    kind: Annotated[FieldKind, typer.Option("--kind", help="What it takes.")],
    unit: Annotated[str, _UNIT] = "",
    choices: ChoicesOption = None,
    required: Annotated[bool, typer.Option("--required", help="No new sample without it.")] = False,
    sample_types: TypesOption = None,
    position: Annotated[int | None, _POSITION] = None,
    key: Annotated[
        str, typer.Option("--key", help="Under what metadata has the value already; without, the name.")
    ] = "",
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Define a field; in a sample's metadata its value has the name that it is given here, for life."""
    draft = FieldDraft(
        name=clean(name),
        kind=kind,
        unit=clean(unit),
        choices=_listed(choices),
        required=required,
        sample_types=tuple(sample_types or ()),
        position=position,
    )
    with open_center(context, center) as work:
        print_record(work.fields.create(draft, clean(key)), as_json=as_json)


@app.command("update")
def update_field(
    context: typer.Context,
    field: FieldArgument,
    name: Annotated[str | None, typer.Option("--name", help="Another name; samples keep their values.")] = None,
    kind: Annotated[FieldKind | None, typer.Option("--kind")] = None,
    unit: Annotated[str | None, _UNIT] = None,
    choices: ChoicesOption = None,
    required: Annotated[bool | None, typer.Option("--required/--not-required")] = None,
    sample_types: TypesOption = None,
    all_types: Annotated[bool, typer.Option("--all-types", help="For samples of all types.")] = False,
    position: Annotated[int | None, _POSITION] = None,
    center: CenterOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Change a field; values that fit it no more stay, and are shown as such."""
    changes = given(
        name=None if name is None else clean(name),
        kind=kind,
        unit=None if unit is None else clean(unit),
        choices=None if choices is None else _listed(choices),
        required=required,
        sample_types=() if all_types else None if not sample_types else tuple(sample_types),
        position=position,
    )
    with open_center(context, center) as work:
        found = work.fields.get(clean(field))
        if kind not in (None, FieldKind.CHOICE) and choices is None:
            changes["choices"] = ()
        print_record(work.fields.update(found, replace(FieldDraft.of(found), **changes)), as_json=as_json)


@app.command("deactivate")
def deactivate_field(
    context: typer.Context, field: FieldArgument, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """Take a field out of use; samples keep their values."""
    _set_active(context, center, field, active=False, as_json=as_json)


@app.command("restore")
def restore_field(
    context: typer.Context, field: FieldArgument, center: CenterOption = None, as_json: JsonFlag = False
) -> None:
    """Take a deactivated field into use again."""
    _set_active(context, center, field, active=True, as_json=as_json)


def _set_active(context: typer.Context, center: str | None, ref: str, *, active: bool, as_json: bool) -> None:
    with open_center(context, center) as work:
        print_record(work.fields.set_active(work.fields.get(clean(ref)), active=active), as_json=as_json)


def _listed(text: str | None) -> tuple[str, ...]:
    return choices_of(clean(text or ""))
