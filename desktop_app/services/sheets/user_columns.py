"""What stands in a sheet's columns about people: which column is which field, and what a person's rows are."""

from collections.abc import Iterator, Mapping, Sequence

from desktop_app.domain.records import User
from desktop_app.domain.sheets import SheetFields, plain_heading
from desktop_app.errors import RefusedError
from desktop_app.services.sheets.chosen_columns import chosen_columns

HEADINGS = {
    "username": "User name",
    "email": "Email",
    "first_name": "First name",
    "last_name": "Last name",
    "phone": "Phone",
    "role": "Role",
    "center": "Center",
    "until": "Until",
}
"""The fields that come in and go out, and what a sheet calls them."""
WHOLE_NAME = "name"
INCOMING = HEADINGS | {WHOLE_NAME: "Name"}
"""What comes in: also first and last name in one, as the list of users shows them."""
SHOWN_ONLY = {"is_active": "Active", "created_at": "Created at", "last_sign_in": "Last sign-in", "id": "Id"}
_ALSO = {
    WHOLE_NAME: ("full name", "display name"),
    "username": ("user", "login", "account"),
    "email": ("mail", "email address"),
    "first_name": ("given name", "forename"),
    "last_name": ("surname", "family name"),
    "phone": ("telephone", "phone number", "telephone number"),
    "until": ("last day",),
}
_NAMED = {
    plain_heading(word): field
    for field, heading in INCOMING.items()
    for word in (field, heading, *_ALSO.get(field, ()))
}


_PARTS = {"first_name", "last_name"}


def user_fields(headings: Sequence[str]) -> SheetFields:
    """What the columns under these headings may come in as."""
    named = tuple(_NAMED.get(plain_heading(each), "") for each in headings)
    if _PARTS & set(named):
        named = tuple("" if each == WHOLE_NAME else each for each in named)
    return SheetFields(tuple(INCOMING.items()), named)


def columns_of(headings: Sequence[str], mapping: Mapping[str, str]) -> dict[int, str]:
    """Which column is which field: by *mapping* (heading to field, or to nothing), else by its own name.

    RefusedError for a heading or field that there is not, two columns of one field, and where one that everybody must
    have is missing.
    """
    by_itself = dict(zip(headings, user_fields(headings).named, strict=True))
    chosen = chosen_columns(headings, mapping, by_itself.__getitem__, _mapped, INCOMING.__getitem__)
    if WHOLE_NAME in chosen.values() and _PARTS & set(chosen.values()):
        raise RefusedError("Name is first and last name in one: leave out the one or the others.")
    for field in ("username", "email", "role"):
        if field not in chosen.values():
            raise RefusedError(
                "No column of the sheet is {field}. Say which one it is; there are {columns}.",
                field=HEADINGS[field],
                columns=list(headings),
            )
    return chosen


def parts_of(name: str) -> tuple[str, str]:
    """First and last name of a person's whole name: the last word is the last name."""
    first, _, last = " ".join(name.split()).rpartition(" ")
    return (first, last) if first else (last, "")


def _mapped(name: str) -> str:
    field = _NAMED.get(plain_heading(name)) if name else ""
    if field is None:
        raise RefusedError("{field} is no field that comes in. There are {fields}.", field=name, fields=list(INCOMING))
    return field


def rows_of(user: User) -> Iterator[list[str | float]]:
    """A person's rows: one for each place that may be seen."""
    places = [(each.role.value, each.center or str(each.center_id), each.until) for each in user.memberships]
    if user.is_system:
        places = [("admin", "", None)]
    for role, center, until in places or [("", "", None)]:
        yield [
            *(user.username, user.email, user.first_name, user.last_name, user.phone),
            *(role, center, "" if until is None else until.isoformat()),
            "yes" if user.is_active else "no",
            user.created_at.astimezone().isoformat(sep=" "),
            "" if user.last_sign_in is None else user.last_sign_in.astimezone().isoformat(sep=" "),
            str(user.id),
        ]
