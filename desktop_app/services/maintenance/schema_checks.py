"""Whether schemas are what the migrations make: no table, column, right, function or policy more or less."""

from collections.abc import Iterator
from uuid import UUID

from desktop_app.db import registry, schema_shape
from desktop_app.db.migrate import heads
from desktop_app.domain.findings import Finding
from desktop_app.domain.records import Center
from desktop_app.message import Message
from desktop_app.services.context.person_context import PersonContext

_LONGEST = 100
_MIGRATE = Message("The database's administrator runs labkeep-admin migrate.")
_DRIFT = Message("Ask the database's administrator who changed it; what is right stands in the migrations.")


def look(person: PersonContext, center: Center) -> Iterator[Finding]:
    """What differs in a center's schema, also a closed one's: one finding for each thing that is there, or missing."""
    with person.shared.begin() as session:
        expected = set(schema_shape.expected_shape(session))
        found = set(schema_shape.shape(session, center.schema_name))
    if not center.is_active:
        expected = {_closed(line) for line in expected}
    if center.schema_rev != heads().center:
        text = Message("The schema is at another revision than this program's, and was not compared.")
        yield Finding("schema_behind", text, _MIGRATE, center.name, center.id)
        return
    yield from _compared(found, expected, center.name, center.id)


def _closed(line: str) -> str:
    """The schema's own line without those who may go in: closing takes it from them (api.set_center_active)."""
    kind, _, rest = line.partition(" ")
    if kind != "schema":
        return line
    owner, _, rights = rest.partition(" ")
    left = [each for each in rights.split(",") if not each.startswith(("center_HEX_viewer=", "labkeep_platform="))]
    return f"schema {owner} {','.join(left)}"


def look_shared(person: PersonContext) -> Iterator[Finding]:
    """The same of the schemas that all centers share."""
    with person.shared.begin() as session:
        expected = set(schema_shape.expected_shared_shape(session))
        found = set(schema_shape.shared_shape(session))
        revision = registry.shared_revision(session)
    if revision != heads().shared:
        text = Message("The shared schemas are at another revision than this program's, and were not compared.")
        yield Finding("schema_behind", text, _MIGRATE)
        return
    yield from _compared(found, expected)


def _compared(found: set[str], expected: set[str], name: str = "", center_id: UUID | None = None) -> Iterator[Finding]:
    if not expected:
        text = Message("Nobody looked yet what a schema is like on this version of the server; it was not compared.")
        yield Finding("schema_not_compared", text, _MIGRATE, name, center_id)
        return
    for line in sorted(found - expected):
        text = Message("The schema has what it should not: {what}", what=_short(line))
        yield Finding("schema_drift", text, _DRIFT, name, center_id)
    for line in sorted(expected - found):
        text = Message("The schema lacks what it should have: {what}", what=_short(line))
        yield Finding("schema_drift", text, _DRIFT, name, center_id)


def _short(line: str) -> str:
    first = " ".join(line.split())
    return first if len(first) <= _LONGEST else f"{first[:_LONGEST]}…"
