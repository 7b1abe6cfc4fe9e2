"""Whether a center's schema is what its template makes: no table, column, right, function or policy more or less."""

from collections.abc import Iterator

from desktop_app.db import schema_shape
from desktop_app.db.migrate import heads
from desktop_app.domain.findings import Finding
from desktop_app.message import Message
from desktop_app.services.context.center_context import CenterContext

_LONGEST = 100
_MIGRATE = Message("The database's administrator runs labkeep-admin migrate.")
_DRIFT = Message("Ask the database's administrator who changed it; what is right stands in the migrations.")


def look(context: CenterContext) -> Iterator[Finding]:
    """What differs, one finding for each thing that is there, missing, or otherwise."""
    center = context.center
    with context.person.shared.begin() as session:
        expected = set(schema_shape.expected_shape(session))
        found = set(schema_shape.shape(session, center.schema_name))
    if context.center.schema_rev != heads().center:
        text = Message("The schema is at another revision than this program's, and was not compared.")
        yield Finding("schema_behind", text, _MIGRATE, center.name, center.id)
        return
    if not expected:
        text = Message("Nobody looked yet what a schema is like on this version of the server; it was not compared.")
        yield Finding("schema_not_compared", text, _MIGRATE, center.name, center.id)
        return
    for line in sorted(found - expected):
        text = Message("The schema has what it should not: {what}", what=_short(line))
        yield Finding("schema_drift", text, _DRIFT, center.name, center.id)
    for line in sorted(expected - found):
        text = Message("The schema lacks what it should have: {what}", what=_short(line))
        yield Finding("schema_drift", text, _DRIFT, center.name, center.id)


def _short(line: str) -> str:
    first = " ".join(line.split())
    return first if len(first) <= _LONGEST else f"{first[:_LONGEST]}…"
