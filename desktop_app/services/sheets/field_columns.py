"""What stands in a sheet's columns about fields: which column is which property, and each as the text of a cell."""

from collections.abc import Mapping, Sequence

from desktop_app.domain.fields import DefinedField, choices_text
from desktop_app.domain.sheets import SheetFields, plain_heading
from desktop_app.errors import RefusedError
from desktop_app.services.sheets.chosen_columns import chosen_columns
from desktop_app.services.sheets.sample_columns import CenterWords

HEADINGS = {
    "name": "Name",
    "kind": "Kind",
    "unit": "Unit",
    "choices": "Choices",
    "required": "Required",
    "sample_types": "Types",
    "position": "Order",
    "is_active": "Active",
    "key": "Key",
}
"""The properties that come in, and what a sheet calls them; all of them go out."""
_ALSO = {
    "name": ("field", "field name"),
    "unit": ("units",),
    "choices": ("choice", "options"),
    "sample_types": ("type", "sample types", "sample type"),
    "position": ("place",),
    "is_active": ("in use",),
}
_NAMED = {
    plain_heading(word): name for name, heading in HEADINGS.items() for word in (name, heading, *_ALSO.get(name, ()))
}


def field_fields(headings: Sequence[str]) -> SheetFields:
    """What the columns under these headings may come in as."""
    return SheetFields(tuple(HEADINGS.items()), tuple(_NAMED.get(plain_heading(each), "") for each in headings))


def columns_of(headings: Sequence[str], mapping: Mapping[str, str]) -> dict[int, str]:
    """Which column is which property: by *mapping* (heading to property, or to nothing), else by its own name.

    RefusedError for a heading or property that there is not, two columns of one property, and where no column says
    which field a row is.
    """
    chosen = chosen_columns(
        headings, mapping, lambda heading: _NAMED.get(plain_heading(heading)), _mapped, HEADINGS.__getitem__
    )
    if not {"name", "key"} & set(chosen.values()):
        raise RefusedError(
            "No column of the sheet is {field}. Say which one it is; there are {columns}.",
            field=HEADINGS["name"],
            columns=list(headings),
        )
    return chosen


def cell_text(words: CenterWords, field: DefinedField, name: str) -> str:
    """A property of a field as a cell has it."""
    match name:
        case "kind":
            return field.kind.value
        case "choices":
            return choices_text(field.choices)
        case "sample_types":
            return choices_text(map(words.type_text, field.sample_types))
        case "required" | "is_active":
            return "yes" if getattr(field, name) else "no"
    return str(getattr(field, name))


def _mapped(name: str) -> str:
    found = _NAMED.get(plain_heading(name)) if name else ""
    if found is None:
        raise RefusedError("{field} is no field that comes in. There are {fields}.", field=name, fields=list(HEADINGS))
    return found
