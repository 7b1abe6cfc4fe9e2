"""What stands in a sheet's columns about samples: which column is which field, and each value as the text of a cell."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from desktop_app.domain.fields import DefinedField
from desktop_app.domain.records import ListedType, Person, Sample
from desktop_app.domain.sheets import plain_heading
from desktop_app.errors import RefusedError
from desktop_app.services.sheets.chosen_columns import chosen_columns

OF_METADATA = "metadata."
"""A column that has this before its heading is the key after it of a sample's metadata."""
HEADINGS = {
    "barcode": "Barcode",
    "name": "Name",
    "sample_type": "Type",
    "description": "Description",
    "user_id": "Responsible",
    "collected_at": "Collected at",
    "collected_place": "Collected place",
    "results": "Results",
}
"""The fields that come in, and what a sheet calls them."""
SHOWN_ONLY = {
    "status": "Status",
    "rejection_reason": "Rejection reason",
    "is_active": "Active",
    "documents": "Documents",
    "created_at": "Created at",
    "created_by": "Created by",
    "updated_at": "Changed at",
    "updated_by": "Changed by",
    "processing_started_at": "Started at",
    "processing_completed_at": "Completed at",
    "id": "Id",
}
"""What goes out and does not come in: it is the database's, or has verbs of its own."""
_ALSO = {
    "sample_type": ("sample type", "type code", "type name"),
    "user_id": ("user", "responsible person", "responsible name", "user id"),
    "collected_at": ("collected", "collection date", "date collected", "collected on"),
    "collected_place": ("place", "place of collection", "collected in"),
    "name": ("sample name", "sample"),
    "description": ("comment", "note"),
    "results": ("result",),
}
_NAMED = {
    plain_heading(word): field
    for field, heading in (HEADINGS | SHOWN_ONLY).items()
    for word in (field, heading, *_ALSO.get(field, ()))
}


@dataclass(frozen=True)
class CenterWords:
    """What cells name: the center's types and people."""

    types: tuple[ListedType, ...]
    people: tuple[Person, ...]

    def type_text(self, code: str) -> str:
        """A type's name; its code where another has the name, too."""
        names = [each.name for each in self.types]
        name = next((each.name for each in self.types if each.code == code), code)
        is_its_own = names.count(name) == 1 and all(each.code != name or each.code == code for each in self.types)
        return name if is_its_own else code

    def type_code(self, text: str) -> str | None:
        """The code of the type in use that has this code or, in any case, this name; None for none or several."""
        in_use = [each for each in self.types if each.is_active]
        if any(each.code == text for each in in_use):
            return text
        wanted = text.strip().casefold()
        found = [each.code for each in in_use if wanted in (each.code, each.name.casefold())]
        return found[0] if len(found) == 1 else None

    def former_type_code(self, text: str) -> str | None:
        """The same of the types that are out of use: a field may be for samples of one."""
        out_of_use = tuple(replace(each, is_active=True) for each in self.types if not each.is_active)
        return CenterWords(out_of_use, ()).type_code(text)

    def person_text(self, person_id: UUID) -> str:
        """A person's user name, which is his own."""
        return next((each.username for each in self.people if each.id == person_id), str(person_id))

    def person_id(self, text: str) -> UUID | None:
        """The member of this user name or, where only one has it, display name; None for none or several."""
        members = [each for each in self.people if each.member_until is None]
        wanted = text.strip().casefold()
        exact = [each.id for each in members if each.username == wanted]
        found = exact or [each.id for each in members if each.display_name.casefold() == wanted]
        return found[0] if len(found) == 1 else None


def heading_of(field: str, fields: Sequence[DefinedField]) -> str:
    """What a sheet calls the column of a field; ``field_named`` finds the field by it."""
    if not field.startswith(OF_METADATA):
        return (HEADINGS | SHOWN_ONLY)[field]
    key = field.removeprefix(OF_METADATA)
    name = next((each.name for each in fields if each.key == key), "")
    return name if name and field_named(name, fields) == field else field


def field_named(text: str, fields: Sequence[DefinedField]) -> str | None:
    """The field that a heading or the right side of a --map names; ``metadata.KEY`` for a key and a center's field."""
    if text.startswith(OF_METADATA) and len(text) > len(OF_METADATA):
        return text
    plain = plain_heading(text)
    if plain in _NAMED:
        return _NAMED[plain]
    found = [each.key for each in fields if plain_heading(each.name) == plain]
    found = found or [each.key for each in fields if plain_heading(each.key) == plain]
    # As the list shows it, and copies it.
    found = found or [each.key for each in fields if each.unit and plain_heading(each.name + each.unit) == plain]
    return f"{OF_METADATA}{found[0]}" if len(found) == 1 else None


def columns_of(headings: Sequence[str], mapping: Mapping[str, str], fields: Sequence[DefinedField]) -> dict[int, str]:
    """Which column is which field: by *mapping* (heading to field, or to nothing), else by its own name.

    RefusedError for a heading or field that there is not, and for two columns of one field.
    """
    return chosen_columns(
        headings,
        mapping,
        lambda heading: _coming_in(field_named(heading, fields)),
        lambda name: _mapped(name, fields),
        lambda field: heading_of(field, fields),
    )


def _coming_in(field: str | None) -> str:
    return "" if field is None or field in SHOWN_ONLY else field


def _mapped(name: str, fields: Sequence[DefinedField]) -> str:
    field = field_named(name, fields) if name else ""
    if field is None or field in SHOWN_ONLY:
        raise RefusedError(
            "{field} is no field that comes in. There are {fields}, and metadata.KEY.",
            field=name,
            fields=[*HEADINGS, *(each.key for each in fields)],
        )
    return field


def cell_text(words: CenterWords, sample: Sample, field: str) -> str:
    """A sample's value as a cell has it."""
    if field.startswith(OF_METADATA):
        return metadata_text(sample.metadata.get(field.removeprefix(OF_METADATA)))
    match field:
        case "sample_type":
            return words.type_text(sample.sample_type)
        case "user_id":
            return words.person_text(sample.user_id)
    value = getattr(sample, field)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone().isoformat(sep=" ")
    return str(value)


def metadata_text(value: Any) -> str:
    """A value of metadata as a cell has it: a text as it is, yes or no, anything else as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
