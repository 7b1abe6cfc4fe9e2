"""Which column of a sheet is which field: as somebody says, else by its own heading."""

from collections.abc import Callable, Mapping, Sequence

from desktop_app.domain.sheets import plain_heading
from desktop_app.errors import RefusedError


def chosen_columns(
    headings: Sequence[str],
    mapping: Mapping[str, str],
    field_of: Callable[[str], str | None],
    mapped: Callable[[str], str],
    heading_of: Callable[[str], str],
) -> dict[int, str]:
    """The field of each column that comes in, by *mapping* (heading to field, or to nothing: read by *mapped*).

    *field_of* says which field a heading names (nothing: none), *heading_of* what a sheet calls a field. RefusedError
    for a heading that the sheet does not have, and for two columns of one field; what *mapped* raises.
    """
    said = {_place(headings, heading): mapped(name) for heading, name in mapping.items()}
    chosen: dict[int, str] = {}
    for place, heading in enumerate(headings):
        field = said[place] if place in said else field_of(heading)
        if not field:
            continue
        if field in chosen.values():
            raise RefusedError("Two columns are to be {field}: choose one.", field=heading_of(field))
        chosen[place] = field
    return chosen


def _place(headings: Sequence[str], wanted: str) -> int:
    exact = [place for place, heading in enumerate(headings) if heading == wanted]
    found = exact or [place for place, each in enumerate(headings) if plain_heading(each) == plain_heading(wanted)]
    if not found:
        raise RefusedError("The sheet has no column {column}; it has {columns}.", column=wanted, columns=list(headings))
    return found[0]
